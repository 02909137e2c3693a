#include "host/config/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OVERRIDE_LINE = 1000000 };

static void add_error(struct wt_config_errors *errors, unsigned line, const char *where, const char *format,
                      va_list args)
{
    if (errors->count++ >= WT_CONFIG_ERRORS_MAX)
        return;
    char *text = errors->error[errors->count - 1].text;
    size_t room = sizeof errors->error[0].text;
    errors->error[errors->count - 1].line = line;
    int n = snprintf(text, room, "%s", where);
    if (n >= 0 && (size_t)n < room)
        vsnprintf(text + n, room - (size_t)n, format, args);
}

void wt_config_error(struct wt_config_errors *errors, unsigned line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_error(errors, line, "", format, args);
    va_end(args);
}

static int origin_of(const struct wt_document *d, int id)
{
    return id > 0 && id <= d->origin_room ? d->origin[id - 1] : WT_FROM_FILE;
}

void wt_document_error(struct wt_document *d, int id, const char *format, ...)
{
    char where[200];
    yaml_node_t *node = wt_document_node(d, id);
    int origin = origin_of(d, id);
    unsigned line = 0;
    if (origin > 0) {
        line = (unsigned)(OVERRIDE_LINE + origin);
        snprintf(where, sizeof where, "--set %s: ", d->overrides[origin - 1]);
    } else if (node && origin == WT_FROM_FILE) {
        line = (unsigned)node->start_mark.line + 1;
        snprintf(where, sizeof where, "%s:%u: ", d->path, line);
    } else {
        snprintf(where, sizeof where, "%s: ", d->path);
    }
    va_list args;
    va_start(args, format);
    add_error(d->errors, line, where, format, args);
    va_end(args);
}

yaml_node_t *wt_document_node(struct wt_document *d, int id)
{
    return yaml_document_get_node(&d->yaml, id);
}

yaml_node_t *wt_document_root(struct wt_document *d)
{
    return yaml_document_get_root_node(&d->yaml);
}

const char *wt_document_text(struct wt_document *d, int id)
{
    yaml_node_t *node = wt_document_node(d, id);
    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static int set_origin(struct wt_document *d, int id, int origin)
{
    if (id > d->origin_room) {
        int room = id + 64;
        int *more = realloc(d->origin, (size_t)room * sizeof *more);
        if (!more)
            return -ENOMEM;
        memset(more + d->origin_room, 0, (size_t)(room - d->origin_room) * sizeof *more);
        d->origin = more;
        d->origin_room = room;
    }
    d->origin[id - 1] = origin;
    return 0;
}

static yaml_node_pair_t *find_pair(struct wt_document *d, int mapping, const char *key)
{
    yaml_node_t *node = wt_document_node(d, mapping);
    if (!node || node->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        const char *text = wt_document_text(d, p->key);
        if (text && strcmp(text, key) == 0)
            return p;
    }
    return NULL;
}

int wt_document_get(struct wt_document *d, int mapping, const char *key)
{
    yaml_node_pair_t *pair = find_pair(d, mapping, key);
    return pair ? pair->value : 0;
}

/* Copy a node of another document; 0 on failure. An alias can make a document contain itself: hence the depth. */
static int copy_node(struct wt_document *d, yaml_document_t *from, int id, int origin, int depth)
{
    yaml_node_t *node = yaml_document_get_node(from, id);
    int copy = 0;
    if (!node || depth == 0)
        return 0;
    if (node->type == YAML_SCALAR_NODE)
        copy = yaml_document_add_scalar(&d->yaml, NULL, node->data.scalar.value, (int)node->data.scalar.length,
                                        node->data.scalar.style);
    else if (node->type == YAML_SEQUENCE_NODE)
        copy = yaml_document_add_sequence(&d->yaml, NULL, YAML_FLOW_SEQUENCE_STYLE);
    else if (node->type == YAML_MAPPING_NODE)
        copy = yaml_document_add_mapping(&d->yaml, NULL, YAML_FLOW_MAPPING_STYLE);
    if (!copy || set_origin(d, copy, origin))
        return 0;
    if (node->type == YAML_SEQUENCE_NODE) {
        for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++) {
            int value = copy_node(d, from, *item, origin, depth - 1);
            if (!value || !yaml_document_append_sequence_item(&d->yaml, copy, value))
                return 0;
        }
    } else if (node->type == YAML_MAPPING_NODE) {
        for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
            int key = copy_node(d, from, p->key, origin, depth - 1),
                value = copy_node(d, from, p->value, origin, depth - 1);
            if (!key || !value || !yaml_document_append_mapping_pair(&d->yaml, copy, key, value))
                return 0;
        }
    }
    return copy;
}

