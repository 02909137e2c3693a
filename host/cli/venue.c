#include "host/cli/venue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"

#define MS 1000000ull

static void set_line(struct wt_line_config *to, const struct wt_venue_line *from, uint64_t seed)
{
    *to = (struct wt_line_config){.seed = seed,
                                  .loss_ppm = from->loss_ppm,
                                  .duplicate_ppm = from->duplicate_ppm,
                                  .reorder_ppm = from->reorder_ppm,
                                  .corrupt_ppm = from->corrupt_ppm,
                                  .skew_ns = from->skew_ns,
                                  .latency = from->latency,
                                  .reorder_ns = from->reorder_ns,
                                  .down_at_ns = from->down_at_ms * MS,
                                  .down_for_ns = from->down_for_ms * MS};
}

static void set_faults(struct wt_venue_config *c, const struct wt_venue_settings *s)
{
    c->faults = (struct wt_session_faults){.seed = s->faults.seed,
                                           .disconnect_ppm = s->faults.disconnect_ppm,
                                           .deaf_ppm = s->faults.deaf_ppm,
                                           .lost_ppm = s->faults.ack_lost_ppm,
                                           .delay_ppm = s->faults.ack_delay_ppm,
                                           .delay_ns = s->faults.ack_delay_ns,
                                           .duplicate_ppm = s->faults.ack_duplicate_ppm,
                                           .reject_ppm = s->faults.reject_ppm,
                                           .break_ppm = s->faults.break_ppm,
                                           .cancel_pending_ppm = s->faults.cancel_pending_ppm,
                                           .cancel_reject_ppm = s->faults.cancel_reject_ppm,
                                           .priority_ppm = s->faults.priority_ppm,
                                           .later_ns = s->faults.later_ns};
    c->halt = (struct wt_venue_spell){s->faults.halt_at_ms * MS, s->faults.halt_for_ms * MS};
    c->silent = (struct wt_venue_spell){s->faults.silent_at_ms * MS, s->faults.silent_for_ms * MS};
    c->session_change_ns = s->faults.session_change_ms * MS;
    c->clock_step_at_ns = s->faults.clock_step_at_ms * MS;
    c->clock_step_ns = (int64_t)s->faults.clock_forward_ns - (int64_t)s->faults.clock_back_ns;
    set_line(&c->line[0], &s->feed.a, s->faults.seed);
    set_line(&c->line[1], &s->feed.b, s->faults.seed + 1);
}

static void set_venue(struct wt_venue_config *c, const struct wt_venue_settings *s)
{
    wt_venue_defaults(c);
    memcpy(c->feed.session, s->feed.session, sizeof c->feed.session);
    c->feed.window_ns = s->feed.packet_window_ns;
    c->feed.heartbeat_ns = s->feed.heartbeat_ns;
    c->feed.store_messages = s->feed.store_messages;
    c->feed.store_bytes = s->feed.store_bytes;
    memcpy(c->orders_session, s->orders.session, sizeof c->orders_session);
    c->cancel_on_disconnect = s->orders.cancel_on_disconnect;
    c->order_out_ns = s->orders.out_ns;
    c->order_in = s->orders.in;
    c->order_out = s->orders.out;
    memcpy(c->glimpse.username, s->glimpse.username, sizeof c->glimpse.username);
    memcpy(c->glimpse.password, s->glimpse.password, sizeof c->glimpse.password);
    c->file = s->market.type == WT_VENUE_FILE ? s->market.file : NULL;
    c->max_messages = s->market.max_messages;
    c->max_orders = s->market.max_orders;
    c->speed = s->market.speed;
    c->wait_logins = s->market.wait_logins;
    c->market_ns = s->market.seconds * 1000 * MS;
    set_faults(c, s);
}

static void agents_time(void *agents, uint64_t market_ns)
{
    wt_agents_time(agents, market_ns);
}

static int make_agents(const struct wt_venue_settings *s, struct wt_venue_parts *parts)
{
    struct wt_agents_symbol *symbols = calloc(s->market.symbols_count + 1, sizeof *symbols);
    if (!symbols)
        return -ENOMEM;
    for (unsigned i = 0; i < s->market.symbols_count; i++)
        symbols[i] = (struct wt_agents_symbol){
            .symbol = (uint16_t)i, .price = s->market.symbols[i].price_cents * 100, .deep = s->market.symbols[i].deep};
    struct wt_agents_config config;
    wt_agents_defaults(&config, (enum wt_agents_preset)s->market.preset);
    config.seed = s->market.seed;
    int rc = wt_agents_create(&config, wt_venue_engine(parts->venue), symbols, s->market.symbols_count,
                              wt_venue_stamp(parts->venue), &parts->agents);
    free(symbols);
    if (rc == 0)
        wt_venue_market(parts->venue, (struct wt_venue_market){.ctx = parts->agents,
                                                               .next_ns = wt_agents_next_ns,
                                                               .run = wt_agents_run,
                                                               .time = agents_time});
    return rc;
}

