/* What the files of the configuration share: shape.c (keys, types, ranges), meaning.c (the rest), config.c (loading).
 */
#ifndef WT_CONFIG_CHECK_H
#define WT_CONFIG_CHECK_H

#include <stdbool.h>

#include "host/config/document.h"
#include "host/config/schema.h"

/** Check the root of the document against the schema, and put defaults in where keys are missing; adds errors. */
void wt_check_shape(struct wt_document *document, const cyaml_schema_value_t *schema);
/** What a schema cannot say of a `wiretick run` configuration. recorded: of a session that is over; the files that it
 * names may be gone. */
void wt_check_meaning(struct wt_document *document, bool recorded);

/** What several loops (host.loops) ask of the rest, and cannot be with. */
void wt_check_loops(struct wt_document *document);
/** Make of a loaded configuration with host.loop that loop's own. -ENOMEM. */
int wt_config_part(struct wt_config *config);

/** "a mapping", "a list" or "a single value". */
const char *wt_check_kind(const yaml_node_t *node);
/** What would be right at a path. */
const char *wt_check_right(const struct wt_document *document, const char *path);
/** Put "did you mean ...?" into out if the candidate is nearer to the key than *best (start with 99). */
void wt_check_suggest(char *out, size_t room, const char *key, const char *candidate, unsigned *best);

/** A section at the top: its node, or 0. */
int wt_check_section(struct wt_document *document, const char *name);
/** Entries of a list; 0 when it is none. */
long wt_check_items(struct wt_document *document, int list);
int wt_check_item(struct wt_document *document, int list, long index);
/** "symbols: all" is the same as leaving them out, and the only word that is no list: take it out. */
void wt_check_drop_all(struct wt_document *document, int mapping);
/** "ip:port" (with_port) or "ip". Numbers in host order; false: not that. */
bool wt_check_address(const char *text, bool with_port, uint32_t *ip, uint16_t *port);

#endif
