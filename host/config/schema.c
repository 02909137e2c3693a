#include "host/config/schema.h"

#include <stdio.h>
#include <string.h>

#include "host/config/config.h"
#include "host/gateway/ouch.h"
#include "host/trade/limits.h"

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT
#define TEXT(key, flags, type, member, min, max)                                                                       \
    CYAML_FIELD_STRING_PTR(key, (flags) | CYAML_FLAG_POINTER, type, member, min, max)

static const cyaml_strval_t yes_or_no[] = {{"no", 0}, {"yes", 1}, {"false", 0}, {"true", 1}};
static const cyaml_strval_t link_types[] = {{"sim", WT_LINK_SIM}, {"pci", WT_LINK_PCI}, {"udp", WT_LINK_UDP}};

static const cyaml_schema_field_t link_fields[] = {
    CYAML_FIELD_ENUM("type", OPTIONAL | CYAML_FLAG_STRICT, struct wt_config, link.type, link_types, 3),
    TEXT("card", OPTIONAL, struct wt_config, link.card, 0, 15),
    TEXT("dma", OPTIONAL, struct wt_config, link.dma, 0, 4096),
    CYAML_FIELD_ENUM("no_iommu", OPTIONAL | CYAML_FLAG_STRICT, struct wt_config, link.no_iommu, yes_or_no, 4),
    TEXT("model", OPTIONAL, struct wt_config, link.model, 0, 4096),
    CYAML_FIELD_UINT("posted_write_ns", OPTIONAL, struct wt_config, link.posted_write_ns),
    CYAML_FIELD_UINT("read_ns", OPTIONAL, struct wt_config, link.read_ns),
    CYAML_FIELD_UINT("max_payload", OPTIONAL, struct wt_config, link.max_payload),
    CYAML_FIELD_END};

static const cyaml_schema_value_t symbol_name = {CYAML_VALUE_STRING(CYAML_FLAG_DEFAULT, char[9], 1, 8)};

static const cyaml_strval_t recoveries[] = {
    {"none", WT_RECOVERY_NONE}, {"snapshot", WT_RECOVERY_SNAPSHOT}, {"rerequest", WT_RECOVERY_REREQUEST}};

const cyaml_strval_t wt_dialect_names[2] = {{"ouch50", WT_OUCH_50}, {"ouch42", WT_OUCH_42}};

static const cyaml_schema_field_t feed_fields[] = {
    TEXT("group", OPTIONAL, struct wt_config, feed.group, 1, 15),
    CYAML_FIELD_UINT("port", OPTIONAL, struct wt_config, feed.port),
    CYAML_FIELD_SEQUENCE("symbols", OPTIONAL | CYAML_FLAG_POINTER, struct wt_config, feed.symbols, &symbol_name, 0,
                         65535),
    CYAML_FIELD_ENUM("recovery", OPTIONAL | CYAML_FLAG_STRICT, struct wt_config, feed.recovery, recoveries, 3),
    CYAML_FIELD_END};

static const cyaml_schema_field_t login_fields[] = {
    CYAML_FIELD_STRING("username", CYAML_FLAG_DEFAULT, struct wt_config_login, username, 1),
    CYAML_FIELD_STRING("password", CYAML_FLAG_DEFAULT, struct wt_config_login, password, 1), CYAML_FIELD_END};
static const cyaml_schema_value_t login = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct wt_config_login, login_fields)};
static const cyaml_schema_value_t processor = {CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t)};

