#include "host/config/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/common/log.h"
#include "host/config/document.h"
#include "host/config/schema.h"
#include "host/strategy/registry.h"

enum { PATH_MAX_TEXT = 256 };

/* ---- the shape: every node against libcyaml's schema ---- */

static void check_value(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path);

static const char *kind_of(const yaml_node_t *node)
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

static const char *rule_text(const struct wt_document *d, const char *path)
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

static void suggest(char *out, size_t room, const char *key, const char *candidate, unsigned *best)
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
        suggest(right, sizeof right, key, f->key, &best);
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
                          schema->sequence.max, rule_text(d, path));
    /* An empty list would read as "all", and all is too much to trade by accident. */
    if (count == 0 && schema->sequence.min == 0)
        wt_document_error(d, id, "%s is an empty list; right is %s", path, rule_text(d, path));
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
                          (unsigned long long)min, (unsigned long long)max, rule_text(d, path));
}

static void check_string(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path)
{
    const char *text = wt_document_text(d, id);
    size_t n = strlen(text);
    if (n < schema->string.min || n > schema->string.max)
        wt_document_error(d, id, "%s: '%s' has %zu characters; right is %s", path, text, n, rule_text(d, path));
}

static void check_enum(struct wt_document *d, int id, const cyaml_schema_value_t *schema, const char *path)
{
    const char *text = wt_document_text(d, id);
    for (uint32_t i = 0; i < schema->enumeration.count; i++)
        if (strcmp(schema->enumeration.strings[i].str, text) == 0)
            return;
    wt_document_error(d, id, "%s: '%s' is not known; right is %s", path, text, rule_text(d, path));
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
        wt_document_error(d, id, "%s is %s; right is %s", path, kind_of(node),
                          want == YAML_MAPPING_NODE ? "a mapping of keys to values" : rule_text(d, path));
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

/* ---- the meaning ---- */

/* "symbols: all" is the same as leaving them out, and the only word that is no list. */
static void drop_all(struct wt_document *d, int mapping)
{
    yaml_node_t *node = wt_document_node(d, mapping);
    if (!node || node->type != YAML_MAPPING_NODE)
        return;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        const char *key = wt_document_text(d, p->key), *text = wt_document_text(d, p->value);
        if (!key || strcmp(key, "symbols") || !text || strcmp(text, "all"))
            continue;
        memmove(p, p + 1, (size_t)(node->data.mapping.pairs.top - p - 1) * sizeof *p);
        node->data.mapping.pairs.top--;
        return;
    }
}

static int section(struct wt_document *d, const char *name)
{
    return wt_document_get(d, 1, name);
}

static long items(struct wt_document *d, int id)
{
    yaml_node_t *node = wt_document_node(d, id);
    if (!node || node->type != YAML_SEQUENCE_NODE)
        return 0;
    return node->data.sequence.items.top - node->data.sequence.items.start;
}

static int item(struct wt_document *d, int id, long i)
{
    return wt_document_node(d, id)->data.sequence.items.start[i];
}

static bool listed(struct wt_document *d, int list, const char *name, long below)
{
    for (long i = 0; i < below; i++) {
        const char *text = wt_document_text(d, item(d, list, i));
        if (text && strcmp(text, name) == 0)
            return true;
    }
    return false;
}

static void check_symbols(struct wt_document *d, int list, const char *path, int feed_list)
{
    for (long i = 0; i < items(d, list); i++) {
        const char *name = wt_document_text(d, item(d, list, i));
        if (!name)
            continue;
        for (const char *c = name; *c; c++)
            if (*c <= ' ' || *c > '~' || (*c >= 'a' && *c <= 'z')) {
                wt_document_error(d, item(d, list, i),
                                  "%s: '%s' is no symbol; right are capitals, digits and marks without spaces", path,
                                  name);
                break;
            }
        if (listed(d, list, name, i))
            wt_document_error(d, item(d, list, i), "%s: %s is listed twice", path, name);
        if (feed_list && !listed(d, feed_list, name, items(d, feed_list)))
            wt_document_error(d, item(d, list, i), "%s: %s is not in feed.symbols; add it there, or leave it out", path,
                              name);
    }
}

