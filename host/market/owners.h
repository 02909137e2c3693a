/*
 * Which of several loops a message of the order flow is for, where each has its own symbols (host.loops): the loop of
 * the name that first came with its locate, as the card and the twin bind it. A message that is of no symbol, or that
 * says something of a channel, is for all.
 *
 * One thread at a time.
 */
#ifndef WT_OWNERS_H
#define WT_OWNERS_H

#include <stdint.h>

#include "host/card/wt_schema.h"

#define WT_OWNERS_ALL UINT32_MAX

struct wt_owners;

/** The i-th name (NUL-terminated, at most 8 characters) is loop i % loops's. Names are copied. -ENOMEM. */
int wt_owners_create(const char (*names)[9], uint32_t count, uint32_t loops, struct wt_owners **owners);
void wt_owners_destroy(struct wt_owners *owners);
/** The loop, or WT_OWNERS_ALL. ctx: the owners. */
uint32_t wt_owners_of(void *ctx, const struct wt_of_record *record);

#endif
