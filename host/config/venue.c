#include "host/config/venue.h"

#include <arpa/inet.h>
#include <cyaml/cyaml.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "host/config/document.h"
#include "host/config/schema.h"
#include "sim/exchange/agents.h"
#include "sim/exchange/latency.h"
#include "sim/exchange/server.h"

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define SETTINGS struct wt_venue_settings
#define TEXT(key, flags, type, member, min, max)                                                                       \
    CYAML_FIELD_STRING_PTR(key, (flags) | CYAML_FLAG_POINTER, type, member, min, max)
#define NUMBER(key, member) CYAML_FIELD_UINT(key, OPTIONAL, SETTINGS, member)

static const cyaml_strval_t market_types[] = {
    {"agents", WT_VENUE_AGENTS}, {"file", WT_VENUE_FILE}, {"empty", WT_VENUE_EMPTY}};
static const cyaml_strval_t presets[] = {{"day", WT_AGENTS_DAY}, {"premarket", WT_AGENTS_PREMARKET}};

static const cyaml_schema_field_t symbol_fields[] = {
    CYAML_FIELD_STRING("name", CYAML_FLAG_DEFAULT, struct wt_venue_symbol, name, 1),
    CYAML_FIELD_UINT("price_cents", OPTIONAL, struct wt_venue_symbol, price_cents),
    CYAML_FIELD_UINT("deep", OPTIONAL, struct wt_venue_symbol, deep), CYAML_FIELD_END};
static const cyaml_schema_value_t symbol = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct wt_venue_symbol, symbol_fields)};

static const cyaml_schema_field_t market_fields[] = {
    CYAML_FIELD_ENUM("type", OPTIONAL | CYAML_FLAG_STRICT, SETTINGS, market.type, market_types, 3),
    CYAML_FIELD_ENUM("preset", OPTIONAL | CYAML_FLAG_STRICT, SETTINGS, market.preset, presets, 2),
    TEXT("file", OPTIONAL, SETTINGS, market.file, 0, 4096),
    CYAML_FIELD_SEQUENCE("symbols", OPTIONAL | CYAML_FLAG_POINTER, SETTINGS, market.symbols, &symbol, 0, 8192),
    NUMBER("max_messages", market.max_messages),
    NUMBER("seconds", market.seconds),
    NUMBER("seed", market.seed),
    NUMBER("speed", market.speed),
    NUMBER("max_orders", market.max_orders),
    NUMBER("wait_logins", market.wait_logins),
    NUMBER("linger_ms", market.linger_ms),
    CYAML_FIELD_END};

static const cyaml_schema_field_t line_fields[] = {
    TEXT("address", OPTIONAL, struct wt_venue_line, address, 0, 21),
    CYAML_FIELD_UINT("loss_ppm", OPTIONAL, struct wt_venue_line, loss_ppm),
    CYAML_FIELD_UINT("duplicate_ppm", OPTIONAL, struct wt_venue_line, duplicate_ppm),
    CYAML_FIELD_UINT("reorder_ppm", OPTIONAL, struct wt_venue_line, reorder_ppm),
    CYAML_FIELD_UINT("corrupt_ppm", OPTIONAL, struct wt_venue_line, corrupt_ppm),
    CYAML_FIELD_UINT("skew_ns", OPTIONAL, struct wt_venue_line, skew_ns),
    TEXT("latency", OPTIONAL, struct wt_venue_line, latency, 0, 4096),
    CYAML_FIELD_UINT("reorder_ns", OPTIONAL, struct wt_venue_line, reorder_ns),
    CYAML_FIELD_UINT("down_at_ms", OPTIONAL, struct wt_venue_line, down_at_ms),
    CYAML_FIELD_UINT("down_for_ms", OPTIONAL, struct wt_venue_line, down_for_ms),
    CYAML_FIELD_END};

/* The sections are members of one structure: their fields carry offsets from its beginning. */
#define SECTION(key_, flags_, fields_)                                                                                 \
    {                                                                                                                  \
        .key = (key_), .data_offset = 0, .value = {                                                                    \
            .type = CYAML_MAPPING,                                                                                     \
            .flags = (flags_),                                                                                         \
            .data_size = sizeof(SETTINGS),                                                                             \
            .mapping = {.fields = (fields_)},                                                                          \
        }                                                                                                              \
    }

