#include "host/config/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_TEXT = 256 };

/* ---- the shape: every node against libcyaml's schema ---- */

static void check_value(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path);

const char *wt_check_kind(const yaml_node_t *node)
{
    return node->type == YAML_MAPPING_NODE    ? "a mapping"
           : node->type == YAML_SEQUENCE_NODE ? "a list"
                                              : "a single value";
}

static const struct wt_rule *find_rule(const struct wt_document *d, const char *path)
{
    if (!d->shape)
        return wt_rule_find(path);
    for (unsigned i = 0; i < d->shape->rule_count; i++)
        if (strcmp(d->shape->rules[i].path, path) == 0)
            return &d->shape->rules[i];
    return NULL;
}

const char *wt_check_right(const struct wt_document *d, const char *path)
{
    const struct wt_rule *rule = find_rule(d, path);
    return rule ? rule->text : d->shape ? d->shape->reference : "see host/README.md";
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *key)
{
    for (; fields->key; fields++)
        if (strcmp(fields->key, key) == 0)
            return fields;
    return NULL;
}

/* Letters to change, add or drop; 99 when the words are too long to be worth it. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[40];
    size_t n = strlen(b);
    if (n >= 39 || strlen(a) >= 39)
        return 99;
    for (unsigned j = 0; j <= n; j++)
        row[j] = j;
    for (unsigned i = 0; a[i]; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (unsigned j = 1; j <= n; j++) {
            unsigned change = diagonal + (a[i] != b[j - 1]);
            diagonal = row[j];
            unsigned best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = change < best ? change : best;
        }
    }
    return row[n];
}

void wt_check_suggest(char *out, size_t room, const char *key, const char *candidate, unsigned *best)
{
    unsigned far = distance(key, candidate);
    if (far < *best && far <= 3) {
        *best = far;
        snprintf(out, room, "did you mean %s?", candidate);
    }
}

static void unknown_key(struct wt_document *d, int id, const cyaml_schema_field_t *fields, const char *path)
{
    char right[300] = "";
    unsigned best = 99;
    const char *key = wt_document_text(d, id);
    for (const cyaml_schema_field_t *f = fields; f->key; f++)
        wt_check_suggest(right, sizeof right, key, f->key, &best);
    if (best == 99) {
        size_t n = (size_t)snprintf(right, sizeof right, "known here: ");
        for (const cyaml_schema_field_t *f = fields; f->key && n < sizeof right; f++)
            n += (size_t)snprintf(right + n, sizeof right - n, "%s%s", f->key, f[1].key ? ", " : "");
    }
    wt_document_error(d, id, "unknown key %s%s%s; %s", path, *path ? "." : "", key, right);
}

/* Also fills in what is missing and has a default. */
static void check_mapping(struct wt_document *d, int id, const cyaml_schema_field_t *fields, const char *path)
{
    char child[PATH_MAX_TEXT];
    yaml_node_t *node = wt_document_node(d, id);
    long pairs = node->data.mapping.pairs.top - node->data.mapping.pairs.start;
    for (long i = 0; i < pairs; i++) {
        /* By index, and looked up anew: filling in defaults below may move all nodes. */
        yaml_node_pair_t pair = wt_document_node(d, id)->data.mapping.pairs.start[i];
        const char *key = wt_document_text(d, pair.key);
        if (!key) {
            wt_document_error(d, pair.key, "%s: a key must be a single word", *path ? path : "top level");
            continue;
        }
        for (long before = 0; before < i; before++) {
            int other = wt_document_node(d, id)->data.mapping.pairs.start[before].key;
            const char *text = wt_document_text(d, other);
            if (text && strcmp(text, key) == 0)
                wt_document_error(d, pair.key, "%s%s%s is given twice; first in line %zu", path, *path ? "." : "", key,
                                  wt_document_node(d, other)->start_mark.line + 1);
        }
        const cyaml_schema_field_t *field = find_field(fields, key);
        if (!field) {
            unknown_key(d, pair.key, fields, path);
            continue;
        }
        snprintf(child, sizeof child, "%s%s%s", path, *path ? "." : "", key);
        check_value(d, pair.value, &field->value, child);
    }
    for (const cyaml_schema_field_t *f = fields; f->key; f++) {
        if (wt_document_get(d, id, f->key))
            continue;
        snprintf(child, sizeof child, "%s%s%s", path, *path ? "." : "", f->key);
        const struct wt_rule *rule = find_rule(d, child);
        if (!(f->value.flags & CYAML_FLAG_OPTIONAL)) {
            wt_document_error(d, id, "%s is missing%s%s", child, rule ? ": " : "", rule ? rule->text : "");
        } else if (f->value.type == CYAML_MAPPING) {
            if (!wt_document_set(d, id, f->key, "{}", WT_FROM_DEFAULT))
                check_value(d, wt_document_get(d, id, f->key), &f->value, child);
        } else if (rule && rule->value) {
            wt_document_set(d, id, f->key, rule->value, WT_FROM_DEFAULT);
        }
    }
}

