#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/itch_put.h"
#include "sim/exchange/venue_internal.h"

#define BATCH 256                /* messages of a file in one run */
#define MAX_REPLAYED_ACCOUNTS 16 /* each has a book of its own */

/* ---------------------------------------------------------------- the engine */

static void put_published(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    struct wt_venue *v = ctx;
    (void)when_ns;
    /* What comes before the market begins is in the snapshot that it begins with. */
    if (v->begun)
        wt_venue_put(v, message, length);
}

static int find_symbol(void *ctx, const char name[8])
{
    const struct wt_venue *v = ctx;
    for (unsigned i = 0; i < v->config.symbol_count; i++)
        if (memcmp(wt_publish_name(v->publish, (uint16_t)i), name, 8) == 0)
            return (int)i;
    return -ENOENT;
}

static void pad(char to[8], const char *name)
{
    memset(to, ' ', 8);
    memcpy(to, name, strnlen(name, 8));
}

static int init_engine(struct wt_venue *v)
{
    struct wt_engine_config config;
    wt_engine_defaults(&config);
    config.max_orders = v->config.max_orders;
    int rc = wt_publish_create((struct wt_publish_sink){v, put_published}, &v->publish);
    if (rc == 0)
        rc = wt_engine_create(&config, wt_publish_handler(v->publish), &v->engine);
    if (rc == 0)
        rc = wt_engine_desks_create(v->engine, (struct wt_engine_names){v, find_symbol}, v->config.account_count,
                                    &v->desks);
    wt_venue_clients_time(v);
    for (unsigned i = 0; rc == 0 && i < v->config.account_count; i++) {
        struct wt_desk desk;
        char mpid[4] = "    ";
        memcpy(mpid, v->config.accounts[i].username, strnlen(v->config.accounts[i].username, sizeof mpid));
        if (!wt_engine_desks_add(v->desks, mpid, wt_account_handler(&v->sessions[i]), &desk))
            return -ENOSPC;
        wt_account_begin(&v->sessions[i], desk);
    }
    if (rc == 0)
        wt_publish_now(v->publish, v->config.market_start_ns);
    for (unsigned i = 0; rc == 0 && i < v->config.symbol_count; i++) {
        char name[8];
        pad(name, v->config.symbols[i]);
        int symbol = wt_engine_symbol(v->engine, name);
        if (symbol < 0) {
            wt_error("venue: symbol '%.8s': %s", name, symbol == -EEXIST ? "listed twice" : "there is no room for it");
            return symbol;
        }
        rc = wt_publish_symbol(v->publish, (uint16_t)symbol, name);
    }
    return rc;
}

/* ---------------------------------------------------------------- a file */

static void read_message(struct wt_venue *v)
{
    int rc = 0;
    do {
        if (v->config.max_messages == 0 || v->messages < v->config.max_messages)
            rc = wt_itch_file_next(&v->file, &v->message, &v->message_length);
    } while (rc > 0 && v->message_length > WT_MOLD_OUT_LONGEST);
    if (rc <= 0) {
        v->message = NULL;
        v->file_done = true;
        return;
    }
    v->messages++;
    uint64_t ns = v->message_length >= 11 ? wt_itch_ns(v->message) : 0;
    if (ns < v->message_ns)
        v->stats.orders.clamped += v->message_length >= 11;
    else
        v->message_ns = ns;
}

static int init_file(struct wt_venue *v)
{
    unsigned accounts = v->config.account_count;
    if (accounts > MAX_REPLAYED_ACCOUNTS) {
        wt_error("venue: %u accounts in a replayed market: %u at most", accounts, MAX_REPLAYED_ACCOUNTS);
        return -EINVAL;
    }
    v->replayed = calloc(accounts + 1, sizeof *v->replayed);
    if (!v->replayed)
        return -ENOMEM;
    int rc = wt_itch_file_open(&v->file, v->config.file);
    v->file_open = rc == 0;
    if (rc < 0)
        return rc;
    read_message(v);
    if (!v->message) {
        wt_error("%s: holds no message that can be sent", v->config.file);
        return -ENODATA;
    }
    v->config.market_start_ns = v->message_ns;
    wt_venue_clients_time(v);
    for (unsigned i = 0; rc == 0 && i <= accounts; i++) {
        struct wt_desk_handler handler = {0};
        if (i < accounts)
            handler = wt_account_handler(&v->sessions[i]);
        rc = wt_replay_create(&v->replayed[i].replay);
        if (rc == 0)
            rc = wt_matcher_create(v->replayed[i].replay, handler, &v->replayed[i].matcher);
        if (rc == 0 && i < accounts)
            wt_account_begin(&v->sessions[i], wt_matcher_desk(v->replayed[i].matcher));
    }
    return rc;
}