static const cyaml_schema_field_t feed_fields[] = {CYAML_FIELD_STRING("session", OPTIONAL, SETTINGS, feed.session, 1),
                                                   TEXT("interface", OPTIONAL, SETTINGS, feed.interface, 7, 15),
                                                   TEXT("rerequest", OPTIONAL, SETTINGS, feed.rerequest, 1, 21),
                                                   NUMBER("packet_window_ns", feed.packet_window_ns),
                                                   NUMBER("heartbeat_ns", feed.heartbeat_ns),
                                                   NUMBER("store_messages", feed.store_messages),
                                                   NUMBER("store_bytes", feed.store_bytes),
                                                   CYAML_FIELD_MAPPING("a", OPTIONAL, SETTINGS, feed.a, line_fields),
                                                   CYAML_FIELD_MAPPING("b", OPTIONAL, SETTINGS, feed.b, line_fields),
                                                   CYAML_FIELD_END};

static const cyaml_schema_field_t login_fields[] = {
    CYAML_FIELD_STRING("username", CYAML_FLAG_DEFAULT, struct wt_venue_login, username, 1),
    CYAML_FIELD_STRING("password", CYAML_FLAG_DEFAULT, struct wt_venue_login, password, 1),
    CYAML_FIELD_ENUM("dialect", OPTIONAL | CYAML_FLAG_STRICT, struct wt_venue_login, dialect, wt_dialect_names, 2),
    CYAML_FIELD_END};
static const cyaml_schema_value_t login = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct wt_venue_login, login_fields)};

static const cyaml_schema_field_t orders_fields[] = {
    TEXT("listen", OPTIONAL, SETTINGS, orders.listen, 1, 21),
    CYAML_FIELD_STRING("session", OPTIONAL, SETTINGS, orders.session, 1),
    CYAML_FIELD_SEQUENCE("accounts", CYAML_FLAG_POINTER, SETTINGS, orders.accounts, &login, 1, WT_VENUE_ACCOUNTS),
    CYAML_FIELD_BOOL("cancel_on_disconnect", OPTIONAL, SETTINGS, orders.cancel_on_disconnect),
    NUMBER("out_ns", orders.out_ns),
    TEXT("in", OPTIONAL, SETTINGS, orders.in, 0, 4096),
    TEXT("out", OPTIONAL, SETTINGS, orders.out, 0, 4096),
    CYAML_FIELD_END};

static const cyaml_schema_field_t glimpse_fields[] = {
    TEXT("listen", OPTIONAL, SETTINGS, glimpse.listen, 1, 21),
    CYAML_FIELD_STRING("username", OPTIONAL, SETTINGS, glimpse.username, 1),
    CYAML_FIELD_STRING("password", OPTIONAL, SETTINGS, glimpse.password, 1), CYAML_FIELD_END};

static const cyaml_schema_field_t faults_fields[] = {NUMBER("seed", faults.seed),
                                                     NUMBER("disconnect_ppm", faults.disconnect_ppm),
                                                     NUMBER("deaf_ppm", faults.deaf_ppm),
                                                     NUMBER("ack_lost_ppm", faults.ack_lost_ppm),
                                                     NUMBER("ack_delay_ppm", faults.ack_delay_ppm),
                                                     NUMBER("ack_duplicate_ppm", faults.ack_duplicate_ppm),
                                                     NUMBER("reject_ppm", faults.reject_ppm),
                                                     NUMBER("break_ppm", faults.break_ppm),
                                                     NUMBER("cancel_pending_ppm", faults.cancel_pending_ppm),
                                                     NUMBER("cancel_reject_ppm", faults.cancel_reject_ppm),
                                                     NUMBER("priority_ppm", faults.priority_ppm),
                                                     NUMBER("later_ns", faults.later_ns),
                                                     NUMBER("ack_delay_ns", faults.ack_delay_ns),
                                                     NUMBER("halt_at_ms", faults.halt_at_ms),
                                                     NUMBER("halt_for_ms", faults.halt_for_ms),
                                                     NUMBER("silent_at_ms", faults.silent_at_ms),
                                                     NUMBER("silent_for_ms", faults.silent_for_ms),
                                                     NUMBER("session_change_ms", faults.session_change_ms),
                                                     NUMBER("clock_step_at_ms", faults.clock_step_at_ms),
                                                     NUMBER("clock_forward_ns", faults.clock_forward_ns),
                                                     NUMBER("clock_back_ns", faults.clock_back_ns),
                                                     CYAML_FIELD_END};

