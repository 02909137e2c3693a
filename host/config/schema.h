/* What a configuration may hold: libcyaml's schema, and rules of ranges and defaults beside it. */
#ifndef WT_CONFIG_SCHEMA_H
#define WT_CONFIG_SCHEMA_H

#include <cyaml/cyaml.h>
#include <stdint.h>

/** A scalar's rule. Paths are dotted; entries of sequences are "[]". */
struct wt_rule {
    const char *path;
    uint64_t min, max; /**< of numbers, inclusive */
    const char *value; /**< default, or NULL: no default (required if the schema says so) */
    const char *text;  /**< meaning and unit, for errors and the reference */
};

extern const cyaml_schema_value_t wt_config_schema;
/** The rule of a path, or NULL. */
const struct wt_rule *wt_rule_find(const char *path);
const struct wt_rule *wt_rule_at(unsigned index);

#endif