static const cyaml_schema_field_t exchange_fields[] = {
    TEXT("file", OPTIONAL, struct wt_config, exchange.file, 0, 4096),
    TEXT("venue", OPTIONAL, struct wt_config, exchange.venue, 0, 4096),
    TEXT("connect", OPTIONAL, struct wt_config, exchange.connect, 0, 21),
    TEXT("connect_b", OPTIONAL, struct wt_config, exchange.connect_b, 0, 21),
    CYAML_FIELD_ENUM("dialect", OPTIONAL | CYAML_FLAG_STRICT, struct wt_config, exchange.dialect, wt_dialect_names, 2),
    CYAML_FIELD_UINT("busy_poll_us", OPTIONAL, struct wt_config, exchange.busy_poll_us),
    CYAML_FIELD_UINT("silence_ms", OPTIONAL, struct wt_config, exchange.silence_ms),
    TEXT("listen_a", OPTIONAL, struct wt_config, exchange.listen_a, 0, 21),
    TEXT("listen_b", OPTIONAL, struct wt_config, exchange.listen_b, 0, 21),
    TEXT("interface", OPTIONAL, struct wt_config, exchange.interface, 0, 15),
    CYAML_FIELD_STRING("username", OPTIONAL, struct wt_config, exchange.username, 1),
    CYAML_FIELD_STRING("password", OPTIONAL, struct wt_config, exchange.password, 1),
    CYAML_FIELD_SEQUENCE("logins", OPTIONAL | CYAML_FLAG_POINTER, struct wt_config, exchange.logins, &login, 0,
                         WT_LOOPS_MAX),
    CYAML_FIELD_UINT("order_in_ns", OPTIONAL, struct wt_config, exchange.order_in_ns),
    CYAML_FIELD_UINT("order_out_ns", OPTIONAL, struct wt_config, exchange.order_out_ns),
    CYAML_FIELD_UINT("packet_window_ns", OPTIONAL, struct wt_config, exchange.packet_window_ns),
    TEXT("rerequest", OPTIONAL, struct wt_config, exchange.rerequest, 0, 21),
    TEXT("glimpse", OPTIONAL, struct wt_config, exchange.glimpse, 0, 21),
    CYAML_FIELD_STRING("glimpse_username", OPTIONAL, struct wt_config, exchange.glimpse_username, 1),
    CYAML_FIELD_STRING("glimpse_password", OPTIONAL, struct wt_config, exchange.glimpse_password, 1),
    CYAML_FIELD_UINT("loss_a_ppm", OPTIONAL, struct wt_config, exchange.loss_a_ppm),
    CYAML_FIELD_UINT("loss_b_ppm", OPTIONAL, struct wt_config, exchange.loss_b_ppm),
    CYAML_FIELD_UINT("snapshot_ns", OPTIONAL, struct wt_config, exchange.snapshot_ns),
    TEXT("order_in", OPTIONAL, struct wt_config, exchange.order_in, 0, 4096),
    TEXT("order_out", OPTIONAL, struct wt_config, exchange.order_out, 0, 4096),
    TEXT("market_data", OPTIONAL, struct wt_config, exchange.market_data, 0, 4096),
    CYAML_FIELD_END};

static const cyaml_schema_field_t host_fields[] = {
    CYAML_FIELD_UINT("callback_ns", OPTIONAL, struct wt_config, host.callback_ns),
    CYAML_FIELD_UINT("callback_jitter_ns", OPTIONAL, struct wt_config, host.callback_jitter_ns),
    CYAML_FIELD_UINT("cpu", OPTIONAL, struct wt_config, host.cpu),
    CYAML_FIELD_UINT("loops", OPTIONAL, struct wt_config, host.loops),
    CYAML_FIELD_UINT("loop", OPTIONAL, struct wt_config, host.loop),
    CYAML_FIELD_SEQUENCE("cpus", OPTIONAL | CYAML_FLAG_POINTER, struct wt_config, host.cpus, &processor, 0,
                         WT_LOOPS_MAX),
    TEXT("control", OPTIONAL, struct wt_config, host.control, 0, 3800),
    CYAML_FIELD_END};

static const cyaml_strval_t loss_actions[] = {
    {"reduce_only", WT_LOSS_REDUCE_ONLY}, {"flatten", WT_LOSS_FLATTEN}, {"kill", WT_LOSS_KILL}};
#define CHOICE(key, type, member, values)                                                                              \
    CYAML_FIELD_ENUM(key, OPTIONAL | CYAML_FLAG_STRICT, type, member, values, sizeof(values) / sizeof(values)[0])
#define NUMBER(key, flags, member) CYAML_FIELD_UINT(key, flags, struct wt_config, member)