static const cyaml_schema_field_t output_fields[] = {TEXT("dir", OPTIONAL, SETTINGS, output.dir, 0, 3800),
                                                     CYAML_FIELD_END};

static const cyaml_schema_field_t top_fields[] = {SECTION("market", OPTIONAL, market_fields),
                                                  SECTION("feed", OPTIONAL, feed_fields),
                                                  SECTION("orders", CYAML_FLAG_DEFAULT, orders_fields),
                                                  SECTION("glimpse", OPTIONAL, glimpse_fields),
                                                  SECTION("faults", OPTIONAL, faults_fields),
                                                  SECTION("output", OPTIONAL, output_fields),
                                                  CYAML_FIELD_END};

static const cyaml_schema_value_t settings_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, SETTINGS, top_fields)};

#define MILLION 1000000u
#define DAY_MS 86400000u
#define SECOND 1000000000u

#define LINE_RULES(line, port)                                                                                         \
    {"feed." line ".address", 0, 0, "127.0.0.1:" port, "where the line is sent, ip:port; empty: nowhere"},             \
        {"feed." line ".loss_ppm", 0, MILLION, "0", "packets lost, in a million"},                                     \
        {"feed." line ".duplicate_ppm", 0, MILLION, "0", "packets sent twice, in a million"},                          \
        {"feed." line ".reorder_ppm", 0, MILLION, "0", "packets sent reorder_ns late, in a million"},                  \
        {"feed." line ".corrupt_ppm", 0, MILLION, "0", "packets damaged, in a million"},                               \
        {"feed." line ".skew_ns", 0, SECOND, "0", "every packet is this late, ns"},                                    \
        {"feed." line ".latency", 0, 0, "", "and by a latency that varies, in words; empty: none"},                    \
        {"feed." line ".reorder_ns", 0, SECOND, "100000", "how late a reordered packet is, ns"},                       \
        {"feed." line ".down_at_ms", 0, DAY_MS, "0", "the line goes down, ms from the start"},                         \
    {                                                                                                                  \
        "feed." line ".down_for_ms", 0, DAY_MS, "0", "for so long, ms; 0: never"                                       \
    }