static void check_sequence(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path)
{
    char child[PATH_MAX_TEXT];
    snprintf(child, sizeof child, "%s[]", path);
    yaml_node_t *node = wt_document_node(d, id);
    long count = node->data.sequence.items.top - node->data.sequence.items.start;
    if (count < schema->sequence.min || count > schema->sequence.max)
        wt_document_error(d, id, "%s has %ld entries; %u to %u are right: %s", path, count, schema->sequence.min,
                          schema->sequence.max, wt_check_right(d, path));
    /* An empty list would read as "all", and all is too much to trade by accident. */
    if (count == 0 && schema->sequence.min == 0)
        wt_document_error(d, id, "%s is an empty list; right is %s", path, wt_check_right(d, path));
    for (long i = 0; i < count; i++)
        check_value(d, wt_document_node(d, id)->data.sequence.items.start[i], schema->sequence.entry, child);
}

static void check_number(struct wt_document *d, int id, const char *path)
{
    const char *text = wt_document_text(d, id);
    const struct wt_rule *rule = find_rule(d, path);
    uint64_t min = rule ? rule->min : 0, max = rule ? rule->max : UINT64_MAX;
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    bool whole = *text >= '0' && *text <= '9' && !*end;
    /* libcyaml takes a leading 0 for octal: 010 would be 8. */
    bool octal = text[0] == '0' && text[1] != '\0';
    if (!whole || octal || errno || value < min || value > max)
        wt_document_error(d, id, "%s: '%s' is not right; a whole number from %llu to %llu is: %s", path, text,
                          (unsigned long long)min, (unsigned long long)max, wt_check_right(d, path));
}

static void check_string(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path)
{
    const char *text = wt_document_text(d, id);
    size_t n = strlen(text);
    if (n < schema->string.min || n > schema->string.max)
        wt_document_error(d, id, "%s: '%s' has %zu characters; right is %s", path, text, n, wt_check_right(d, path));
}

static void check_enum(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path)
{
    const char *text = wt_document_text(d, id);
    for (uint32_t i = 0; i < schema->enumeration.count; i++)
        if (strcmp(schema->enumeration.strings[i].str, text) == 0)
            return;
    wt_document_error(d, id, "%s: '%s' is not known; right is %s", path, text, wt_check_right(d, path));
}

static void check_value(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path)
{
    yaml_node_t *node = wt_document_node(d, id);
    if (schema->type == CYAML_IGNORE)
        return;
    yaml_node_type_t want = schema->type == CYAML_MAPPING    ? YAML_MAPPING_NODE
                            : schema->type == CYAML_SEQUENCE ? YAML_SEQUENCE_NODE
                                                             : YAML_SCALAR_NODE;
    if (node->type != want) {
        wt_document_error(d, id, "%s is %s; right is %s", path, wt_check_kind(node),
                          want == YAML_MAPPING_NODE ? "a mapping of keys to values" : wt_check_right(d, path));
        return;
    }
    switch (schema->type) {
    case CYAML_MAPPING:
        check_mapping(d, id, schema->mapping.fields, path);
        break;
    case CYAML_SEQUENCE:
        check_sequence(d, id, schema, path);
        break;
    case CYAML_UINT:
        check_number(d, id, path);
        break;
    case CYAML_STRING:
        check_string(d, id, schema, path);
        break;
    case CYAML_ENUM:
        check_enum(d, id, schema, path);
        break;
    default:
        break;
    }
}

void wt_check_shape(struct wt_document *d, const cyaml_schema_value_t *schema)
{
    check_value(d, 1, schema, "");
}
