#include "host/config/schema.h"

#include <string.h>

#include "host/config/config.h"

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT
#define TEXT(key, flags, type, member, min, max)                                                                       \
    CYAML_FIELD_STRING_PTR(key, (flags) | CYAML_FLAG_POINTER, type, member, min, max)

static const cyaml_strval_t link_types[] = {{"sim", 0}};

static const cyaml_schema_field_t link_fields[] = {
    CYAML_FIELD_ENUM("type", OPTIONAL | CYAML_FLAG_STRICT, struct wt_config, link.type, link_types, 1),
    TEXT("model", OPTIONAL, struct wt_config, link.model, 0, 4096),
    CYAML_FIELD_UINT("posted_write_ns", OPTIONAL, struct wt_config, link.posted_write_ns),
    CYAML_FIELD_UINT("read_ns", OPTIONAL, struct wt_config, link.read_ns),
    CYAML_FIELD_UINT("max_payload", OPTIONAL, struct wt_config, link.max_payload),
    CYAML_FIELD_END};

static const cyaml_schema_value_t symbol_name = {CYAML_VALUE_STRING(CYAML_FLAG_DEFAULT, char[9], 1, 8)};

static const cyaml_schema_field_t feed_fields[] = {TEXT("group", OPTIONAL, struct wt_config, feed.group, 1, 15),
                                                   CYAML_FIELD_UINT("port", OPTIONAL, struct wt_config, feed.port),
                                                   CYAML_FIELD_SEQUENCE("symbols", OPTIONAL | CYAML_FLAG_POINTER,
                                                                        struct wt_config, feed.symbols, &symbol_name, 0,
                                                                        65535),
                                                   CYAML_FIELD_END};

static const cyaml_schema_field_t exchange_fields[] = {
    TEXT("file", OPTIONAL, struct wt_config, exchange.file, 0, 4096),
    TEXT("connect", OPTIONAL, struct wt_config, exchange.connect, 0, 21),
    TEXT("listen_a", OPTIONAL, struct wt_config, exchange.listen_a, 0, 21),
    TEXT("listen_b", OPTIONAL, struct wt_config, exchange.listen_b, 0, 21),
    TEXT("interface", OPTIONAL, struct wt_config, exchange.interface, 0, 15),
    CYAML_FIELD_STRING("username", OPTIONAL, struct wt_config, exchange.username, 1),
    CYAML_FIELD_STRING("password", OPTIONAL, struct wt_config, exchange.password, 1),
    CYAML_FIELD_UINT("order_in_ns", OPTIONAL, struct wt_config, exchange.order_in_ns),
    CYAML_FIELD_UINT("order_out_ns", OPTIONAL, struct wt_config, exchange.order_out_ns),
    CYAML_FIELD_UINT("packet_window_ns", OPTIONAL, struct wt_config, exchange.packet_window_ns),
    CYAML_FIELD_END};

static const cyaml_schema_field_t host_fields[] = {
    CYAML_FIELD_UINT("callback_ns", OPTIONAL, struct wt_config, host.callback_ns),
    CYAML_FIELD_UINT("callback_jitter_ns", OPTIONAL, struct wt_config, host.callback_jitter_ns), CYAML_FIELD_END};

static const cyaml_schema_field_t risk_fields[] = {
    CYAML_FIELD_UINT("max_order_shares", REQUIRED, struct wt_config, risk.max_order_shares),
    CYAML_FIELD_UINT("max_order_dollars", REQUIRED, struct wt_config, risk.max_order_dollars),
    CYAML_FIELD_UINT("max_position", REQUIRED, struct wt_config, risk.max_position),
    CYAML_FIELD_UINT("max_gross_dollars", REQUIRED, struct wt_config, risk.max_gross_dollars),
    CYAML_FIELD_UINT("collar_bps", REQUIRED, struct wt_config, risk.collar_bps),
    CYAML_FIELD_UINT("max_open_per_symbol", REQUIRED, struct wt_config, risk.max_open_per_symbol),
    CYAML_FIELD_UINT("max_open_orders", REQUIRED, struct wt_config, risk.max_open_orders),
    CYAML_FIELD_UINT("orders_per_second", REQUIRED, struct wt_config, risk.orders_per_second),
    CYAML_FIELD_UINT("burst", REQUIRED, struct wt_config, risk.burst),
    CYAML_FIELD_UINT("max_quote_age_ms", OPTIONAL, struct wt_config, risk.max_quote_age_ms),
    CYAML_FIELD_UINT("max_loss_dollars", REQUIRED, struct wt_config, risk.max_loss_dollars),
    CYAML_FIELD_END};

/* The keys of params are the strategy's own: config.c reads them by its specs. */
static const cyaml_schema_field_t strategy_fields[] = {TEXT("name", REQUIRED, struct wt_config_strategy, name, 1, 64),
                                                       CYAML_FIELD_SEQUENCE("symbols", OPTIONAL | CYAML_FLAG_POINTER,
                                                                            struct wt_config_strategy, symbols,
                                                                            &symbol_name, 0, 65535),
                                                       CYAML_FIELD_IGNORE("params", OPTIONAL), CYAML_FIELD_END};

static const cyaml_schema_value_t strategy = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct wt_config_strategy, strategy_fields)};

static const cyaml_schema_field_t output_fields[] = {
    TEXT("dir", OPTIONAL, struct wt_config, output.dir, 1, 3800),
    TEXT("journal", OPTIONAL, struct wt_config, output.journal, 0, 3800),
    CYAML_FIELD_UINT("journal_mb", OPTIONAL, struct wt_config, output.journal_mb), CYAML_FIELD_END};

