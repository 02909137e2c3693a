#include "host/config/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/strategy/registry.h"
#include "sim/exchange/latency.h"

/* ---- the meaning ---- */

void wt_check_drop_all(struct wt_document *d, int mapping)
{
    yaml_node_t *node = wt_document_node(d, mapping);
    if (!node || node->type != YAML_MAPPING_NODE)
        return;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        const char *key = wt_document_text(d, p->key), *text = wt_document_text(d, p->value);
        if (!key || strcmp(key, "symbols") || !text || strcmp(text, "all"))
            continue;
        memmove(p, p + 1, (size_t)(node->data.mapping.pairs.top - p - 1) * sizeof *p);
        node->data.mapping.pairs.top--;
        return;
    }
}

int wt_check_section(struct wt_document *d, const char *name)
{
    return wt_document_get(d, 1, name);
}

long wt_check_items(struct wt_document *d, int id)
{
    yaml_node_t *node = wt_document_node(d, id);
    if (!node || node->type != YAML_SEQUENCE_NODE)
        return 0;
    return node->data.sequence.items.top - node->data.sequence.items.start;
}

int wt_check_item(struct wt_document *d, int id, long i)
{
    return wt_document_node(d, id)->data.sequence.items.start[i];
}

static bool listed(struct wt_document *d, int list, const char *name, long below)
{
    for (long i = 0; i < below; i++) {
        const char *text = wt_document_text(d, wt_check_item(d, list, i));
        if (text && strcmp(text, name) == 0)
            return true;
    }
    return false;
}

static void check_symbols(struct wt_document *d, int list, const char *path, int feed_list)
{
    for (long i = 0; i < wt_check_items(d, list); i++) {
        const char *name = wt_document_text(d, wt_check_item(d, list, i));
        if (!name)
            continue;
        for (const char *c = name; *c; c++)
            if (*c <= ' ' || *c > '~' || (*c >= 'a' && *c <= 'z')) {
                wt_document_error(d, wt_check_item(d, list, i),
                                  "%s: '%s' is no symbol; right are capitals, digits and marks without spaces", path,
                                  name);
                break;
            }
        if (listed(d, list, name, i))
            wt_document_error(d, wt_check_item(d, list, i), "%s: %s is listed twice", path, name);
        if (feed_list && !listed(d, feed_list, name, wt_check_items(d, feed_list)))
            wt_document_error(d, wt_check_item(d, list, i),
                              "%s: %s is not in feed.symbols; add it there, or leave it out", path, name);
    }
}

static void check_param(struct wt_document *d, const struct wt_strategy *strategy, yaml_node_pair_t pair)
{
    const char *key = wt_document_text(d, pair.key), *text = wt_document_text(d, pair.value);
    char right[300] = "";
    unsigned best = 99;
    for (const struct wt_param_spec *spec = strategy->specs; key && spec->name; spec++) {
        if (strcmp(spec->name, key)) {
            wt_check_suggest(right, sizeof right, key, spec->name, &best);
            continue;
        }
        char *end = NULL;
        errno = 0;
        long long value = text ? strtoll(text, &end, 10) : 0;
        if (!text || !*text || *end || errno || value < spec->min || value > spec->max)
            wt_document_error(d, pair.value, "params.%s: '%s' is not right; a whole number from %lld to %lld is: %s",
                              key, text ? text : "", (long long)spec->min, (long long)spec->max, spec->text);
        return;
    }
    size_t n = best == 99 ? (size_t)snprintf(right, sizeof right, "known here: ") : 0;
    for (const struct wt_param_spec *spec = strategy->specs; best == 99 && spec->name && n < sizeof right; spec++)
        n += (size_t)snprintf(right + n, sizeof right - n, "%s%s", spec->name, spec[1].name ? ", " : "");
    wt_document_error(d, pair.key, "unknown parameter %s of %s; %s", key ? key : "?", strategy->name, right);
}

static uint64_t number(struct wt_document *d, int mapping, const char *key)
{
    const char *text = wt_document_text(d, wt_document_get(d, mapping, key));
    return text ? strtoull(text, NULL, 10) : 0;
}