static const struct wt_rule rules[] = {
    {"market.type", 0, 0, "agents", "who makes the market: agents, file, or empty (nobody but the clients)"},
    {"market.preset", 0, 0, "day", "whose day the agents are like: day or premarket"},
    {"market.file", 0, 0, "", "file of length-prefixed ITCH 5.0 messages, for type file"},
    {"market.symbols", 0, 0, NULL, "a list of {name, price_cents}, for agents and empty"},
    {"market.symbols[].name", 0, 0, NULL, "a name of 1 to 8 characters"},
    {"market.symbols[].price_cents", 100, 19999900, "10000", "price at the start, cents"},
    {"market.symbols[].deep", 0, 100000, "0",
     "orders that rest far from the market all day; the deepest real books: 37,068"},
    {"market.max_messages", 0, UINT64_MAX, "0",
     "the market is over after so many messages; 0: never, or all of the file"},
    {"market.seconds", 0, 86400, "0", "agents stop after so much of the market's time; 0: never"},
    {"market.seed", 0, UINT64_MAX, "1", "seed of the agents"},
    {"market.speed", 0, 1000000, "1", "times as fast as the clock; 0: a file as fast as it goes"},
    {"market.linger_ms", 0, 600000, "2000", "after its end re-requests are answered for so long, ms"},
    {"market.max_orders", 1, 1u << 28, "1000000", "orders in the engine at once"},
    {"market.wait_logins", 0, 64, "0", "the market begins after so many logins; 0: at once"},
    {"feed.session", 0, 0, "WTICK00001", "MoldUDP64 session, 1 to 10 characters"},
    {"feed.interface", 0, 0, "127.0.0.1", "own address that multicast leaves from"},
    {"feed.rerequest", 0, 0, "127.0.0.1:26479", "where re-requests are listened for, ip:port"},
    {"feed.packet_window_ns", 0, SECOND, "2000", "messages this close together share a packet, ns"},
    {"feed.heartbeat_ns", 1000000, 60ull * SECOND, "1000000000", "a heartbeat after this silence, ns"},
    {"feed.store_messages", 1, 1u << 28, "1048576", "messages kept for re-requests"},
    {"feed.store_bytes", 4096, UINT32_MAX, "67108864", "bytes kept for re-requests"},
    LINE_RULES("a", "26477"),
    LINE_RULES("b", "26478"),
    {"orders.listen", 0, 0, "127.0.0.1:26480", "where OUCH is listened for, ip:port"},
    {"orders.session", 0, 0, "SIM0000001", "session of order entry, 1 to 10 characters"},
    {"orders.accounts", 0, 0, NULL, "a list of 1 to 64 {username, password, dialect}"},
    {"orders.accounts[].username", 0, 0, NULL, "a user name of 1 to 6 characters"},
    {"orders.accounts[].password", 0, 0, NULL, "a password of 1 to 10 characters"},
    {"orders.accounts[].dialect", 0, 0, "ouch50", "ouch50 or ouch42: the dialect of its order entry"},
    {"orders.cancel_on_disconnect", 0, 0, "false", "true: orders go with the connection; false: they stay"},
    {"orders.out_ns", 0, SECOND, "0", "answers leave this much later, ns"},
    {"orders.in", 0, 0, "", "requests are late by a latency that varies, in words; empty: none"},
    {"orders.out", 0, 0, "", "the same for answers, instead of out_ns"},
    {"glimpse.listen", 0, 0, "127.0.0.1:26481", "where GLIMPSE is listened for, ip:port"},
    {"glimpse.username", 0, 0, "WT0001", "GLIMPSE user, 1 to 6 characters"},
    {"glimpse.password", 0, 0, "wiretick", "GLIMPSE password, 1 to 10 characters"},
    {"faults.seed", 0, UINT64_MAX, "1", "seed of everything below, and of the lines"},
    {"faults.disconnect_ppm", 0, MILLION, "0", "packets of ours in whose middle the connection ends, in a million"},
    {"faults.deaf_ppm", 0, MILLION, "0", "pieces of what a client sends in whose middle it ends, in a million"},
    {"faults.ack_lost_ppm", 0, MILLION, "0", "answers before which it ends: a new login replays them, in a million"},
    {"faults.ack_delay_ppm", 0, MILLION, "0", "answers that leave ack_delay_ns late, in a million"},
    {"faults.ack_delay_ns", 0, 10ull * SECOND, "0", "how late, ns"},
    {"faults.ack_duplicate_ppm", 0, MILLION, "0", "answers given twice, in a million"},
    {"faults.reject_ppm", 0, MILLION, "0", "orders rejected for nothing, in a million"},
    {"faults.break_ppm", 0, MILLION, "0", "executions that are broken later_ns after, in a million"},
    {"faults.cancel_pending_ppm", 0, MILLION, "0", "cancels that are pending for later_ns, in a million"},
    {"faults.cancel_reject_ppm", 0, MILLION, "0", "cancels rejected for nothing, in a million"},
    {"faults.priority_ppm", 0, MILLION, "0", "accepted orders that lose their place later_ns after, in a million"},
    {"faults.later_ns", 0, 10ull * SECOND, "1000000", "when trades are broken, pending cancels done, places lost, ns"},
    {"faults.halt_at_ms", 0, DAY_MS, "0", "all symbols halt, ms from the start"},
    {"faults.halt_for_ms", 0, DAY_MS, "0", "for so long, ms; 0: never"},
    {"faults.silent_at_ms", 0, DAY_MS, "0", "order entry stops answering, ms from the start"},
    {"faults.silent_for_ms", 0, DAY_MS, "0", "for so long, ms; 0: never"},
    {"faults.session_change_ms", 0, DAY_MS, "0", "the feed changes its session, ms from the start; 0: never"},
    {"faults.clock_step_at_ms", 0, DAY_MS, "0", "the clock of timestamps steps, ms from the start"},
    {"faults.clock_forward_ns", 0, 3600ull * SECOND, "0", "forward by so much, ns"},
    {"faults.clock_back_ns", 0, 3600ull * SECOND, "0", "back by so much, ns"},
    {"output.dir", 0, 0, "", "existing folder for books.csv, orders.csv and summary.txt at the end; empty: none"},
};

