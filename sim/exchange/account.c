#include <string.h>

#include "host/common/bytes.h"
#include "sim/exchange/account_later.h"

#define CENT 100u
#define DOLLAR 10000u

/* ---------------------------------------------------------------- what the desk tells */

static void on_accepted(void *ctx, const struct wt_own_order *o, uint32_t orig_ref)
{
    struct wt_session *s = ctx;
    if (orig_ref == 0)
        s->stats->accepted++;
    else
        s->stats->replaced++;
    struct wt_ouch m = {.type = orig_ref == 0 ? WT_OUCH_ACCEPTED : WT_OUCH_REPLACED,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = o->user_ref,
                        .orig_ref = orig_ref,
                        .side = o->side,
                        .quantity = o->open,
                        .price = o->price,
                        .tif = o->tif,
                        .display = o->display,
                        .order_ref = o->order_ref,
                        .capacity = o->capacity,
                        .iso = o->iso,
                        .cross = o->cross,
                        .state = 'L'};
    memcpy(m.symbol, o->symbol, sizeof m.symbol);
    memcpy(m.cl_ord_id, o->cl_ord_id, sizeof m.cl_ord_id);
    wt_session_send(s, &m);
    if (s->desk.move && wt_later_begins(s, s->config.faults.priority_ppm))
        wt_later_add(s, (struct wt_session_later){.user_ref = o->user_ref, .move = true});
}

static void on_moved(void *ctx, const struct wt_own_order *o)
{
    struct wt_session *s = ctx;
    s->happened.moved++;
    struct wt_ouch m = {.type = WT_OUCH_PRIORITY,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = o->user_ref,
                        .price = o->price,
                        .display = o->display,
                        .order_ref = o->order_ref};
    memcpy(m.cl_ord_id, o->cl_ord_id, sizeof m.cl_ord_id);
    wt_session_send(s, &m);
}

static void on_executed(void *ctx, const struct wt_own_order *o, uint32_t shares, uint32_t price, char liquidity,
                        uint64_t match)
{
    struct wt_session *s = ctx;
    s->stats->executed++;
    s->stats->executed_shares += shares;
    struct wt_ouch m = {.type = WT_OUCH_EXECUTED,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = o->user_ref,
                        .quantity = shares,
                        .price = price,
                        .liquidity = liquidity,
                        .match = match};
    wt_session_send(s, &m);
    if (wt_later_begins(s, s->config.faults.break_ppm))
        wt_later_add(s, (struct wt_session_later){.match = match});
}

static void on_canceled(void *ctx, const struct wt_own_order *o, uint32_t shares, char reason)
{
    struct wt_session *s = ctx;
    s->stats->canceled++;
    struct wt_ouch m = {.type = WT_OUCH_CANCELED,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = o->user_ref,
                        .quantity = shares,
                        .reason = (uint8_t)reason};
    wt_session_send(s, &m);
}

static void on_self_match(void *ctx, const struct wt_own_order *o, uint32_t shares, uint32_t price)
{
    struct wt_session *s = ctx;
    s->stats->canceled++;
    struct wt_ouch m = {.type = WT_OUCH_AIQ_CANCELED,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = o->user_ref,
                        .quantity = shares,
                        .reason = 'Q',
                        .prevented = shares,
                        .price = price,
                        .liquidity = 'R',
                        .aiq_strategy = 'N'}; /* newest canceled */
    wt_session_send(s, &m);
}

/* ---------------------------------------------------------------- requests */

static void reject(struct wt_session *s, const struct wt_ouch *in, enum wt_ouch_reject reason)
{
    s->stats->rejected++;
    struct wt_ouch m = {.type = WT_OUCH_REJECTED,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = in->user_ref,
                        .reason = (uint16_t)reason};
    if (s->config.dialect == WT_OUCH_42)
        m.reason = (uint8_t)wt_ouch42_reject(reason);
    memcpy(m.cl_ord_id, in->cl_ord_id, sizeof m.cl_ord_id);
    wt_session_send(s, &m);
}

/* A number that was used, or one below it, gets no answer (protocols.md, end of section 4). */
static bool new_ref(struct wt_session *s, uint32_t user_ref)
{
    if (user_ref > s->last_ref)
        return true;
    s->stats->ignored++;
    return false;
}

