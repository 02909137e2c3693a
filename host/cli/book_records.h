/* What `book` makes of a card's records and counters, whatever link the card is behind. */
#ifndef WT_BOOK_RECORDS_H
#define WT_BOOK_RECORDS_H

#include "host/card/driver.h"
#include "host/cli/book.h"
#include "host/market/feed.h"

/** A record that the feed hands on: a valid BBO may make a row, and is counted. */
void book_take_record(struct wt_rows *rows, struct book_stats *stats, const struct wt_twin *twin,
                      const union wt_event_record *record);
/** Fill in what card, feed and twin have counted. 0, or -errno with a line printed. */
int book_count(struct book_stats *stats, struct wt_card *card, const struct wt_feed *feed, const struct wt_twin *twin);

#endif