/* A message reaches the feed and every account's market. */
static void replay(struct wt_venue *v, const uint8_t *message, size_t length)
{
    for (unsigned i = 0; i <= v->config.account_count; i++)
        wt_matcher_replay(v->replayed[i].matcher, message, length);
    wt_venue_put(v, message, length);
}

static void take_file_message(struct wt_venue *v)
{
    uint8_t message[WT_MOLD_OUT_LONGEST];
    size_t length = v->message_length;
    memcpy(message, v->message, length);
    bool over = length == wt_itch_length('S') && message[0] == 'S' && message[11] == 'E';
    if (length >= 11)
        wt_put_be48(message + 5, wt_venue_step(v, wt_itch_ns(message)));
    replay(v, message, length);
    for (unsigned i = 0; over && i < v->config.account_count; i++)
        wt_session_end_of_day(&v->sessions[i], v->now_ns);
    read_message(v);
}

struct replay_snapshot {
    const struct wt_venue *v;
    struct wt_publish_sink sink;
    uint64_t ns;
};

static void snapshot_replayed(const struct replay_snapshot *s, struct wt_replay *replay, uint16_t locate,
                              const struct wt_replay_symbol *symbol)
{
    uint8_t m[WT_ITCH_MAX];
    for (unsigned side = 0; side < 2; side++) {
        for (uint32_t at = symbol->side[side].count; at-- > 0;) {
            uint32_t i = symbol->side[side].levels[at].head;
            while (i != WT_REPLAY_NONE) {
                const struct wt_replay_order *o = wt_replay_order(replay, i);
                s->sink.put(s->sink.ctx, s->ns, m,
                            wt_itch_put_add(m, locate, s->ns, o->ref, side ? 'S' : 'B', o->shares, symbol->name,
                                            o->price, NULL));
                i = o->next;
            }
        }
    }
}

static void snapshot_file(const struct wt_venue *v, struct wt_publish_sink sink)
{
    uint8_t m[WT_ITCH_MAX];
    struct replay_snapshot s = {v, sink, wt_venue_stamp(v)};
    struct wt_replay *replay = v->replayed[v->config.account_count].replay;
    for (unsigned pass = 0; pass < 3; pass++) {
        for (uint32_t locate = 0; locate < 65536; locate++) {
            const struct wt_replay_symbol *symbol = wt_replay_symbol(replay, (uint16_t)locate);
            if (!symbol)
                continue;
            if (pass == 0)
                sink.put(sink.ctx, s.ns, m, wt_itch_put_directory(m, (uint16_t)locate, s.ns, symbol->name));
            else if (pass == 1)
                sink.put(sink.ctx, s.ns, m,
                         wt_itch_put_action(m, (uint16_t)locate, s.ns, symbol->name, symbol->state, "    "));
            else
                snapshot_replayed(&s, replay, (uint16_t)locate, symbol);
        }
    }
}

/* A halt that the file knows nothing of: the venue's own message among the file's. */
static void halt_replayed(struct wt_venue *v, bool halt)
{
    uint8_t m[WT_ITCH_MAX];
    uint64_t ns = wt_venue_stamp(v) & 0xffffffffffffu;
    const struct wt_replay *replay_of_all = v->replayed[v->config.account_count].replay;
    for (uint32_t locate = 0; locate < 65536; locate++) {
        const struct wt_replay_symbol *symbol = wt_replay_symbol(replay_of_all, (uint16_t)locate);
        if (symbol)
            replay(v, m,
                   wt_itch_put_action(m, (uint16_t)locate, ns, symbol->name, halt ? 'H' : 'T', halt ? "T1  " : "    "));
    }
}

/* ---------------------------------------------------------------- either */

int wt_venue_market_init(struct wt_venue *v)
{
    return v->config.file ? init_file(v) : init_engine(v);
}

void wt_venue_market_free(struct wt_venue *v)
{
    wt_engine_desks_destroy(v->desks);
    wt_engine_destroy(v->engine);
    wt_publish_destroy(v->publish);
    for (unsigned i = 0; v->replayed && i <= v->config.account_count; i++) {
        wt_matcher_destroy(v->replayed[i].matcher);
        wt_replay_destroy(v->replayed[i].replay);
    }
    free(v->replayed);
    if (v->file_open)
        wt_itch_file_close(&v->file);
}

uint64_t wt_venue_market_first_ns(const struct wt_venue *v)
{
    return v->config.market_start_ns;
}

