#include "host/cli/inside.h"

#include <errno.h>
#include <string.h>

#include "host/common/log.h"

static int check_dialect(const struct wt_config *config, const struct wt_venue_settings *settings, const char *username)
{
    for (unsigned i = 0; i < settings->orders.accounts_count; i++) {
        const struct wt_venue_login *a = &settings->orders.accounts[i];
        if (strcmp(a->username, username) == 0 && a->dialect != config->exchange.dialect) {
            wt_error("exchange.dialect: %s is right for the account %s of %s, as its orders.accounts say",
                     a->dialect == WT_OUCH_42 ? "ouch42" : "ouch50", a->username, config->exchange.venue);
            return -EINVAL;
        }
    }
    return 0;
}

int wt_cli_inside_create(const struct wt_config *config, const uint32_t group[2], struct wt_exchange_wire wire,
                         struct wt_cli_inside *x)
{
    struct wt_config_errors errors;
    *x = (struct wt_cli_inside){0};
    if (wt_venue_settings_load(config->exchange.venue, NULL, 0, &x->settings, &errors)) {
        wt_config_print_errors(&errors);
        return -EINVAL;
    }
    if (x->settings->market.speed == 0) {
        wt_error("%s: market.speed: 0 has no meaning in virtual time; 1 or more is right", config->exchange.venue);
        return -EINVAL;
    }
    if (config->host.loops < 2 && check_dialect(config, x->settings, config->exchange.username))
        return -EINVAL;
    for (unsigned i = 0; i < config->exchange.logins_count; i++)
        if (check_dialect(config, x->settings, config->exchange.logins[i].username))
            return -EINVAL;
    if (config->run.max_messages)
        x->settings->market.max_messages = config->run.max_messages;
    const struct wt_inside_config inside = {.group = {group[0], group[1]},
                                            .port = {config->feed.port, config->feed.port},
                                            .order_in_ns = config->exchange.order_in_ns,
                                            .request_ns = config->exchange.order_in_ns,
                                            .until_done = wt_venue_ends(x->settings)};
    int rc = wt_inside_create(&inside, wire, &x->inside);
    return rc ? rc : wt_venue_build(x->settings, (struct wt_line_wire){x->inside, wt_inside_send}, &x->parts);
}

uint64_t wt_cli_inside_first_ns(const struct wt_cli_inside *x)
{
    return wt_venue_stamp(x->parts.venue);
}

int wt_cli_inside_end(const struct wt_cli_inside *x)
{
    return wt_venue_parts_end(x->settings, &x->parts, wt_inside_unsent(x->inside));
}

void wt_cli_inside_stats(const struct wt_cli_inside *x, struct wt_exchange_stats *stats)
{
    struct wt_venue_stats s;
    wt_venue_stats(x->parts.venue, &s);
    *stats = s.orders;
    stats->unsent = wt_inside_unsent(x->inside);
}

void wt_cli_inside_destroy(struct wt_cli_inside *x)
{
    wt_venue_parts_destroy(&x->parts);
    wt_inside_destroy(x->inside);
    wt_venue_settings_free(x->settings);
    *x = (struct wt_cli_inside){0};
}