static void check_param(struct wt_document *d, const struct wt_strategy *strategy, yaml_node_pair_t pair)
{
    const char *key = wt_document_text(d, pair.key), *text = wt_document_text(d, pair.value);
    char right[300] = "";
    unsigned best = 99;
    for (const struct wt_param_spec *spec = strategy->specs; key && spec->name; spec++) {
        if (strcmp(spec->name, key)) {
            suggest(right, sizeof right, key, spec->name, &best);
            continue;
        }
        char *end = NULL;
        errno = 0;
        long long value = text ? strtoll(text, &end, 10) : 0;
        if (!text || !*text || *end || errno || value < spec->min || value > spec->max)
            wt_document_error(d, pair.value, "params.%s: '%s' is not right; a whole number from %lld to %lld is: %s",
                              key, text ? text : "", (long long)spec->min, (long long)spec->max, spec->text);
        return;
    }
    size_t n = best == 99 ? (size_t)snprintf(right, sizeof right, "known here: ") : 0;
    for (const struct wt_param_spec *spec = strategy->specs; best == 99 && spec->name && n < sizeof right; spec++)
        n += (size_t)snprintf(right + n, sizeof right - n, "%s%s", spec->name, spec[1].name ? ", " : "");
    wt_document_error(d, pair.key, "unknown parameter %s of %s; %s", key ? key : "?", strategy->name, right);
}

static void check_strategy(struct wt_document *d, int id, int feed_list)
{
    const char *name = wt_document_text(d, wt_document_get(d, id, "name"));
    check_symbols(d, wt_document_get(d, id, "symbols"), "strategies.symbols", feed_list);
    if (!name)
        return;
    const struct wt_strategy *strategy = wt_strategy_find(name);
    if (!strategy) {
        char known[200] = "";
        size_t n = 0;
        for (unsigned i = 0; wt_strategy_at(i) && n < sizeof known; i++)
            n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "", wt_strategy_at(i)->name);
        wt_document_error(d, wt_document_get(d, id, "name"), "strategies.name: '%s' is not known; there is %s", name,
                          known);
        return;
    }
    yaml_node_t *params = wt_document_node(d, wt_document_get(d, id, "params"));
    if (!params)
        return;
    if (params->type != YAML_MAPPING_NODE) {
        wt_document_error(d, wt_document_get(d, id, "params"), "strategies.params is %s; right is a mapping",
                          kind_of(params));
        return;
    }
    for (yaml_node_pair_t *p = params->data.mapping.pairs.start; p < params->data.mapping.pairs.top; p++) {
        const char *key = wt_document_text(d, p->key);
        for (yaml_node_pair_t *q = params->data.mapping.pairs.start; q < p; q++) {
            const char *other = wt_document_text(d, q->key);
            if (key && other && strcmp(key, other) == 0)
                wt_document_error(d, p->key, "params.%s is given twice", key);
        }
        check_param(d, strategy, *p);
    }
}

static void check_file(struct wt_document *d, int id)
{
    const char *file = wt_document_text(d, id);
    struct stat st;
    if (!file || !*file)
        return;
    if (stat(file, &st))
        wt_document_error(
            d, id,
            "exchange.file: '%s' cannot be read: %s; make one with `wiretick generate %s`, or name another "
            "with --set exchange.file=PATH",
            file, strerror(errno), file);
    else if (S_ISDIR(st.st_mode))
        wt_document_error(d, id, "exchange.file: '%s' is a folder; a file of ITCH messages is right", file);
    else if (st.st_size == 0)
        wt_document_error(d, id, "exchange.file: '%s' is empty", file);
}

/* "ip:port" (with port) or "ip". Numbers in host order; false: not that. */
static bool read_address(const char *text, bool with_port, uint32_t *ip, uint16_t *port)
{
    char address[INET_ADDRSTRLEN];
    const char *colon = with_port ? strchr(text, ':') : text + strlen(text);
    struct in_addr in;
    if (!colon || (size_t)(colon - text) >= sizeof address)
        return false;
    memcpy(address, text, (size_t)(colon - text));
    address[colon - text] = '\0';
    if (inet_pton(AF_INET, address, &in) != 1)
        return false;
    *ip = ntohl(in.s_addr);
    if (!with_port)
        return true;
    char *end;
    unsigned long number = strtoul(colon + 1, &end, 10);
    *port = (uint16_t)number;
    return colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && number >= 1 && number <= 65535;
}