/* What is wrong with the options; 0: nothing, and order gets what they say. An option that asks for what this
 * exchange does not do is refused, never ignored. */
static unsigned take_options(const struct wt_session *s, const struct wt_ouch *in, struct wt_own_order *order)
{
    struct wt_ouch_option option;
    size_t offset = 0;
    while (wt_ouch_option_next(in->options, in->options_length, &offset, &option) > 0) {
        uint64_t value = wt_ouch_option_number(&option);
        switch (option.tag) {
        case WT_OUCH_TAG_FIRM:
        case WT_OUCH_TAG_CUSTOMER_TYPE:
        case WT_OUCH_TAG_SHARES_LOCATED:
        case WT_OUCH_TAG_USER_REF_IDX:
        case WT_OUCH_TAG_GROUP_ID:
            break;
        case WT_OUCH_TAG_MIN_QTY:
            if (value != 0 && (!s->desk.all_terms || value > in->quantity))
                return WT_OUCH_REJECT_MIN_QTY;
            order->min_quantity = (uint32_t)value;
            break;
        case WT_OUCH_TAG_MAX_FLOOR:
            if (value != 0)
                return WT_OUCH_REJECT_MAX_FLOOR;
            break;
        case WT_OUCH_TAG_PRICE_TYPE:
            if (value != 'L')
                return WT_OUCH_REJECT_PEG_TYPE;
            break;
        case WT_OUCH_TAG_POST_ONLY:
            if (value != 'N' && (value != 'P' || !s->desk.all_terms))
                return WT_OUCH_REJECT_OTHER;
            order->post_only = value == 'P';
            break;
        case WT_OUCH_TAG_TRADE_NOW:
            if (value != 'N')
                return WT_OUCH_REJECT_OTHER;
            break;
        case WT_OUCH_TAG_ROUTE:
            return WT_OUCH_REJECT_ROUTING;
        default:
            return WT_OUCH_REJECT_OTHER;
        }
    }
    return 0;
}

/* What Enter and Replace have in common; 0: nothing is wrong. */
static unsigned take_terms(const struct wt_session *s, const struct wt_ouch *in, struct wt_own_order *order)
{
    if (in->quantity < 1 || in->quantity > WT_OUCH_MAX_QUANTITY)
        return WT_OUCH_REJECT_QUANTITY;
    if (in->price < 1 || in->price > WT_OUCH_MAX_PRICE || (in->price >= DOLLAR && in->price % CENT != 0))
        return WT_OUCH_REJECT_PRICE;
    if (in->tif != '0' && in->tif != '3')
        return WT_OUCH_REJECT_OTHER;
    if (in->display != 'Y' && in->display != 'A' && (in->display != 'N' || !s->desk.all_terms))
        return WT_OUCH_REJECT_DISPLAY;
    if (in->iso != 'N')
        return WT_OUCH_REJECT_ISO;
    order->tif = in->tif;
    order->display = in->display;
    order->iso = in->iso;
    order->price = (uint32_t)in->price;
    memcpy(order->cl_ord_id, in->cl_ord_id, sizeof order->cl_ord_id);
    return take_options(s, in, order);
}

static bool one_of(const char *set, char c)
{
    return c != '\0' && strchr(set, c);
}

static unsigned take_enter(struct wt_session *s, const struct wt_ouch *in, struct wt_own_order *order)
{
    int locate = s->desk.symbol(s->desk.ctx, in->symbol);
    if (s->disabled)
        return WT_OUCH_REJECT_FIRM;
    if (s->closed)
        return WT_OUCH_REJECT_CLOSED;
    if (locate < 0)
        return WT_OUCH_REJECT_SYMBOL;
    if (!one_of("BSTE", in->side))
        return WT_OUCH_REJECT_SIDE;
    if (in->cross != 'N')
        return WT_OUCH_REJECT_CROSS;
    if (!one_of("APRO", in->capacity))
        return WT_OUCH_REJECT_OTHER;
    unsigned reason = take_terms(s, in, order);
    if (reason != 0)
        return reason;
    order->user_ref = in->user_ref;
    order->locate = (uint16_t)locate;
    order->side = in->side;
    order->capacity = in->capacity;
    order->cross = in->cross;
    order->open = in->quantity;
    memcpy(order->symbol, in->symbol, sizeof order->symbol);
    return s->desk.trading(s->desk.ctx, order->locate) ? 0 : WT_OUCH_REJECT_HALTED;
}