static const cyaml_schema_field_t run_fields[] = {
    CYAML_FIELD_UINT("max_messages", OPTIONAL, struct wt_config, run.max_messages),
    CYAML_FIELD_UINT("seed", OPTIONAL, struct wt_config, run.seed), CYAML_FIELD_END};

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

static const cyaml_schema_field_t top_fields[] = {SECTION("link", OPTIONAL, link_fields),
                                                  SECTION("feed", OPTIONAL, feed_fields),
                                                  SECTION("exchange", REQUIRED, exchange_fields),
                                                  SECTION("host", OPTIONAL, host_fields),
                                                  SECTION("risk", REQUIRED, risk_fields),
                                                  CYAML_FIELD_SEQUENCE("strategies", CYAML_FLAG_POINTER,
                                                                       struct wt_config, strategies, &strategy, 1,
                                                                       WT_STRATEGIES_MAX),
                                                  SECTION("output", OPTIONAL, output_fields),
                                                  SECTION("run", OPTIONAL, run_fields),
                                                  CYAML_FIELD_END};

const cyaml_schema_value_t wt_config_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct wt_config, top_fields)};

#define DOLLARS_MAX 100000000000u
#define SECOND 1000000000u

static const struct wt_rule rules[] = {
    {"link.type", 0, 0, "sim", "what stands behind the link: sim"},
    {"link.model", 0, 0, "", "path of the Verilated card; empty: libwtcard.so beside the program"},
    {"link.posted_write_ns", 0, SECOND, "400", "latency of a PCIe posted write, ns"},
    {"link.read_ns", 0, SECOND, "800", "latency of a PCIe read's round trip, ns"},
    {"link.max_payload", 128, 512, "256", "PCIe maximum payload, bytes: 128, 256 or 512"},
    {"feed.group", 0, 0, "233.54.12.111", "multicast group, dotted, 224.0.0.0 to 239.255.255.255"},
    {"feed.port", 1, 65535, "26477", "UDP destination port"},
    {"feed.symbols", 0, 0, NULL, "all, or a list of names of 1 to 8 characters"},
    {"feed.symbols[]", 0, 0, NULL, "a name of 1 to 8 characters"},
    {"exchange.file", 0, 0, "", "file of length-prefixed ITCH 5.0 messages: the market, in process"},
    {"exchange.connect", 0, 0, "", "instead: order entry of an exchange on the network, ip:port"},
    {"exchange.listen_a", 0, 0, "", "and its feed's line A: local address or multicast group, ip:port"},
    {"exchange.listen_b", 0, 0, "", "and line B, ip:port"},
    {"exchange.interface", 0, 0, "", "local address of the interface to join multicast groups on, ip"},
    {"exchange.username", 0, 0, "WTICK", "OUCH user, 1 to 6 characters"},
    {"exchange.password", 0, 0, "simulation", "OUCH password, 1 to 10 characters"},
    {"exchange.order_in_ns", 0, SECOND, "20000", "from the host to the matching engine, ns"},
    {"exchange.order_out_ns", 0, SECOND, "20000", "from the matching engine to the host, ns"},
    {"exchange.packet_window_ns", 0, SECOND, "2000", "messages this close together share a datagram, ns"},
    {"host.callback_ns", 0, SECOND, "1000", "virtual time that each strategy callback costs, ns"},
    {"host.callback_jitter_ns", 0, SECOND, "0", "and up to this much more, drawn from run.seed, ns"},
    {"risk.max_order_shares", 1, 999999, NULL, "shares of one order"},
    {"risk.max_order_dollars", 1, DOLLARS_MAX, NULL, "notional of one order, dollars"},
    {"risk.max_position", 1, SECOND, NULL, "shares long or short of one symbol, working orders included"},
    {"risk.max_gross_dollars", 1, DOLLARS_MAX, NULL, "all positions and working orders, dollars"},
    {"risk.collar_bps", 0, 10000, NULL, "furthest price through the BBO, basis points"},
    {"risk.max_open_per_symbol", 1, 65536, NULL, "open orders of one symbol"},
    {"risk.max_open_orders", 1, 65536, NULL, "open orders of all symbols"},
    {"risk.orders_per_second", 1, 1000000, NULL, "orders and replaces a second"},
    {"risk.burst", 1, 1000000, NULL, "orders and replaces at once"},
    {"risk.max_quote_age_ms", 0, 86400000, "0", "oldest quote to trade on, ms; 0: any that is exact"},
    {"risk.max_loss_dollars", 0, DOLLARS_MAX, NULL, "loss that ends opening orders, dollars; 0: no limit"},
    {"strategies", 0, 0, NULL, "a list of 1 to 16 strategies"},
    {"strategies[].name", 0, 0, NULL, "a strategy of host/strategy"},
    {"strategies[].symbols", 0, 0, NULL, "all, or a list of names of 1 to 8 characters"},
    {"strategies[].symbols[]", 0, 0, NULL, "a name of 1 to 8 characters"},
    {"strategies[].params", 0, 0, NULL, "parameters of the strategy"},
    {"output.dir", 0, 0, "build/run", "folder for summary.json, orders.csv and report.html"},
    {"output.journal", 0, 0, "", "folder for the journal of the session, in place of an older one; empty: none"},
    {"output.journal_mb", 1, 1024, "64", "size of each file of the journal, MiB"},
    {"run.max_messages", 0, UINT64_MAX, "0", "end after this many messages of the file; 0: all"},
    {"run.seed", 0, UINT64_MAX, "1", "seed of everything drawn at random"},
};

const struct wt_rule *wt_rule_at(unsigned index)
{
    return index < sizeof rules / sizeof rules[0] ? &rules[index] : NULL;
}

const struct wt_rule *wt_rule_find(const char *path)
{
    for (unsigned i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].path, path) == 0)
            return &rules[i];
    return NULL;
}