static void check_address(struct wt_document *d, int id, const char *key, bool with_port)
{
    const char *text = wt_document_text(d, id);
    uint32_t ip;
    uint16_t port;
    if (text && *text && !read_address(text, with_port, &ip, &port))
        wt_document_error(d, id, "exchange.%s: '%s' is not right; %s is", key, text,
                          with_port ? "an IPv4 address and a port, as 127.0.0.1:26400," : "an IPv4 address");
}

/* A market in process (file), or one on the network (connect and a line of its feed). */
static void check_exchange(struct wt_document *d)
{
    int exchange = section(d, "exchange");
    if (!exchange)
        return;
    const char *file = wt_document_text(d, wt_document_get(d, exchange, "file"));
    int connect = wt_document_get(d, exchange, "connect");
    const char *to = wt_document_text(d, connect);
    const char *a = wt_document_text(d, wt_document_get(d, exchange, "listen_a"));
    const char *b = wt_document_text(d, wt_document_get(d, exchange, "listen_b"));
    if (!to || !*to) {
        if (!file || !*file)
            wt_document_error(d, exchange, "exchange.file is missing: %s", rule_text(d, "exchange.file"));
    } else {
        if (file && *file)
            wt_document_error(d, connect,
                              "exchange.connect: '%s' and exchange.file: '%s' exclude each other; empty one", to, file);
        if ((!a || !*a) && (!b || !*b))
            wt_document_error(d, connect, "exchange.connect needs a feed: exchange.listen_a or listen_b, ip:port");
    }
    check_address(d, connect, "connect", true);
    check_address(d, wt_document_get(d, exchange, "listen_a"), "listen_a", true);
    check_address(d, wt_document_get(d, exchange, "listen_b"), "listen_b", true);
    check_address(d, wt_document_get(d, exchange, "interface"), "interface", false);
}

/* recorded: of a session that is over; the files that it names may be gone. */
static void check_meaning(struct wt_document *d, bool recorded)
{
    int feed = section(d, "feed"), link = section(d, "link"), feed_list = wt_document_get(d, feed, "symbols");
    int group = wt_document_get(d, feed, "group"), payload = wt_document_get(d, link, "max_payload");
    const char *text = wt_document_text(d, group);
    struct in_addr ip;
    if (text && (inet_pton(AF_INET, text, &ip) != 1 || ntohl(ip.s_addr) >> 28 != 0xe))
        wt_document_error(d, group, "feed.group: '%s' is no multicast group; right is %s", text,
                          rule_text(d, "feed.group"));
    text = wt_document_text(d, payload);
    if (text && strcmp(text, "128") && strcmp(text, "256") && strcmp(text, "512"))
        wt_document_error(d, payload, "link.max_payload: '%s' is not right; 128, 256 or 512 bytes are", text);
    text = wt_document_text(d, wt_document_get(d, link, "model"));
    if (text && *text && !recorded && access(text, R_OK))
        wt_document_error(d, wt_document_get(d, link, "model"), "link.model: '%s' cannot be read: %s", text,
                          strerror(errno));
    if (items(d, feed_list))
        check_symbols(d, feed_list, "feed.symbols", 0);
    else
        feed_list = 0;
    int list = section(d, "strategies");
    for (long i = 0; i < items(d, list); i++)
        check_strategy(d, item(d, list, i), feed_list);
    check_exchange(d);
    if (!recorded)
        check_file(d, wt_document_get(d, section(d, "exchange"), "file"));
}

/* ---- loading ---- */

struct buffer {
    unsigned char *bytes;
    size_t length, room;
};

static int collect(void *ctx, unsigned char *bytes, size_t length)
{
    struct buffer *b = ctx;
    if (b->length + length > b->room) {
        size_t room = (b->length + length) * 2;
        unsigned char *more = realloc(b->bytes, room);
        if (!more)
            return 0;
        b->bytes = more;
        b->room = room;
    }
    memcpy(b->bytes + b->length, bytes, length);
    b->length += length;
    return 1;
}