/* A fault. */
static bool rejected_for_nothing(struct wt_session *s)
{
    bool yes = wt_session_chance(s, s->config.faults.reject_ppm);
    s->happened.rejected += yes;
    return yes;
}

static void enter(struct wt_session *s, const struct wt_ouch *in)
{
    s->stats->orders++;
    if (!new_ref(s, in->user_ref))
        return;
    s->last_ref = in->user_ref;
    struct wt_own_order order = {0};
    unsigned reason = take_enter(s, in, &order);
    if (reason == 0 && rejected_for_nothing(s))
        reason = WT_OUCH_REJECT_OTHER;
    if (reason == 0)
        reason = s->desk.enter(s->desk.ctx, &order);
    if (reason != 0)
        reject(s, in, (enum wt_ouch_reject)reason);
}

static void replace(struct wt_session *s, const struct wt_ouch *in)
{
    s->stats->orders++;
    if (!new_ref(s, in->user_ref))
        return;
    struct wt_own_order *old = s->desk.find(s->desk.ctx, in->orig_ref);
    if (!old || !old->live) {
        s->stats->ignored++;
        return;
    }
    /* What is about to be canceled cannot be replaced, and the number is used up. */
    if (wt_later_cancel_pending(s, in->orig_ref)) {
        s->last_ref = in->user_ref;
        reject(s, in, WT_OUCH_REJECT_OTHER);
        return;
    }
    /* A halted order can be canceled, but nothing may take its place now. */
    if (s->disabled || !s->desk.trading(s->desk.ctx, old->locate)) {
        s->last_ref = in->user_ref;
        reject(s, in, s->disabled ? WT_OUCH_REJECT_FIRM : WT_OUCH_REJECT_HALTED);
        return;
    }
    uint32_t done = old->chain_executed + old->executed;
    struct wt_own_order order = *old;
    order.user_ref = in->user_ref;
    order.chain_executed = done;
    if (take_terms(s, in, &order) != 0 || in->quantity <= done) {
        s->desk.cancel(s->desk.ctx, old, old->open, 'U');
        return;
    }
    order.open = in->quantity - done;
    unsigned reason = WT_OUCH_REJECT_OTHER;
    if (!rejected_for_nothing(s))
        reason = s->desk.replace(s->desk.ctx, in->orig_ref, &order);
    if (reason == WT_DESK_CANCELED)
        return;
    s->last_ref = in->user_ref;
    if (reason != 0)
        reject(s, in, (enum wt_ouch_reject)reason);
}

static void answer_cancel(struct wt_session *s, char type, uint32_t user_ref)
{
    struct wt_ouch m = {.type = type, .timestamp = wt_session_stamp(s), .user_ref = user_ref};
    wt_session_send(s, &m);
}

static void cancel(struct wt_session *s, const struct wt_ouch *in)
{
    struct wt_own_order *o = s->desk.find(s->desk.ctx, in->user_ref);
    uint32_t shares = o && o->live && !wt_later_cancel_pending(s, in->user_ref) ? wt_later_shrink(o, in->quantity) : 0;
    if (shares == 0) {
        s->stats->ignored++;
    } else if (wt_session_chance(s, s->config.faults.cancel_reject_ppm)) {
        s->happened.cancels_rejected++;
        answer_cancel(s, WT_OUCH_CANCEL_REJECTED, in->user_ref);
    } else if (wt_later_begins(s, s->config.faults.cancel_pending_ppm)) {
        s->happened.cancels_pending++;
        answer_cancel(s, WT_OUCH_CANCEL_PENDING, in->user_ref);
        wt_later_add(s, (struct wt_session_later){.user_ref = in->user_ref, .quantity = in->quantity});
    } else {
        s->desk.cancel(s->desk.ctx, o, shares, 'U');
    }
}