int wt_venue_build(const struct wt_venue_settings *s, struct wt_line_wire wire, struct wt_venue_parts *parts)
{
    struct wt_venue_config config;
    struct wt_venue_account accounts[WT_VENUE_ACCOUNTS];
    *parts = (struct wt_venue_parts){0};
    set_venue(&config, s);
    for (unsigned i = 0; i < s->orders.accounts_count; i++) {
        memcpy(accounts[i].username, s->orders.accounts[i].username, sizeof accounts[i].username);
        accounts[i].dialect = (enum wt_ouch_dialect)s->orders.accounts[i].dialect;
        memcpy(accounts[i].password, s->orders.accounts[i].password, sizeof accounts[i].password);
    }
    config.accounts = accounts;
    config.account_count = s->orders.accounts_count;
    char(*names)[9] = calloc(s->market.symbols_count + 1, sizeof *names);
    if (!names)
        return -ENOMEM;
    for (unsigned i = 0; i < s->market.symbols_count; i++)
        memcpy(names[i], s->market.symbols[i].name, sizeof names[i]);
    config.symbols = (const char(*)[9])names;
    config.symbol_count = s->market.symbols_count;
    int rc = wt_venue_create(&config, wire, &parts->venue);
    free(names);
    if (rc == 0 && s->market.type == WT_VENUE_AGENTS)
        rc = make_agents(s, parts);
    return rc;
}

typedef unsigned long long ull;

static void print_line(FILE *out, char name, const struct wt_line_stats *s)
{
    fprintf(out, "line %c     %llu sent, %llu lost, %llu duplicated, %llu reordered, %llu corrupted, %llu while down\n",
            name, (ull)s->sent, (ull)s->lost + s->overflow, (ull)s->duplicated, (ull)s->reordered, (ull)s->corrupted,
            (ull)s->down);
}

static void print_faults(FILE *out, const struct wt_venue_stats *s)
{
    const struct wt_session_happened *h = &s->happened;
    fprintf(out,
            "faults     %llu packets cut, %llu requests cut, %llu answers lost, %llu delayed, %llu doubled; "
            "%llu rejects for nothing, %llu trades broken, %llu cancels pending, %llu cancels rejected, "
            "%llu orders moved; "
            "%llu session changes, %d halts, %d silences, %d clock steps\n",
            (ull)h->disconnected, (ull)h->deaf, (ull)h->lost, (ull)h->delayed, (ull)h->duplicated, (ull)h->rejected,
            (ull)h->broken, (ull)h->cancels_pending, (ull)h->cancels_rejected, (ull)h->moved, (ull)s->feed.sessions,
            s->halted, s->silent, s->stepped);
}

static void print_rejects(FILE *out, const struct wt_venue *venue)
{
    struct wt_venue_reject rejects[32];
    unsigned count = wt_venue_rejects(venue, rejects, sizeof rejects / sizeof rejects[0]);
    fprintf(out, "rejects   ");
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "%s %llu for 0x%04x", i ? "," : "", (ull)rejects[i].orders, rejects[i].reason);
    fprintf(out, "%s\n", count ? "" : " none");
}

void wt_venue_print(const struct wt_venue *venue, uint64_t unsent, FILE *out)
{
    struct wt_venue_stats s;
    wt_venue_stats(venue, &s);
    fprintf(out, "feed       %llu messages in %llu packets, %llu heartbeats; %llu refused by the network\n",
            (ull)s.feed.messages, (ull)s.feed.packets, (ull)s.feed.heartbeats, (ull)unsent);
    print_line(out, 'A', &s.line[0]);
    print_line(out, 'B', &s.line[1]);
    fprintf(out, "rerequest  %llu, %llu of them refused; %llu messages sent again\n", (ull)s.rerequests,
            (ull)s.rerequests_refused, (ull)s.rerequest_messages);
    fprintf(out,
            "clients    %llu connections, %llu logins, %llu refused, %llu closed by the venue; %llu for snapshots\n",
            (ull)s.connections, (ull)s.orders.logins, (ull)s.refused_logins, (ull)s.closed_by_venue, (ull)s.glimpses);
    fprintf(out, "orders     %llu, %llu accepted, %llu replaced, %llu rejected, %llu ignored, %llu malformed\n",
            (ull)s.orders.orders, (ull)s.orders.accepted, (ull)s.orders.replaced, (ull)s.orders.rejected,
            (ull)s.orders.ignored, (ull)s.orders.malformed);
    fprintf(out, "shares     %llu accepted = %llu executed + %llu canceled + %llu open\n",
            (ull)s.orders.accepted_shares, (ull)s.orders.executed_shares, (ull)s.orders.canceled_shares,
            (ull)s.orders.open_shares);
    print_rejects(out, venue);
    print_faults(out, &s);
}

bool wt_venue_ends(const struct wt_venue_settings *s)
{
    return s->market.type == WT_VENUE_FILE || s->market.seconds != 0 || s->market.max_messages != 0;
}

static int write_summary(const struct wt_venue *venue, uint64_t unsent, const char *dir)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/summary.txt", dir);
    FILE *file = fopen(path, "w");
    int bad = !file;
    if (file) {
        wt_venue_print(venue, unsent, file);
        bad = ferror(file);
        bad |= fclose(file);
    }
    if (bad)
        wt_error("%s: cannot be written: %s", path, strerror(errno));
    return bad ? -EIO : 0;
}

int wt_venue_parts_end(const struct wt_venue_settings *s, const struct wt_venue_parts *parts, uint64_t unsent)
{
    uint64_t differ = wt_venue_ledger_check(parts->venue);
    if (differ != 0)
        wt_error("exchange: %llu orders are not in the books as their clients were told", (unsigned long long)differ);
    int rc = s->output.dir[0] != '\0' ? wt_venue_dump(parts->venue, s->output.dir) : 0;
    if (rc == 0 && s->output.dir[0] != '\0')
        rc = write_summary(parts->venue, unsent, s->output.dir);
    return rc != 0 || differ == 0 ? rc : -EBADMSG;
}

void wt_venue_parts_destroy(struct wt_venue_parts *parts)
{
    wt_venue_destroy(parts->venue);
    wt_agents_destroy(parts->agents);
    *parts = (struct wt_venue_parts){0};
}