/* ---------------------------------------------------------------- the meaning */

static int value(struct wt_document *d, const char *section, const char *key)
{
    int id = wt_document_get(d, 1, section);
    return id ? wt_document_get(d, id, key) : 0;
}

static void check_address(struct wt_document *d, int id, const char *key, bool may_be_empty)
{
    const char *text = wt_document_text(d, id);
    struct wt_server_address address;
    if (text && !(may_be_empty && *text == '\0') && wt_server_parse(text, &address) < 0)
        wt_document_error(d, id, "%s: '%s' is no address; right is ip:port, for example 127.0.0.1:26477", key, text);
}

static void check_latency(struct wt_document *d, int mapping, const char *key, const char *path)
{
    int id = mapping ? wt_document_get(d, mapping, key) : 0;
    const char *text = wt_document_text(d, id);
    char why[WT_LATENCY_WHY];
    struct wt_latency latency;
    if (!text || !*text)
        return;
    if (wt_latency_parse(&latency, text, 0, why) < 0)
        wt_document_error(d, id, "%s: '%.80s' is not right: %s", path, text, why);
    wt_latency_free(&latency);
}

static void check_market(struct wt_document *d)
{
    const char *type = wt_document_text(d, value(d, "market", "type"));
    const char *file = wt_document_text(d, value(d, "market", "file"));
    const char *speed = wt_document_text(d, value(d, "market", "speed"));
    int market = wt_document_get(d, 1, "market");
    if (!type || !file || !speed)
        return;
    if (strcmp(type, "file") == 0) {
        if (*file == '\0')
            wt_document_error(d, market, "market.file is missing: the file of ITCH messages to replay");
        else if (access(file, R_OK))
            wt_document_error(d, value(d, "market", "file"), "market.file: '%s' cannot be read", file);
    } else {
        if (!value(d, "market", "symbols"))
            wt_document_error(d, market, "market.symbols is missing: a list of {name, price_cents}");
        if (strcmp(speed, "0") == 0)
            wt_document_error(d, value(d, "market", "speed"), "market.speed: 0 is for type file only");
    }
}

static void check_meaning(struct wt_document *d)
{
    int a = value(d, "feed", "a"), b = value(d, "feed", "b");
    struct in_addr ip;
    check_market(d);
    check_latency(d, a, "latency", "feed.a.latency");
    check_latency(d, b, "latency", "feed.b.latency");
    check_latency(d, wt_document_get(d, 1, "orders"), "in", "orders.in");
    check_latency(d, wt_document_get(d, 1, "orders"), "out", "orders.out");
    check_address(d, a ? wt_document_get(d, a, "address") : 0, "feed.a.address", true);
    check_address(d, b ? wt_document_get(d, b, "address") : 0, "feed.b.address", true);
    check_address(d, value(d, "feed", "rerequest"), "feed.rerequest", false);
    check_address(d, value(d, "orders", "listen"), "orders.listen", false);
    check_address(d, value(d, "glimpse", "listen"), "glimpse.listen", false);
    const char *interface = wt_document_text(d, value(d, "feed", "interface"));
    if (interface && inet_pton(AF_INET, interface, &ip) != 1)
        wt_document_error(d, value(d, "feed", "interface"), "feed.interface: '%s' is no IPv4 address", interface);
}

static const struct wt_config_shape shape = {.schema = &settings_schema,
                                             .rules = rules,
                                             .rule_count = sizeof rules / sizeof rules[0],
                                             .reference = "see sim/exchange/README.md",
                                             .check = check_meaning};

int wt_venue_settings_load(const char *path, const char *const *overrides, unsigned override_count,
                           struct wt_venue_settings **settings, struct wt_config_errors *errors)
{
    return wt_config_load_shape(&shape, path, overrides, override_count, (void **)settings, errors);
}

void wt_venue_settings_free(struct wt_venue_settings *settings)
{
    wt_config_free_shape(&shape, settings);
}