void wt_venue_market_begin(struct wt_venue *v)
{
    v->begun = true;
    v->begin_ns = v->now_ns;
    if (!v->publish)
        return;
    wt_publish_event(v->publish, 'O');
    wt_publish_snapshot(v->publish, v->engine, (struct wt_publish_sink){v, put_published});
    wt_publish_event(v->publish, 'S');
    wt_publish_event(v->publish, 'Q');
}

/* When the market's clock says ns. */
static uint64_t venue_ns(const struct wt_venue *v, uint64_t ns)
{
    uint64_t first = wt_venue_market_first_ns(v);
    if (ns == UINT64_MAX)
        return ns;
    return ns <= first || v->config.speed == 0 ? v->begin_ns : v->begin_ns + (ns - first) / v->config.speed;
}

/* What happens in the engine now is stamped with that market time, or the one before if that was later. */
void wt_venue_market_time(struct wt_venue *v, uint64_t ns)
{
    if (!v->publish)
        return;
    if (ns > v->market_clock)
        v->market_clock = ns;
    wt_publish_now(v->publish, wt_venue_step(v, v->market_clock));
    if (v->market.time)
        v->market.time(v->market.ctx, v->market_clock);
}

static bool over(const struct wt_venue *v, uint64_t ns)
{
    if (v->config.max_messages != 0 && v->put >= v->config.max_messages)
        return true;
    return v->config.market_ns != 0 && ns > wt_venue_market_first_ns(v) + v->config.market_ns;
}

uint64_t wt_venue_market_next_ns(const struct wt_venue *v)
{
    if (v->ended || !v->begun)
        return UINT64_MAX;
    if (v->config.file)
        return v->message ? venue_ns(v, v->message_ns) : UINT64_MAX;
    uint64_t next = v->market.next_ns ? v->market.next_ns(v->market.ctx) : UINT64_MAX;
    return over(v, next) ? UINT64_MAX : venue_ns(v, next);
}

void wt_venue_market_run(struct wt_venue *v)
{
    if (v->ended || !v->begun)
        return;
    if (v->config.file) {
        for (unsigned i = 0; i < BATCH && v->message && wt_venue_market_next_ns(v) <= v->now_ns; i++)
            take_file_message(v);
        return;
    }
    for (unsigned i = 0; i < BATCH && wt_venue_market_next_ns(v) <= v->now_ns; i++) {
        uint64_t ns = v->market.next_ns(v->market.ctx);
        wt_venue_market_time(v, ns);
        v->market.run(v->market.ctx, ns);
    }
}

bool wt_venue_market_done(const struct wt_venue *v)
{
    return v->ended || (v->begun && wt_venue_market_next_ns(v) == UINT64_MAX);
}

void wt_venue_market_halt(struct wt_venue *v, bool halt)
{
    if (v->config.file) {
        halt_replayed(v, halt);
        return;
    }
    for (unsigned i = 0; i < v->config.symbol_count; i++)
        wt_engine_state(v->engine, (uint16_t)i, halt ? 'H' : 'T');
}

void wt_venue_market_snapshot(void *ctx, struct wt_publish_sink sink)
{
    const struct wt_venue *v = ctx;
    if (v->config.file)
        snapshot_file(v, sink);
    else
        wt_publish_snapshot(v->publish, v->engine, sink);
}

void wt_venue_market_break(struct wt_venue *v, struct wt_session *session, uint64_t match)
{
    const struct wt_ledger_fill *fill = wt_ledger_fill_find(&session->ledger, match);
    if (v->config.file) {
        wt_account_break(session, match); /* a trade that only the account knows of */
        return;
    }
    if (fill) {
        uint8_t m[WT_ITCH_MAX];
        const struct wt_own_order *o = session->desk.find(session->desk.ctx, fill->user_ref);
        size_t length = wt_itch_put_head(m, 'B', (uint16_t)(o->locate + 1), wt_venue_stamp(v));
        wt_put_be64(m + 11, match);
        wt_venue_put(v, m, length);
    }
    for (unsigned i = 0; i < v->config.account_count; i++)
        wt_account_break(&v->sessions[i], match);
}

void wt_venue_market_end(struct wt_venue *v)
{
    if (!v->publish)
        return;
    wt_publish_event(v->publish, 'M');
    wt_publish_event(v->publish, 'E');
    wt_publish_event(v->publish, 'C');
}

void wt_venue_account_totals(const struct wt_venue *v, unsigned account, struct wt_desk_totals *totals)
{
    if (v->desks)
        wt_engine_desks_totals(v->desks, account, totals);
    else
        wt_matcher_totals(v->replayed[account].matcher, totals);
}