static void modify(struct wt_session *s, const struct wt_ouch *in)
{
    struct wt_own_order *o = s->desk.find(s->desk.ctx, in->user_ref);
    if (!o || !o->live || !one_of("STE", in->side) || !one_of("STE", o->side)) {
        s->stats->ignored++;
        return;
    }
    uint32_t shares = wt_later_shrink(o, in->quantity);
    o->side = in->side;
    if (shares > 0)
        s->desk.cancel(s->desk.ctx, o, shares, 'U');
    if (!o->live)
        return;
    struct wt_ouch m = {.type = WT_OUCH_MODIFIED,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = o->user_ref,
                        .side = o->side,
                        .quantity = o->open};
    wt_session_send(s, &m);
}

/* Mass Cancel, Disable and Enable Order Entry: they use up a UserRefNum and are answered by an echo. */
static void account_request(struct wt_session *s, const struct wt_ouch *in, char answer)
{
    if (!new_ref(s, in->user_ref))
        return;
    s->last_ref = in->user_ref;
    struct wt_ouch m = {.type = answer, .timestamp = wt_session_stamp(s), .user_ref = in->user_ref};
    memcpy(m.firm, in->firm, sizeof m.firm);
    memcpy(m.symbol, in->symbol, sizeof m.symbol);
    wt_session_send(s, &m);
    if (in->type == WT_OUCH_MASS_CANCEL)
        s->desk.cancel_all(s->desk.ctx, memcmp(in->symbol, "        ", 8) == 0 ? NULL : in->symbol, 'U');
    else
        s->disabled = in->type == WT_OUCH_DISABLE;
}

/* A message that breaks the tables. If it says which new order it would have been, say no to that order. */
static void take_malformed(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    s->stats->malformed++;
    wt_session_warn(s, "a malformed OUCH message of the client");
    size_t at = length > 0 && bytes[0] == WT_OUCH_REPLACE ? 5 : 1;
    if (length < at + 4 || (bytes[0] != WT_OUCH_ENTER && bytes[0] != WT_OUCH_REPLACE))
        return;
    struct wt_ouch in = {.user_ref = wt_be32(bytes + at)};
    memset(in.cl_ord_id, ' ', sizeof in.cl_ord_id);
    if (!new_ref(s, in.user_ref))
        return;
    s->last_ref = in.user_ref;
    reject(s, &in, WT_OUCH_REJECT_PROCESSING);
}

static void act(struct wt_session *s, const struct wt_ouch *in)
{
    if ((in->type == WT_OUCH_ENTER || in->type == WT_OUCH_REPLACE) && wt_ledger_request(&s->ledger, in) < 0)
        wt_session_warn(s, "a request is missing in the ledger: no memory");
    switch (in->type) {
    case WT_OUCH_ENTER:
        enter(s, in);
        break;
    case WT_OUCH_REPLACE:
        replace(s, in);
        break;
    case WT_OUCH_CANCEL:
        cancel(s, in);
        break;
    case WT_OUCH_MODIFY:
        modify(s, in);
        break;
    case WT_OUCH_MASS_CANCEL:
        account_request(s, in, WT_OUCH_MASS_CANCEL_RESPONSE);
        break;
    case WT_OUCH_DISABLE:
        account_request(s, in, WT_OUCH_DISABLE_RESPONSE);
        break;
    case WT_OUCH_ENABLE:
        account_request(s, in, WT_OUCH_ENABLE_RESPONSE);
        break;
    case WT_OUCH_QUERY: {
        struct wt_ouch m = {
            .type = WT_OUCH_QUERY_RESPONSE, .timestamp = wt_session_stamp(s), .user_ref = s->last_ref + 1};
        wt_session_send(s, &m);
        break;
    }
    }
}

static void take(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    struct wt_ouch in;
    if (wt_ouch_decode(WT_OUCH_IN, bytes, length, &in) < 0)
        take_malformed(s, bytes, length);
    else
        act(s, &in);
}

/* ---------------------------------------------------------------- OUCH 4.2 */

