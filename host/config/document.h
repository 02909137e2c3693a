/* A YAML document as a tree whose nodes know their line, and which overrides can be put into. */
#ifndef WT_DOCUMENT_H
#define WT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "host/config/config.h"

struct wt_document {
    yaml_document_t yaml;
    const char *path;
    const char *const *overrides;
    int *origin; /* by node: 0 the file, n override n - 1, -1 a default */
    int origin_room;
    struct wt_config_errors *errors;
    const struct wt_config_shape *shape;
};

enum { WT_FROM_FILE = 0, WT_FROM_DEFAULT = -1 };

/** Read and parse. -EINVAL with an error: missing, empty, or not YAML. */
int wt_document_read(struct wt_document *document, const char *path, struct wt_config_errors *errors);
void wt_document_free(struct wt_document *document);
yaml_node_t *wt_document_root(struct wt_document *document);
yaml_node_t *wt_document_node(struct wt_document *document, int id);
/** Value of a key: the node's id, or 0. */
int wt_document_get(struct wt_document *document, int mapping, const char *key);
/** Set a key (new or not) to a value that is YAML text of its own. 0 or -EINVAL (not YAML). */
int wt_document_set(struct wt_document *document, int mapping, const char *key, const char *value, int origin);
/** Text of a scalar, or NULL when the node is none. */
const char *wt_document_text(struct wt_document *document, int id);
/** Apply "a.b.c=value"; errors name it. */
int wt_document_override(struct wt_document *document, const char *override, int origin);
/** Add an error at a node: "path:line: " or "--set x: " before the text. */
void wt_document_error(struct wt_document *document, int id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Add an error with a line of its own (0: none). */
void wt_config_error(struct wt_config_errors *errors, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
