/*
 * Several loops (host.loops): what the rest of the configuration must be for that, and the part of one of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/check.h"

/* Limits that hold for all symbols together: each loop has its share of them (host/cli/limits.c). */
static const char *const shared[] = {"max_gross_dollars",   "max_net_dollars",   "max_open_dollars",
                                     "max_open_orders",     "orders_per_second", "burst",
                                     "cancels_per_second",  "cancel_burst",      "max_loss_dollars",
                                     "messages_per_second", "message_burst",     "max_drawdown_dollars"};

static unsigned long number(struct wt_document *d, int mapping, const char *key)
{
    const char *text = wt_document_text(d, wt_document_get(d, mapping, key));
    return text ? strtoul(text, NULL, 10) : 0;
}

static bool is(struct wt_document *d, const char *section, const char *key, const char *value)
{
    const char *text = wt_document_text(d, wt_document_get(d, wt_check_section(d, section), key));
    return text && (value ? strcmp(text, value) == 0 : *text != '\0');
}

static void check_shares(struct wt_document *d, int limits, const char *path, unsigned long loops)
{
    for (unsigned i = 0; limits && i < sizeof shared / sizeof shared[0]; i++) {
        unsigned long value = number(d, limits, shared[i]);
        if (value && value < loops)
            wt_document_error(d, wt_document_get(d, limits, shared[i]),
                              "%s.%s: '%lu' cannot be shared out among %lu loops (host.loops); %lu or more is right",
                              path, shared[i], value, loops, loops);
    }
}

static void check_logins(struct wt_document *d, int at, unsigned long loops)
{
    int exchange = wt_check_section(d, "exchange"), list = wt_document_get(d, exchange, "logins");
    long count = wt_check_items(d, list);
    if ((unsigned long)count != loops)
        wt_document_error(d, list ? list : at, "host.loops: %lu need as many exchange.logins, not %ld: %s", loops,
                          count, wt_check_right(d, "exchange.logins"));
    for (long i = 0; i < count; i++) {
        int name = wt_document_get(d, wt_check_item(d, list, i), "username");
        const char *text = wt_document_text(d, name);
        for (long k = 0; text && k < i; k++) {
            const char *other = wt_document_text(d, wt_document_get(d, wt_check_item(d, list, k), "username"));
            if (other && strcmp(other, text) == 0)
                wt_document_error(
                    d, name, "exchange.logins.username: %s is there twice; each loop has an account of its own", text);
        }
    }
}

static void check_lists(struct wt_document *d, int at, unsigned long loops)
{
    int host = wt_check_section(d, "host"), cpus = wt_document_get(d, host, "cpus");
    long symbols = wt_check_items(d, wt_document_get(d, wt_check_section(d, "feed"), "symbols"));
    if (symbols == 0)
        wt_document_error(
            d, at,
            "host.loops: %lu need feed.symbols to be a list of names: they are dealt out to the loops, one "
            "after the other",
            loops);
    else if ((unsigned long)symbols < loops)
        wt_document_error(d, at, "host.loops: %lu are more than the %ld entries of feed.symbols", loops, symbols);
    if (cpus && (unsigned long)wt_check_items(d, cpus) != loops)
        wt_document_error(d, cpus, "host.cpus has %ld entries; %lu are right, one for each loop (host.loops)",
                          wt_check_items(d, cpus), loops);
    if (number(d, host, "cpu"))
        wt_document_error(d, wt_document_get(d, host, "cpu"),
                          "host.cpu is for one loop; with host.loops host.cpus is right");
}

static void check_one(struct wt_document *d)
{
    int host = wt_check_section(d, "host"), exchange = wt_check_section(d, "exchange");
    static const char *const keys[] = {"cpus", "loop"};
    for (unsigned i = 0; i < 2; i++)
        if (wt_document_get(d, host, keys[i]))
            wt_document_error(d, wt_document_get(d, host, keys[i]),
                              "host.%s is for host.loops: 2 or more; leave it out", keys[i]);
    if (wt_document_get(d, exchange, "logins"))
        wt_document_error(d, wt_document_get(d, exchange, "logins"),
                          "exchange.logins is for host.loops: 2 or more; exchange.username and password are right");
}

void wt_check_loops(struct wt_document *d)
{
    int host = wt_check_section(d, "host"), at = wt_document_get(d, host, "loops"),
        exchange = wt_check_section(d, "exchange");
    unsigned long loops = number(d, host, "loops"), loop = number(d, host, "loop");
    if (loops < 2) {
        check_one(d);
        return;
    }
    if (loop > loops)
        wt_document_error(d, wt_document_get(d, host, "loop"), "host.loop: %lu is none of %lu loops", loop, loops);
    if (is(d, "link", "type", "udp"))
        wt_document_error(d, at, "host.loops: link.type udp has one thread; 1 is right there, or link.type sim or pci");
    if (is(d, "exchange", "file", NULL))
        wt_document_error(
            d, wt_document_get(d, exchange, "file"),
            "exchange.file has one account, and each of %lu loops (host.loops) needs its own; exchange.venue "
            "or exchange.connect is right",
            loops);
    check_lists(d, at, loops);
    check_logins(d, at, loops);
    check_shares(d, wt_check_section(d, "risk"), "risk", loops);
    int accounts = wt_check_section(d, "accounts"), strategies = wt_check_section(d, "strategies");
    for (long i = 0; i < wt_check_items(d, accounts); i++)
        check_shares(d, wt_document_get(d, wt_check_item(d, accounts, i), "limits"), "accounts.limits", loops);
    for (long i = 0; i < wt_check_items(d, strategies); i++)
        check_shares(d, wt_document_get(d, wt_check_item(d, strategies, i), "limits"), "strategies.limits", loops);
}

/* A folder of the loop's own inside of the one that is named. */
static int inside(char **path, unsigned loop)
{
    size_t room = strlen(*path) + 16;
    if (!**path)
        return 0;
    char *longer = realloc(*path, room); /* libcyaml has it from realloc, too, and frees it */
    if (!longer)
        return -ENOMEM;
    size_t n = strlen(longer);
    snprintf(longer + n, room - n, "/loop%u", loop);
    *path = longer;
    return 0;
}

int wt_config_part(struct wt_config *c)
{
    const unsigned loop = c->host.loop, loops = c->host.loops;
    if (loops < 2 || loop == 0)
        return 0;
    unsigned kept = 0;
    for (unsigned i = loop - 1; i < c->feed.symbols_count; i += loops)
        memmove(c->feed.symbols[kept++], c->feed.symbols[i], sizeof c->feed.symbols[0]);
    c->feed.symbols_count = kept;
    memcpy(c->exchange.username, c->exchange.logins[loop - 1].username, sizeof c->exchange.username);
    memcpy(c->exchange.password, c->exchange.logins[loop - 1].password, sizeof c->exchange.password);
    c->host.cpu = c->host.cpus_count ? c->host.cpus[loop - 1] : 0;
    int rc = inside(&c->output.dir, loop);
    return rc ? rc : inside(&c->output.journal, loop);
}