/* One list of limits for the three levels. required: those the firm's level must have. */
#define LIMIT(key, flags, type) CYAML_FIELD_UINT(#key, flags, type, limits.key)
#define LIMITS(required, type)                                                                                         \
    LIMIT(max_order_shares, required, type), LIMIT(max_order_dollars, required, type),                                 \
        LIMIT(max_position, required, type), LIMIT(max_gross_dollars, required, type),                                 \
        LIMIT(collar_bps, required, type), LIMIT(max_open_per_symbol, required, type),                                 \
        LIMIT(max_open_orders, required, type), LIMIT(orders_per_second, required, type),                              \
        LIMIT(burst, required, type), LIMIT(max_loss_dollars, required, type),                                         \
        LIMIT(max_quote_age_ms, OPTIONAL, type), LIMIT(tick, OPTIONAL, type), LIMIT(lot, OPTIONAL, type),              \
        CYAML_FIELD_SEQUENCE("restricted", OPTIONAL | CYAML_FLAG_POINTER, type, limits.restricted, &symbol_name, 0,    \
                             65535),                                                                                   \
        LIMIT(collar_last_bps, OPTIONAL, type), LIMIT(max_long, OPTIONAL, type), LIMIT(max_short, OPTIONAL, type),     \
        LIMIT(max_symbol_dollars, OPTIONAL, type), LIMIT(max_net_dollars, OPTIONAL, type),                             \
        LIMIT(max_open_dollars, OPTIONAL, type), CHOICE("no_self_match", type, limits.no_self_match, yes_or_no),       \
        LIMIT(duplicate_us, OPTIONAL, type), LIMIT(max_repeats, OPTIONAL, type), LIMIT(repeat_us, OPTIONAL, type),     \
        LIMIT(cancels_per_second, OPTIONAL, type), LIMIT(cancel_burst, OPTIONAL, type),                                \
        LIMIT(messages_per_second, OPTIONAL, type), LIMIT(message_burst, OPTIONAL, type),                              \
        LIMIT(max_drawdown_dollars, OPTIONAL, type), CHOICE("on_loss", type, limits.on_loss, loss_actions)

static const cyaml_schema_field_t risk_fields[] = {LIMITS(REQUIRED, struct wt_config), CYAML_FIELD_END};

/* Members of an entry: offsets from its beginning, as those of the sections below. */
#define INNER(key_, type_, fields_)                                                                                    \
    {                                                                                                                  \
        .key = (key_), .data_offset = 0, .value = {                                                                    \
            .type = CYAML_MAPPING,                                                                                     \
            .flags = OPTIONAL,                                                                                         \
            .data_size = sizeof(type_),                                                                                \
            .mapping = {.fields = (fields_)},                                                                          \
        }                                                                                                              \
    }

static const cyaml_schema_field_t account_limits[] = {LIMITS(OPTIONAL, struct wt_config_account), CYAML_FIELD_END};
static const cyaml_schema_field_t strategy_limits[] = {LIMITS(OPTIONAL, struct wt_config_strategy), CYAML_FIELD_END};

static const cyaml_schema_field_t safety_fields[] = {
    NUMBER("heartbeat_ms", OPTIONAL, safety.heartbeat_ms), NUMBER("silence_ms", OPTIONAL, safety.silence_ms),
    CHOICE("cancel_on_start", struct wt_config, safety.cancel_on_start, yes_or_no), CYAML_FIELD_END};

static const cyaml_schema_field_t account_fields[] = {TEXT("name", REQUIRED, struct wt_config_account, name, 1, 64),
                                                      INNER("limits", struct wt_config_account, account_limits),
                                                      CYAML_FIELD_END};
static const cyaml_schema_value_t account = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct wt_config_account, account_fields)};

static const cyaml_schema_field_t fee_fields[] = {
    TEXT("flag", REQUIRED, struct wt_config_fee, flag, 1, 1),
    CYAML_FIELD_UINT("fee_millionths", OPTIONAL, struct wt_config_fee, fee_millionths),
    CYAML_FIELD_UINT("rebate_millionths", OPTIONAL, struct wt_config_fee, rebate_millionths), CYAML_FIELD_END};
static const cyaml_schema_value_t fee = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct wt_config_fee, fee_fields)};

