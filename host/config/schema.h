/* What a configuration may hold: libcyaml's schema, and rules of ranges and defaults beside it. */
#ifndef WT_CONFIG_SCHEMA_H
#define WT_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>
#include <stdint.h>

#include "host/config/config.h"

/** A scalar's rule. Paths are dotted; entries of sequences are "[]". */
struct wt_rule {
    const char *path;
    uint64_t min, max; /**< of numbers, inclusive */
    const char *value; /**< default, or NULL: no default (required if the schema says so) */
    const char *text;  /**< meaning and unit, for errors and the reference */
};

/** Of order entry: ouch50, ouch42 (enum wt_ouch_dialect). */
extern const cyaml_strval_t wt_dialect_names[2];

struct wt_document;

/** All that a kind of configuration may hold. */
struct wt_config_shape {
    const cyaml_schema_value_t *schema; /**< a pointer to a structure */
    const struct wt_rule *rules;
    unsigned rule_count;
    const char *reference;                       /**< the file that lists its keys */
    void (*check)(struct wt_document *document); /**< what a schema cannot say; adds errors */
};

/** As wt_config_load, for a shape: *config is of the schema's structure. Free it with wt_config_free_shape. */
int wt_config_load_shape(const struct wt_config_shape *shape, const char *path, const char *const *overrides,
                         unsigned override_count, void **config, struct wt_config_errors *errors);
void wt_config_free_shape(const struct wt_config_shape *shape, void *config);

extern const cyaml_schema_value_t wt_config_schema;
/** The rule of a path, or NULL. Limits of accounts, strategies and the firm (risk) share those of "limits.". */
const struct wt_rule *wt_rule_find(const char *path);
const struct wt_rule *wt_rule_at(unsigned index);

#endif
