#include "sim/exchange/tokens.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a: tokens differ in few characters. */
static uint32_t hash(const char token[WT_OUCH42_TOKEN])
{
    uint32_t h = 2166136261u;
    for (unsigned i = 0; i < WT_OUCH42_TOKEN; i++)
        h = (h ^ (uint8_t)token[i]) * 16777619u;
    return h;
}

/* Where a token is, or would be. There is a free slot always. */
static uint32_t place(const struct wt_tokens *t, const char token[WT_OUCH42_TOKEN])
{
    uint32_t at = hash(token) & (t->slots - 1);
    while (t->slot[at] && memcmp(t->token[t->slot[at] - 1].token, token, WT_OUCH42_TOKEN) != 0)
        at = (at + 1) & (t->slots - 1);
    return at;
}

uint32_t wt_tokens_find(const struct wt_tokens *t, const char token[WT_OUCH42_TOKEN])
{
    return t->slots ? t->slot[place(t, token)] : 0;
}

static bool grow(struct wt_tokens *t)
{
    uint32_t room = t->room ? 2 * t->room : 512;
    struct wt_token *token = realloc(t->token, room * sizeof *token);
    if (!token)
        return false;
    t->token = token;
    uint32_t *slot = calloc(2 * (size_t)room, sizeof *slot);
    if (!slot)
        return false;
    free(t->slot);
    t->slot = slot;
    t->slots = 2 * room;
    t->room = room;
    for (uint32_t i = 0; i < t->count; i++)
        t->slot[place(t, t->token[i].token)] = i + 1;
    return true;
}

uint32_t wt_tokens_add(struct wt_tokens *t, const struct wt_token *token)
{
    if (t->count == t->room && !grow(t))
        return 0;
    uint32_t at = place(t, token->token);
    t->token[t->count] = *token;
    t->slot[at] = ++t->count;
    return t->count;
}

void wt_tokens_forget(struct wt_tokens *t)
{
    if (t->count == 0)
        return;
    /* The newest is the last of its run: nothing stands behind its slot that was put there because of it. */
    t->slot[place(t, t->token[t->count - 1].token)] = 0;
    t->count--;
}

const struct wt_token *wt_tokens_get(const struct wt_tokens *t, uint32_t number)
{
    return number > 0 && number <= t->count ? &t->token[number - 1] : NULL;
}

void wt_tokens_free(struct wt_tokens *t)
{
    free(t->token);
    free(t->slot);
    *t = (struct wt_tokens){0};
}

int wt_tokens_encode(const struct wt_tokens *t, const struct wt_ouch *answer, uint8_t *to, size_t room)
{
    struct wt_ouch42 m;
    const char *why;
    const struct wt_token *token = wt_tokens_get(t, answer->user_ref), *old = wt_tokens_get(t, answer->orig_ref);
    int rc = wt_ouch42_from_50(WT_OUCH_OUT, answer, &m, &why);
    if (rc)
        return rc;
    bool order = answer->type == WT_OUCH_ACCEPTED || answer->type == WT_OUCH_REPLACED;
    /* System events and rejects of what never had a number are told by what they hold. */
    if (token)
        memcpy(m.token, token->token, sizeof m.token);
    else if (answer->type != WT_OUCH_SYSTEM && answer->type != WT_OUCH_REJECTED)
        return -EINVAL;
    if (answer->type == WT_OUCH_REPLACED && !old)
        return -EINVAL;
    if (old)
        memcpy(m.existing, old->token, sizeof m.existing);
    if (order) {
        memcpy(m.firm, token->firm, sizeof m.firm);
        m.display = token->display;
        m.time_in_force = token->time_in_force;
        m.min_quantity = token->min_quantity;
    }
    return wt_ouch42_encode(WT_OUCH_OUT, &m, to, room);
}