/* A request that names its order anew: Enter, Replace. A token that was used gets no answer, as a number in 5.0. */
static void take_new42(struct wt_session *s, const struct wt_ouch42 *m, struct wt_ouch *in)
{
    if (wt_tokens_find(&s->tokens, m->token) || (m->type == WT_OUCH_REPLACE && in->orig_ref == 0)) {
        s->stats->orders++;
        s->stats->ignored++;
        return;
    }
    struct wt_token token = {.display = m->display, .time_in_force = m->time_in_force, .min_quantity = m->min_quantity};
    memcpy(token.token, m->token, sizeof token.token);
    memcpy(token.firm, m->firm, sizeof token.firm);
    if (m->type == WT_OUCH_REPLACE)
        memcpy(token.firm, wt_tokens_get(&s->tokens, in->orig_ref)->firm, sizeof token.firm);
    in->user_ref = wt_tokens_add(&s->tokens, &token);
    if (in->user_ref == 0) {
        wt_session_warn(s, "an order is not taken: no memory");
        return;
    }
    act(s, in);
    if (s->last_ref < in->user_ref) /* not taken, and not used up */
        wt_tokens_forget(&s->tokens);
}

/* Wrong in length or type, or what no token is. The token may be one to answer to. */
static void take_malformed42(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    struct wt_token token = {.display = 'Y'};
    size_t at = length > 0 && bytes[0] == WT_OUCH_REPLACE ? 15 : 1;
    s->stats->malformed++;
    wt_session_warn(s, "a malformed OUCH 4.2 message of the client");
    if (length < at + WT_OUCH42_TOKEN || (bytes[0] != WT_OUCH_ENTER && bytes[0] != WT_OUCH_REPLACE))
        return;
    memcpy(token.token, bytes + at, sizeof token.token);
    if (!wt_ouch42_good_token(token.token) || wt_tokens_find(&s->tokens, token.token))
        return;
    struct wt_ouch in = {.user_ref = wt_tokens_add(&s->tokens, &token)};
    if (in.user_ref == 0)
        return;
    s->last_ref = in.user_ref;
    memcpy(in.cl_ord_id, token.token, sizeof in.cl_ord_id);
    reject(s, &in, WT_OUCH_REJECT_PROCESSING);
}

static void take42(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    struct wt_ouch42 m;
    struct wt_ouch in;
    uint8_t options[WT_OUCH42_OPTIONS];
    const char *why;
    if (wt_ouch42_decode(WT_OUCH_IN, bytes, length, &m) < 0 || !wt_ouch42_good_token(m.token)) {
        take_malformed42(s, bytes, length);
        return;
    }
    if (m.type == WT_OUCH42_TRADE_NOW) { /* no order here waits for one */
        s->stats->ignored++;
        return;
    }
    bool is_new = m.type == WT_OUCH_ENTER || m.type == WT_OUCH_REPLACE;
    if (wt_ouch42_to_50(WT_OUCH_IN, &m, &in, options, &why)) {
        take_malformed42(s, bytes, length);
        return;
    }
    in.orig_ref = m.type == WT_OUCH_REPLACE ? wt_tokens_find(&s->tokens, m.existing) : 0;
    if (is_new) {
        take_new42(s, &m, &in);
        return;
    }
    in.user_ref = wt_tokens_find(&s->tokens, m.token);
    if (in.user_ref == 0)
        s->stats->ignored++;
    else
        act(s, &in);
}

/* ---------------------------------------------------------------- the day */

static void send_event(struct wt_session *s, char event)
{
    struct wt_ouch m = {.type = WT_OUCH_SYSTEM, .timestamp = wt_session_stamp(s), .event = event};
    wt_session_send(s, &m);
}

void wt_session_end_of_day(struct wt_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    if (s->closed)
        return;
    s->closed = true;
    s->desk.cancel_all(s->desk.ctx, NULL, 'T');
    send_event(s, 'E');
}

struct wt_desk_handler wt_account_handler(struct wt_session *s)
{
    return (struct wt_desk_handler){.ctx = s,
                                    .accepted = on_accepted,
                                    .executed = on_executed,
                                    .canceled = on_canceled,
                                    .self_match = on_self_match,
                                    .moved = on_moved};
}

static void on_closed(struct wt_session *s)
{
    if (s->config.cancel_on_disconnect)
        s->desk.cancel_all(s->desk.ctx, NULL, 'Z');
}

void wt_account_begin(struct wt_session *s, struct wt_desk desk)
{
    s->desk = desk;
    s->ops = (struct wt_session_ops){.message = s->config.dialect == WT_OUCH_42 ? take42 : take, .closed = on_closed};
    send_event(s, 'S');
}