/* libcyaml tells what it did not like in its log only, one line a level; the first says it best. */
static void keep_log(cyaml_log_t level, void *ctx, const char *format, va_list args)
{
    char *text = ctx;
    (void)level;
    if (!*text)
        vsnprintf(text, 200, format, args);
}

struct params {
    struct wt_param *list;
    unsigned count;
};

/* Parameters of the index-th strategy of a checked document. */
static int read_params(struct wt_document *d, long index, struct params *out)
{
    int id = item(d, section(d, "strategies"), index);
    yaml_node_t *params = wt_document_node(d, wt_document_get(d, id, "params"));
    *out = (struct params){0};
    if (!params)
        return 0;
    const struct wt_strategy *strategy = wt_strategy_find(wt_document_text(d, wt_document_get(d, id, "name")));
    long count = params->data.mapping.pairs.top - params->data.mapping.pairs.start;
    out->list = calloc((size_t)count + 1, sizeof *out->list);
    if (!out->list)
        return -ENOMEM;
    for (yaml_node_pair_t *p = params->data.mapping.pairs.start; p < params->data.mapping.pairs.top; p++) {
        const struct wt_param_spec *spec = strategy->specs;
        while (strcmp(spec->name, wt_document_text(d, p->key)))
            spec++;
        /* The spec's name outlives the document. */
        out->list[out->count++] = (struct wt_param){spec->name, strtoll(wt_document_text(d, p->value), NULL, 10)};
    }
    return 0;
}

static const cyaml_config_t *cyaml_setup(char *log)
{
    static cyaml_config_t setup;
    setup = (cyaml_config_t){.log_fn = keep_log, .log_ctx = log, .mem_fn = cyaml_mem, .log_level = CYAML_LOG_ERROR};
    return &setup;
}

/* The checked tree, overrides and defaults included, as text again: that is what libcyaml loads. */
static int load(struct wt_document *d, const cyaml_schema_value_t *schema, void **config, char **loaded)
{
    struct buffer text = {0};
    yaml_emitter_t emitter;
    if (!yaml_emitter_initialize(&emitter))
        return -ENOMEM;
    yaml_emitter_set_output(&emitter, collect, &text);
    yaml_emitter_set_unicode(&emitter, 1);
    bool ok = yaml_emitter_open(&emitter) && yaml_emitter_dump(&emitter, &d->yaml) && yaml_emitter_close(&emitter);
    yaml_emitter_delete(&emitter);
    char log[200] = "";
    cyaml_err_t err = CYAML_ERR_OOM;
    if (ok)
        err = cyaml_load_data(text.bytes, text.length, cyaml_setup(log), schema, (cyaml_data_t **)config, NULL);
    if (err == CYAML_OK && collect(&text, (unsigned char *)"", 1)) {
        *loaded = (char *)text.bytes;
        return 0;
    }
    free(text.bytes);
    wt_config_error(d->errors, 0, "%s: %s: %s", d->path, cyaml_strerror(err), log);
    return -EINVAL;
}

static void sort_errors(struct wt_config_errors *errors)
{
    unsigned n = errors->count < WT_CONFIG_ERRORS_MAX ? errors->count : WT_CONFIG_ERRORS_MAX;
    for (unsigned i = 1; i < n; i++)
        for (unsigned j = i; j && errors->error[j].line < errors->error[j - 1].line; j--) {
            __typeof__(errors->error[0]) keep = errors->error[j];
            errors->error[j] = errors->error[j - 1];
            errors->error[j - 1] = keep;
        }
}

int wt_config_load_shape(const struct wt_config_shape *shape, const char *path, const char *const *overrides,
                         unsigned override_count, void **config, struct wt_config_errors *errors)
{
    struct wt_document d;
    *config = NULL;
    memset(errors, 0, sizeof *errors);
    if (wt_document_read(&d, path, errors))
        return -EINVAL;
    d.shape = shape;
    d.overrides = overrides;
    for (unsigned i = 0; i < override_count; i++)
        wt_document_override(&d, overrides[i], (int)i + 1);
    check_value(&d, 1, shape->schema, "");
    if (shape->check)
        shape->check(&d);
    sort_errors(errors);
    if (errors->count) {
        wt_document_free(&d);
        return -EINVAL;
    }
    char *text = NULL;
    int rc = load(&d, shape->schema, config, &text); /* emitting it consumes the document */
    free(text);
    free(d.origin);
    return rc;
}