/* A rate is nothing without its burst, repeats nothing without a time. */
static void check_limits(struct wt_document *d, int limits, const char *path)
{
    static const char *const pairs[][2] = {{"orders_per_second", "burst"},
                                           {"cancels_per_second", "cancel_burst"},
                                           {"messages_per_second", "message_burst"},
                                           {"max_repeats", "repeat_us"}};
    for (unsigned i = 0; limits && i < sizeof pairs / sizeof pairs[0]; i++) {
        char key[80];
        uint64_t value = number(d, limits, pairs[i][0]);
        snprintf(key, sizeof key, "%s.%s", path, pairs[i][1]);
        const struct wt_rule *rule = wt_rule_find(key);
        const char *other = wt_document_text(d, wt_document_get(d, limits, pairs[i][1]));
        /* Where 0 is wrong by itself, that has been told. */
        if (value && rule->min == 0 && (!other || strcmp(other, "0") == 0))
            wt_document_error(d, wt_document_get(d, limits, pairs[i][0]), "%s.%s: '%llu' needs %s too, 1 or more: %s",
                              path, pairs[i][0], (unsigned long long)value, key, rule->text);
    }
    int list = wt_document_get(d, limits, "restricted");
    if (list)
        check_symbols(d, list, "restricted", 0);
}

static void check_accounts(struct wt_document *d, int list)
{
    for (long i = 0; i < wt_check_items(d, list); i++) {
        int id = wt_check_item(d, list, i), name = wt_document_get(d, id, "name");
        const char *text = wt_document_text(d, name);
        check_limits(d, wt_document_get(d, id, "limits"), "accounts[].limits");
        for (long k = 0; text && k < i; k++) {
            const char *other = wt_document_text(d, wt_document_get(d, wt_check_item(d, list, k), "name"));
            if (other && strcmp(other, text) == 0)
                wt_document_error(d, name, "accounts.name: %s is there twice; each account has a name of its own",
                                  text);
        }
    }
}

static void check_fees(struct wt_document *d, int list)
{
    for (long i = 0; i < wt_check_items(d, list); i++) {
        int id = wt_check_item(d, list, i), flag = wt_document_get(d, id, "flag");
        const char *text = wt_document_text(d, flag);
        if (number(d, id, "fee_millionths") && number(d, id, "rebate_millionths"))
            wt_document_error(d, wt_document_get(d, id, "rebate_millionths"),
                              "fees.rebate_millionths: an execution is paid for or paid; empty one of fee_millionths "
                              "and rebate_millionths of %s",
                              text ? text : "it");
        for (long k = 0; text && k < i; k++) {
            const char *other = wt_document_text(d, wt_document_get(d, wt_check_item(d, list, k), "flag"));
            if (other && strcmp(other, text) == 0)
                wt_document_error(d, flag, "fees.flag: %s is there twice; one entry says all of it", text);
        }
    }
}

static void check_account_of(struct wt_document *d, int id, int accounts)
{
    int node = wt_document_get(d, id, "account");
    const char *text = wt_document_text(d, node);
    char known[200] = "";
    size_t n = 0;
    for (long i = 0; i < wt_check_items(d, accounts); i++) {
        const char *name = wt_document_text(d, wt_document_get(d, wt_check_item(d, accounts, i), "name"));
        if (text && name && strcmp(name, text) == 0)
            return;
        if (n < sizeof known)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", name ? name : "?");
    }
    if (!text || (!*text && !wt_check_items(d, accounts)))
        return;
    if (!*text)
        wt_document_error(d, id, "strategies.account is missing: each strategy is in one of the accounts %s", known);
    else
        wt_document_error(d, node, "strategies.account: '%s' is not known; %s%s", text,
                          *known ? "there is " : "accounts has no entries", known);
}

static void check_strategy(struct wt_document *d, int id, int feed_list)
{
    const char *name = wt_document_text(d, wt_document_get(d, id, "name"));
    check_limits(d, wt_document_get(d, id, "limits"), "strategies[].limits");
    check_account_of(d, id, wt_check_section(d, "accounts"));
    check_symbols(d, wt_document_get(d, id, "symbols"), "strategies.symbols", feed_list);
    if (!name)
        return;
    const struct wt_strategy *strategy = wt_strategy_find(name);
    if (!strategy) {
        char known[200] = "";
        size_t n = 0;
        for (unsigned i = 0; wt_strategy_at(i) && n < sizeof known; i++)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", wt_strategy_at(i)->name);
        wt_document_error(d, wt_document_get(d, id, "name"), "strategies.name: '%s' is not known; there is %s", name,
                          known);
        return;
    }
    yaml_node_t *params = wt_document_node(d, wt_document_get(d, id, "params"));
    if (!params)
        return;
    if (params->type != YAML_MAPPING_NODE) {
        wt_document_error(d, wt_document_get(d, id, "params"), "strategies.params is %s; right is a mapping",
                          wt_check_kind(params));
        return;
    }
    for (yaml_node_pair_t *p = params->data.mapping.pairs.start; p < params->data.mapping.pairs.top; p++) {
        const char *key = wt_document_text(d, p->key);
        for (yaml_node_pair_t *q = params->data.mapping.pairs.start; q < p; q++) {
            const char *other = wt_document_text(d, q->key);
            if (key && other && strcmp(key, other) == 0)
                wt_document_error(d, p->key, "params.%s is given twice", key);
        }
        check_param(d, strategy, *p);
    }
}