/* The keys of params are the strategy's own: config.c reads them by its specs. */
static const cyaml_schema_field_t strategy_fields[] = {
    TEXT("name", REQUIRED, struct wt_config_strategy, name, 1, 64),
    TEXT("account", OPTIONAL, struct wt_config_strategy, account, 0, 64),
    INNER("limits", struct wt_config_strategy, strategy_limits),
    CYAML_FIELD_SEQUENCE("symbols", OPTIONAL | CYAML_FLAG_POINTER, struct wt_config_strategy, symbols, &symbol_name, 0,
                         65535),
    CYAML_FIELD_IGNORE("params", OPTIONAL),
    CYAML_FIELD_END};

static const cyaml_schema_value_t strategy = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct wt_config_strategy, strategy_fields)};

static const cyaml_schema_field_t output_fields[] = {
    TEXT("dir", OPTIONAL, struct wt_config, output.dir, 1, 3800),
    TEXT("journal", OPTIONAL, struct wt_config, output.journal, 0, 3800),
    CYAML_FIELD_UINT("journal_mb", OPTIONAL, struct wt_config, output.journal_mb),
    CYAML_FIELD_UINT("journal_files", OPTIONAL, struct wt_config, output.journal_files),
    CYAML_FIELD_BOOL("ledger", OPTIONAL, struct wt_config, output.ledger),
    CYAML_FIELD_END};

static const cyaml_schema_field_t run_fields[] = {
    CYAML_FIELD_UINT("max_messages", OPTIONAL, struct wt_config, run.max_messages),
    CYAML_FIELD_UINT("seed", OPTIONAL, struct wt_config, run.seed),
    CHOICE("resume", struct wt_config, run.resume, yes_or_no), CYAML_FIELD_END};

/* The sections are members of one structure: their fields carry offsets from its beginning. */
#define SECTION(key_, flags_, fields_)                                                                                 \
    {                                                                                                                  \
        .key = (key_), .data_offset = 0, .value = {                                                                    \
            .type = CYAML_MAPPING,                                                                                     \
            .flags = (flags_),                                                                                         \
            .data_size = sizeof(struct wt_config),                                                                     \
            .mapping = {.fields = (fields_)},                                                                          \
        }                                                                                                              \
    }

static const cyaml_schema_field_t top_fields[] = {
    SECTION("link", OPTIONAL, link_fields),
    SECTION("feed", OPTIONAL, feed_fields),
    SECTION("exchange", REQUIRED, exchange_fields),
    SECTION("host", OPTIONAL, host_fields),
    SECTION("risk", REQUIRED, risk_fields),
    SECTION("safety", OPTIONAL, safety_fields),
    CYAML_FIELD_SEQUENCE("accounts", OPTIONAL | CYAML_FLAG_POINTER, struct wt_config, accounts, &account, 0,
                         WT_ACCOUNTS_MAX),
    CYAML_FIELD_SEQUENCE("fees", OPTIONAL | CYAML_FLAG_POINTER, struct wt_config, fees, &fee, 0, 255),
    CYAML_FIELD_SEQUENCE("strategies", CYAML_FLAG_POINTER, struct wt_config, strategies, &strategy, 1,
                         WT_STRATEGIES_MAX),
    SECTION("output", OPTIONAL, output_fields),
    SECTION("run", OPTIONAL, run_fields),
    CYAML_FIELD_END};

const cyaml_schema_value_t wt_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct wt_config, top_fields)};

#define DOLLARS_MAX 100000000000u
#define SECOND 1000000000u