void wt_config_free_shape(const struct wt_config_shape *shape, void *config)
{
    char log[200] = "";
    if (config)
        cyaml_free(cyaml_setup(log), shape->schema, config, 0);
}

static int load_checked(const char *path, const char *const *overrides, unsigned override_count, bool recorded,
                        struct wt_config **config, struct wt_config_errors *errors)
{
    struct wt_document d;
    *config = NULL;
    memset(errors, 0, sizeof *errors);
    if (wt_document_read(&d, path, errors))
        return -EINVAL;
    d.overrides = overrides;
    for (unsigned i = 0; i < override_count; i++)
        wt_document_override(&d, overrides[i], (int)i + 1);
    drop_all(&d, section(&d, "feed"));
    int list = section(&d, "strategies");
    for (long i = 0; i < items(&d, list); i++)
        drop_all(&d, item(&d, list, i));
    check_value(&d, 1, &wt_config_schema, "");
    check_meaning(&d, recorded);
    sort_errors(errors);
    if (errors->count) {
        wt_document_free(&d);
        return -EINVAL;
    }
    struct params params[WT_STRATEGIES_MAX];
    unsigned count = (unsigned)items(&d, list);
    char *text = NULL;
    void *loaded = NULL;
    int rc = 0;
    for (unsigned i = 0; i < count; i++)
        rc = read_params(&d, i, &params[i]) ? -ENOMEM : rc;
    if (rc)
        yaml_document_delete(&d.yaml);
    else
        rc = load(&d, &wt_config_schema, &loaded, &text); /* emitting it consumes the document */
    free(d.origin);
    *config = loaded;
    for (unsigned i = 0; i < count; i++) {
        if (rc) {
            free(params[i].list);
            continue;
        }
        (*config)->strategies[i].params = params[i].list;
        (*config)->strategies[i].param_count = params[i].count;
    }
    if (rc)
        return rc;
    (*config)->text = text;
    struct in_addr ip;
    inet_pton(AF_INET, (*config)->feed.group, &ip);
    (*config)->feed.group_ip = ntohl(ip.s_addr);
    read_address((*config)->exchange.connect, true, &(*config)->exchange.connect_ip, &(*config)->exchange.connect_port);
    read_address((*config)->exchange.listen_a, true, &(*config)->exchange.listen_ip[0],
                 &(*config)->exchange.listen_port[0]);
    read_address((*config)->exchange.listen_b, true, &(*config)->exchange.listen_ip[1],
                 &(*config)->exchange.listen_port[1]);
    read_address((*config)->exchange.interface, false, &(*config)->exchange.interface_ip, NULL);
    return 0;
}

int wt_config_load(const char *path, const char *const *overrides, unsigned override_count, struct wt_config **config,
                   struct wt_config_errors *errors)
{
    return load_checked(path, overrides, override_count, false, config, errors);
}

int wt_config_parse(const char *text, struct wt_config **config, struct wt_config_errors *errors)
{
    char path[64];
    size_t length = strlen(text);
    memset(errors, 0, sizeof *errors);
    int fd = memfd_create("configuration", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length) {
        wt_config_error(errors, 0, "the recorded configuration: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -EINVAL;
    }
    int rc = load_checked(path, NULL, 0, true, config, errors);
    close(fd);
    return rc;
}

void wt_config_free(struct wt_config *config)
{
    if (!config)
        return;
    free(config->text);
    for (unsigned i = 0; i < config->strategies_count; i++)
        free(config->strategies[i].params);
    char log[200] = "";
    cyaml_free(cyaml_setup(log), &wt_config_schema, config, 0);
}

void wt_config_print_errors(const struct wt_config_errors *errors)
{
    unsigned n = errors->count < WT_CONFIG_ERRORS_MAX ? errors->count : WT_CONFIG_ERRORS_MAX;
    for (unsigned i = 0; i < n; i++)
        wt_error("%s", errors->error[i].text);
    if (errors->count > n)
        wt_error("and %u more", errors->count - n);
}