static void check_file(struct wt_document *d, int id)
{
    const char *file = wt_document_text(d, id);
    struct stat st;
    if (!file || !*file)
        return;
    if (stat(file, &st))
        wt_document_error(
            d, id,
            "exchange.file: '%s' cannot be read: %s; make one with `wiretick generate %s`, or name another "
            "with --set exchange.file=PATH",
            file, strerror(errno), file);
    else if (S_ISDIR(st.st_mode))
        wt_document_error(d, id, "exchange.file: '%s' is a folder; a file of ITCH messages is right", file);
    else if (st.st_size == 0)
        wt_document_error(d, id, "exchange.file: '%s' is empty", file);
}

bool wt_check_address(const char *text, bool with_port, uint32_t *ip, uint16_t *port)
{
    char address[INET_ADDRSTRLEN];
    const char *colon = with_port ? strchr(text, ':') : text + strlen(text);
    struct in_addr in;
    if (!colon || (size_t)(colon - text) >= sizeof address)
        return false;
    memcpy(address, text, (size_t)(colon - text));
    address[colon - text] = '\0';
    if (inet_pton(AF_INET, address, &in) != 1)
        return false;
    *ip = ntohl(in.s_addr);
    if (!with_port)
        return true;
    char *end;
    unsigned long number = strtoul(colon + 1, &end, 10);
    *port = (uint16_t)number;
    return colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && number >= 1 && number <= 65535;
}

static void check_address(struct wt_document *d, int id, const char *key, bool with_port)
{
    const char *text = wt_document_text(d, id);
    uint32_t ip;
    uint16_t port;
    if (text && *text && !wt_check_address(text, with_port, &ip, &port))
        wt_document_error(d, id, "exchange.%s: '%s' is not right; %s is", key, text,
                          with_port ? "an IPv4 address and a port, as 127.0.0.1:26400," : "an IPv4 address");
}

/* A latency in words; of a session that is over its file may be gone. */
static void check_latency(struct wt_document *d, int exchange, const char *key, bool recorded)
{
    int id = wt_document_get(d, exchange, key);
    const char *text = wt_document_text(d, id);
    char why[WT_LATENCY_WHY];
    struct wt_latency latency;
    if (!text || !*text || (recorded && strncmp(text, "recorded ", 9) == 0))
        return;
    if (wt_latency_parse(&latency, text, 0, why) < 0)
        wt_document_error(d, id, "exchange.%s: '%.80s' is not right: %s", key, text, why);
    wt_latency_free(&latency);
}

static const char *given(struct wt_document *d, int mapping, const char *key)
{
    const char *text = wt_document_text(d, wt_document_get(d, mapping, key));
    return text && *text ? text : NULL;
}

static bool link_is(struct wt_document *d, const char *name)
{
    const char *type = given(d, wt_check_section(d, "link"), "type");
    return type && strcmp(type, name) == 0;
}

/* A card on PCI Express or Ethernet has wires of its own: what is simulated cannot reach it. */
static bool on_card(struct wt_document *d)
{
    return link_is(d, "pci") || link_is(d, "udp");
}

static void check_card(struct wt_document *d)
{
    int link = wt_check_section(d, "link"), exchange = wt_check_section(d, "exchange");
    bool pci = link_is(d, "pci");
    const char *type = pci ? "pci" : "udp";
    for (unsigned i = 0; i < 2 && !pci; i++) {
        const char *key = i ? "dma" : "card", *text = given(d, link, key);
        if (text && (i || !on_card(d)))
            wt_document_error(d, wt_document_get(d, link, key),
                              "link.%s: '%s' is for link.type pci%s; leave it out, or set that", key, text,
                              i ? "" : " or udp");
    }
    if (!on_card(d))
        return;
    if (pci && !given(d, link, "dma"))
        wt_document_error(d, wt_document_get(d, link, "type"), "link.type pci needs link.dma: %s",
                          wt_check_right(d, "link.dma"));
    if (given(d, link, "model"))
        wt_document_error(d, wt_document_get(d, link, "model"), "link.model is for link.type sim; leave it out");
    if (!given(d, exchange, "connect"))
        wt_document_error(d, wt_document_get(d, link, "type"),
                          "link.type %s needs exchange.connect: a card on %s has the exchange on the network", type,
                          pci ? "PCI Express" : "Ethernet");
    for (unsigned i = 0; i < 2; i++) {
        const char *key = i ? "listen_b" : "listen_a", *text = given(d, exchange, key);
        if (text)
            wt_document_error(d, wt_document_get(d, exchange, key),
                              "exchange.%s: '%s' is for link.type sim; with %s the feed comes to the card's own wires",
                              key, text, type);
    }
}