static const struct wt_rule rules[] = {
    {"link.type", 0, 0, "sim",
     "what stands behind the link: sim, or pci, a card on PCI Express, or udp, one on Ethernet"},
    {"link.card", 0, 0, "",
     "pci: address of the card, as 0000:42:00.0; empty: the only one there is; udp: as 192.168.57.2 or with :PORT"},
    {"link.dma", 0, 0, "",
     "pci: memory that host and card share: vfio, hugepages (each with :MB, default 64), or file:PATH"},
    {"link.no_iommu", 0, 0, "no", "pci: yes: dma may be hugepages, so that the card reaches all memory; or no"},
    {"link.model", 0, 0, "", "path of the Verilated card; empty: libwtcard.so beside the program"},
    {"link.posted_write_ns", 0, SECOND, "400", "latency of a PCIe posted write, ns"},
    {"link.read_ns", 0, SECOND, "800", "latency of a PCIe read's round trip, ns"},
    {"link.max_payload", 128, 512, "256", "PCIe maximum payload, bytes: 128, 256 or 512"},
    {"feed.group", 0, 0, "233.54.12.111", "multicast group, dotted, 224.0.0.0 to 239.255.255.255"},
    {"feed.port", 1, 65535, "26477", "UDP destination port"},
    {"feed.symbols", 0, 0, NULL, "all, or a list of names of 1 to 8 characters"},
    {"feed.symbols[]", 0, 0, NULL, "a name of 1 to 8 characters"},
    {"feed.recovery", 0, 0, "rerequest",
     "of what both lines lost: rerequest (and a snapshot if that fails), snapshot, or none"},
    {"exchange.file", 0, 0, "", "file of length-prefixed ITCH 5.0 messages: the market, in process"},
    {"exchange.venue", 0, 0, "", "instead: a venue in process, its configuration file (sim/exchange/README.md)"},
    {"exchange.connect", 0, 0, "", "instead: order entry of an exchange on the network, ip:port"},
    {"exchange.connect_b", 0, 0, "", "its second address, tried in turn with the first one when that is gone, ip:port"},
    {"exchange.dialect", 0, 0, "ouch50", "ouch50 or ouch42: the dialect of order entry"},
    {"exchange.busy_poll_us", 0, 1000000, "0", "the kernel polls the network for order entry so long, us; 0: off"},
    {"exchange.silence_ms", 2000, 600000, "15000", "order entry is dead when nothing was heard for so long, ms"},
    {"exchange.listen_a", 0, 0, "", "and its feed's line A: local address or multicast group, ip:port"},
    {"exchange.listen_b", 0, 0, "", "and line B, ip:port"},
    {"exchange.interface", 0, 0, "", "local address of the interface to join multicast groups on, ip"},
    {"exchange.username", 0, 0, "WTICK", "OUCH user, 1 to 6 characters"},
    {"exchange.password", 0, 0, "simulation", "OUCH password, 1 to 10 characters"},
    {"exchange.logins", 0, 0, NULL,
     "with host.loops: a list of an account for each loop, in place of username and password"},
    {"exchange.logins[].username", 0, 0, NULL, "OUCH user, 1 to 6 characters"},
    {"exchange.logins[].password", 0, 0, NULL, "OUCH password, 1 to 10 characters"},
    {"exchange.order_in_ns", 0, SECOND, "20000", "from the host to the matching engine, ns"},
    {"exchange.order_out_ns", 0, SECOND, "20000", "from the matching engine to the host, ns"},
    {"exchange.packet_window_ns", 0, SECOND, "2000", "messages this close together share a datagram, ns"},
    {"exchange.order_in", 0, 0, "",
     "instead of order_in_ns a latency that varies, by run.seed: constant NS, lognormal MEDIAN_NS SIGMA, or recorded "
     "FILE"},
    {"exchange.order_out", 0, 0, "", "the same instead of order_out_ns"},
    {"exchange.market_data", 0, 0, "", "the same from the exchange to each of the feed's lines; empty: none"},
    {"exchange.rerequest", 0, 0, "", "on the network: its re-request server, ip:port; empty: none"},
    {"exchange.glimpse", 0, 0, "", "on the network: its snapshot server, ip:port; empty: none"},
    {"exchange.glimpse_username", 0, 0, "WT0001", "GLIMPSE user, 1 to 6 characters"},
    {"exchange.glimpse_password", 0, 0, "wiretick", "GLIMPSE password, 1 to 10 characters"},
    {"exchange.loss_a_ppm", 0, 1000000, "0", "in process: packets lost on line A, in a million, drawn from run.seed"},
    {"exchange.loss_b_ppm", 0, 1000000, "0", "and on line B"},
    {"exchange.snapshot_ns", 0, SECOND, "200000", "in process: a snapshot takes so long to be made, ns"},
    {"host.callback_ns", 0, SECOND, "1000", "virtual time that each strategy callback costs, ns"},
    {"host.callback_jitter_ns", 0, SECOND, "0", "and up to this much more, drawn from run.seed, ns"},
    {"host.cpu", 0, 1024, "0", "processor that the loop runs on alone, the first is 1; 0: any"},
    {"host.loops", 1, WT_LOOPS_MAX, NULL, "loops side by side, one for each of so many event rings of the card"},
    {"host.loop", 1, WT_LOOPS_MAX, NULL, "in a journal: which of the loops it is of; `run` sets it"},
    {"host.cpus", 0, 0, NULL, "with host.loops: a list of processors, one for each loop, as host.cpu"},
    {"host.cpus[]", 0, 1024, NULL, "processor that the loop runs on alone, the first is 1; 0: any"},
    {"host.control", 0, 0, "", "FIFO that takes the operator's commands, one a line; empty: none"},
    {"risk.max_order_shares", 1, 999999, NULL, "shares of one order"},
    {"risk.max_order_dollars", 1, DOLLARS_MAX, NULL, "notional of one order, dollars"},
    {"risk.max_position", 1, SECOND, NULL, "shares long or short of one symbol, working orders included"},
    {"risk.max_gross_dollars", 1, DOLLARS_MAX, NULL, "all positions and working orders, dollars"},
    {"risk.collar_bps", 0, 10000, NULL, "furthest price through the BBO, basis points"},
    {"risk.max_open_per_symbol", 1, 65536, NULL, "open orders of one symbol"},
    {"risk.max_open_orders", 1, 65536, NULL, "open orders of all symbols"},
    {"risk.orders_per_second", 1, 1000000, NULL, "orders and replaces a second"},
    {"risk.burst", 1, 1000000, NULL, "orders and replaces at once"},
    {"risk.max_loss_dollars", 0, DOLLARS_MAX, NULL, "loss that ends opening orders, dollars; 0: no limit"},
    {"limits.max_order_shares", 0, 999999, "0", "shares of one order"},
    {"limits.max_order_dollars", 0, DOLLARS_MAX, "0", "notional of one order, dollars"},
    {"limits.max_position", 0, SECOND, "0", "shares long or short of one symbol, working orders included"},
    {"limits.max_gross_dollars", 0, DOLLARS_MAX, "0", "all positions and working orders, dollars"},
    {"limits.collar_bps", 0, 10000, "10000", "furthest price through the BBO, basis points; 10000: the firm's alone"},
    {"limits.max_open_per_symbol", 0, 65536, "0", "open orders of one symbol"},
    {"limits.max_open_orders", 0, 65536, "0", "open orders of all symbols"},
    {"limits.orders_per_second", 0, 1000000, "0", "orders and replaces a second"},
    {"limits.burst", 0, 1000000, "0", "orders and replaces at once"},
    {"limits.max_loss_dollars", 0, DOLLARS_MAX, "0", "loss that ends opening orders, dollars; 0: no limit"},
    {"limits.max_quote_age_ms", 0, 86400000, "0", "oldest quote to trade on, ms; 0: any that is exact"},
    {"limits.tick", 0, 1000000, "0", "price step from a dollar on, 1/10000 dollar; 0: the market's, 100"},
    {"limits.lot", 0, 999999, "0", "opening orders are multiples of so many shares; 0: any"},
    {"limits.restricted", 0, 0, NULL, "a list of names that may only be sold off or bought back"},
    {"limits.restricted[]", 0, 0, NULL, "a name of 1 to 8 characters"},
    {"limits.collar_last_bps", 0, 10000, "0", "furthest price beyond the last trade, basis points; 0: no limit"},
    {"limits.max_long", 0, SECOND, "0", "shares long of one symbol when the order fills; 0: no limit"},
    {"limits.max_short", 0, SECOND, "0", "shares short of one symbol when the order fills; 0: no limit"},
    {"limits.max_symbol_dollars", 0, DOLLARS_MAX, "0", "position and working orders of one symbol, dollars"},
    {"limits.max_net_dollars", 0, DOLLARS_MAX, "0", "long less short, working orders of the side included, dollars"},
    {"limits.max_open_dollars", 0, DOLLARS_MAX, "0", "all working orders, dollars"},
    {"limits.no_self_match", 0, 0, "no", "yes: refuse what would meet an order of our own; or no"},
    {"limits.duplicate_us", 0, SECOND, "0", "refuse the same order again within so many microseconds; 0: never"},
    {"limits.max_repeats", 0, 32, "0", "the same order at most so often within repeat_us; 0: no limit"},
    {"limits.repeat_us", 0, SECOND, "0", "the time that repeats are counted over, microseconds"},
    {"limits.cancels_per_second", 0, 1000000, "0",
     "cancels a second; more of them hold up opening orders; 0: no limit"},
    {"limits.cancel_burst", 0, 1000000, "0", "cancels at once"},
    {"limits.messages_per_second", 0, 1000000, "0", "orders, replaces and cancels a second; 0: no limit"},
    {"limits.message_burst", 0, 1000000, "0", "orders, replaces and cancels at once"},
    {"limits.max_drawdown_dollars", 0, DOLLARS_MAX, "0", "fall from the best profit that ends opening orders, dollars"},
    {"limits.on_loss", 0, 0, "reduce_only", "after max_loss or max_drawdown: reduce_only, flatten or kill"},
    {"safety.heartbeat_ms", 0, 86400000, "0", "kill when the operator was not heard for so long, ms; 0: not watched"},
    {"safety.silence_ms", 0, 86400000, "0", "kill when the venue's session is down for so long, ms; 0: not watched"},
    {"safety.cancel_on_start", 0, 0, "no", "yes: cancel what an earlier session left at the venue; or no"},
    {"accounts", 0, 0, NULL, "a list of 1 to 16 accounts, or none at all"},
    {"accounts[].name", 0, 0, NULL, "name of the account, 1 to 64 characters"},
    {"fees", 0, 0, NULL, "a list of fees by liquidity flag, or none at all"},
    {"fees[].flag", 0, 0, NULL, "liquidity flag of an execution, one character: A added, R removed"},
    {"fees[].fee_millionths", 0, 1000000, "0", "paid for each share, millionths of a dollar"},
    {"fees[].rebate_millionths", 0, 1000000, "0", "got for each share, millionths of a dollar"},
    {"strategies", 0, 0, NULL, "a list of 1 to 16 strategies"},
    {"strategies[].name", 0, 0, NULL, "a strategy of host/strategy"},
    {"strategies[].account", 0, 0, "", "name of one of accounts; needed when there are any"},
    {"strategies[].symbols", 0, 0, NULL, "all, or a list of names of 1 to 8 characters"},
    {"strategies[].symbols[]", 0, 0, NULL, "a name of 1 to 8 characters"},
    {"strategies[].params", 0, 0, NULL, "parameters of the strategy"},
    {"output.dir", 0, 0, "build/run", "folder for summary.json, orders.csv and report.html"},
    {"output.journal", 0, 0, "",
     "folder for the journal of the session, in place of an older one that it does not go on from; empty: none"},
    {"output.journal_mb", 1, 1024, "64", "size of each file of the journal, MiB"},
    {"output.journal_files", 0, 1000000, "0", "of its files so many stay, the oldest go; 0: all stay"},
    {"output.ledger", 0, 0, "false",
     "true: also books.csv, ledger.csv and positions.csv at the end, to hold against the venue's"},
    {"run.max_messages", 0, UINT64_MAX, "0",
     "end after this many messages of the file, or of the venue in process; 0: all"},
    {"run.seed", 0, UINT64_MAX, "1", "seed of everything drawn at random"},
    {"run.resume", 0, 0, "yes",
     "yes: on the network, go on from the journal of an earlier run of today; or no: begin anew"},
};

const struct wt_rule *wt_rule_at(unsigned index)
{
    return index < sizeof rules / sizeof rules[0] ? &rules[index] : NULL;
}

static const struct wt_rule *exact(const char *path)
{
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].path, path) == 0)
            return &rules[i];
    return NULL;
}

const struct wt_rule *wt_rule_find(const char *path)
{
    static const char *const levels[] = {"risk.", "accounts[].limits.", "strategies[].limits."};
    const struct wt_rule *rule = exact(path);
    for (unsigned i = 0; !rule && i < sizeof levels / sizeof levels[0]; i++) {
        char shared[80];
        size_t n = strlen(levels[i]);
        if (strncmp(path, levels[i], n))
            continue;
        snprintf(shared, sizeof shared, "limits.%s", path + n);
        rule = exact(shared);
    }
    return rule;
}