static int parse_value(struct wt_document *d, const char *text, int origin)
{
    yaml_parser_t parser;
    yaml_document_t value;
    int id = 0;
    if (!yaml_parser_initialize(&parser))
        return 0;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    if (yaml_parser_load(&parser, &value)) {
        yaml_node_t *root = yaml_document_get_root_node(&value);
        if (root)
            id = copy_node(d, &value, 1, origin, 8);
        yaml_document_delete(&value);
    }
    yaml_parser_delete(&parser);
    if (!id && text[0] == '\0') { /* "key=" is an empty text */
        id = yaml_document_add_scalar(&d->yaml, NULL, (const unsigned char *)"", 0, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
        if (id && set_origin(d, id, origin))
            id = 0;
    }
    return id;
}

int wt_document_set(struct wt_document *d, int mapping, const char *key, const char *value, int origin)
{
    int id = parse_value(d, value, origin);
    if (!id)
        return -EINVAL;
    yaml_node_pair_t *pair = find_pair(d, mapping, key);
    if (pair) {
        pair->value = id;
        return 0;
    }
    int key_id = yaml_document_add_scalar(&d->yaml, NULL, (const unsigned char *)key, -1, YAML_PLAIN_SCALAR_STYLE);
    if (!key_id || set_origin(d, key_id, origin))
        return -EINVAL;
    return yaml_document_append_mapping_pair(&d->yaml, mapping, key_id, id) ? 0 : -EINVAL;
}

/* ---- overrides ---- */

static int child_of(struct wt_document *d, int id, const char *part)
{
    yaml_node_t *node = wt_document_node(d, id);
    if (node && node->type == YAML_SEQUENCE_NODE) {
        char *end;
        unsigned long index = strtoul(part, &end, 10);
        yaml_node_item_t *item = node->data.sequence.items.start + index;
        return *part && !*end && item < node->data.sequence.items.top ? *item : 0;
    }
    return wt_document_get(d, id, part);
}

/* Walk the parts but the last, making mappings that are not there, and set the last. */
static int override_at(struct wt_document *d, int id, char *path, const char *value, int origin)
{
    char *rest = NULL;
    char *part = strtok_r(path, ".", &rest);
    for (char *next = strtok_r(NULL, ".", &rest); part && next; part = next, next = strtok_r(NULL, ".", &rest)) {
        int child = child_of(d, id, part);
        yaml_node_t *node = wt_document_node(d, id);
        if (!child && node && node->type == YAML_MAPPING_NODE && !wt_document_set(d, id, part, "{}", origin))
            child = wt_document_get(d, id, part);
        if (!child)
            return -EINVAL;
        id = child;
    }
    yaml_node_t *node = wt_document_node(d, id);
    if (!part || !node || node->type != YAML_MAPPING_NODE)
        return -EINVAL;
    return wt_document_set(d, id, part, value, origin);
}

int wt_document_override(struct wt_document *d, const char *override, int origin)
{
    const char *equals = strchr(override, '=');
    char path[256];
    if (!equals || equals == override || (size_t)(equals - override) >= sizeof path) {
        wt_config_error(d->errors, (unsigned)(OVERRIDE_LINE + origin),
                        "--set %s: not of the form key=value, for example exchange.file=market.itch", override);
        return -EINVAL;
    }
    memcpy(path, override, (size_t)(equals - override));
    path[equals - override] = '\0';
    int rc = 0;
    if (strncmp(path, "strategy.", 9) == 0) {
        int list = wt_document_get(d, 1, "strategies");
        yaml_node_t *node = wt_document_node(d, list);
        if (!node || node->type != YAML_SEQUENCE_NODE) {
            rc = -EINVAL;
        } else {
            for (long i = 0; !rc; i++) {
                char each[256];
                node = wt_document_node(d, list); /* adding nodes may move them */
                if (i >= node->data.sequence.items.top - node->data.sequence.items.start)
                    break;
                snprintf(each, sizeof each, "%s", path + 9);
                rc = override_at(d, node->data.sequence.items.start[i], each, equals + 1, origin);
            }
        }
    } else {
        rc = override_at(d, 1, path, equals + 1, origin);
    }
    if (rc)
        wt_config_error(d->errors, (unsigned)(OVERRIDE_LINE + origin),
                        "--set %s: %.*s cannot be set: the key's parent is no mapping of the configuration, "
                        "or the value is not YAML",
                        override, (int)(equals - override), override);
    return rc;
}

/* ---- reading ---- */

int wt_document_read(struct wt_document *d, const char *path, struct wt_config_errors *errors)
{
    *d = (struct wt_document){.path = path, .errors = errors};
    FILE *file = fopen(path, "rb");
    if (!file) {
        wt_config_error(errors, 0, "%s: cannot be read: %s", path, strerror(errno));
        return -EINVAL;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        fclose(file);
        return -ENOMEM;
    }
    yaml_parser_set_input_file(&parser, file);
    int rc = 0;
    if (!yaml_parser_load(&parser, &d->yaml)) {
        unsigned line = (unsigned)parser.problem_mark.line + 1;
        wt_config_error(errors, line, "%s:%u: not YAML: %s%s%s", path, line, parser.problem ? parser.problem : "?",
                        parser.context ? ", " : "", parser.context ? parser.context : "");
        rc = -EINVAL;
    } else if (!wt_document_root(d)) {
        wt_config_error(errors, 0, "%s: is empty; it needs at least exchange, risk and strategies", path);
        yaml_document_delete(&d->yaml);
        rc = -EINVAL;
    } else if (wt_document_root(d)->type != YAML_MAPPING_NODE) {
        wt_config_error(errors, 1, "%s:1: is not a mapping of keys to values", path);
        yaml_document_delete(&d->yaml);
        rc = -EINVAL;
    }
    yaml_parser_delete(&parser);
    fclose(file);
    return rc;
}

void wt_document_free(struct wt_document *d)
{
    yaml_document_delete(&d->yaml);
    free(d->origin);
    d->origin = NULL;
}