/* A market in process (file), or one on the network (connect and a line of its feed). */
static void check_exchange(struct wt_document *d)
{
    int exchange = wt_check_section(d, "exchange");
    if (!exchange)
        return;
    const char *file = wt_document_text(d, wt_document_get(d, exchange, "file"));
    int connect = wt_document_get(d, exchange, "connect");
    const char *to = wt_document_text(d, connect);
    int venue = wt_document_get(d, exchange, "venue");
    const char *inside = wt_document_text(d, venue);
    const char *a = wt_document_text(d, wt_document_get(d, exchange, "listen_a"));
    const char *b = wt_document_text(d, wt_document_get(d, exchange, "listen_b"));
    if (inside && *inside) {
        if ((file && *file) || (to && *to))
            wt_document_error(d, venue, "exchange.venue: '%s' excludes exchange.file and exchange.connect; empty them",
                              inside);
    } else if (!to || !*to) {
        if (!file || !*file)
            wt_document_error(d, exchange, "exchange.file is missing: %s", wt_check_right(d, "exchange.file"));
    } else {
        if (file && *file)
            wt_document_error(d, connect,
                              "exchange.connect: '%s' and exchange.file: '%s' exclude each other; empty one", to, file);
        if ((!a || !*a) && (!b || !*b) && !on_card(d))
            wt_document_error(d, connect, "exchange.connect needs a feed: exchange.listen_a or listen_b, ip:port");
    }
    check_address(d, connect, "connect", true);
    check_address(d, wt_document_get(d, exchange, "connect_b"), "connect_b", true);
    check_address(d, wt_document_get(d, exchange, "listen_a"), "listen_a", true);
    check_address(d, wt_document_get(d, exchange, "listen_b"), "listen_b", true);
    check_address(d, wt_document_get(d, exchange, "rerequest"), "rerequest", true);
    check_address(d, wt_document_get(d, exchange, "glimpse"), "glimpse", true);
    check_address(d, wt_document_get(d, exchange, "interface"), "interface", false);
}

void wt_check_meaning(struct wt_document *d, bool recorded)
{
    int feed = wt_check_section(d, "feed"), link = wt_check_section(d, "link"),
        feed_list = wt_document_get(d, feed, "symbols");
    int group = wt_document_get(d, feed, "group"), payload = wt_document_get(d, link, "max_payload");
    const char *text = wt_document_text(d, group);
    struct in_addr ip;
    if (text && (inet_pton(AF_INET, text, &ip) != 1 || ntohl(ip.s_addr) >> 28 != 0xe))
        wt_document_error(d, group, "feed.group: '%s' is no multicast group; right is %s", text,
                          wt_check_right(d, "feed.group"));
    text = wt_document_text(d, payload);
    if (text && strcmp(text, "128") && strcmp(text, "256") && strcmp(text, "512"))
        wt_document_error(d, payload, "link.max_payload: '%s' is not right; 128, 256 or 512 bytes are", text);
    text = wt_document_text(d, wt_document_get(d, link, "model"));
    if (text && *text && !recorded && access(text, R_OK))
        wt_document_error(d, wt_document_get(d, link, "model"), "link.model: '%s' cannot be read: %s", text,
                          strerror(errno));
    if (wt_check_items(d, feed_list))
        check_symbols(d, feed_list, "feed.symbols", 0);
    else
        feed_list = 0;
    int list = wt_check_section(d, "strategies");
    for (long i = 0; i < wt_check_items(d, list); i++)
        check_strategy(d, wt_check_item(d, list, i), feed_list);
    check_limits(d, wt_check_section(d, "risk"), "risk");
    check_accounts(d, wt_check_section(d, "accounts"));
    check_fees(d, wt_check_section(d, "fees"));
    check_exchange(d);
    check_card(d);
    wt_check_loops(d);
    static const char *const latencies[] = {"order_in", "order_out", "market_data"};
    for (unsigned i = 0; i < 3; i++)
        check_latency(d, wt_check_section(d, "exchange"), latencies[i], recorded);
    if (!recorded)
        check_file(d, wt_document_get(d, wt_check_section(d, "exchange"), "file"));
}
