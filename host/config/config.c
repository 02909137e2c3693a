#include "host/config/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/common/log.h"
#include "host/config/check.h"
#include "host/strategy/registry.h"

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
    int id = wt_check_item(d, wt_check_section(d, "strategies"), index);
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
    wt_check_shape(&d, shape->schema);
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
    wt_check_drop_all(&d, wt_check_section(&d, "feed"));
    int list = wt_check_section(&d, "strategies");
    for (long i = 0; i < wt_check_items(&d, list); i++)
        wt_check_drop_all(&d, wt_check_item(&d, list, i));
    wt_check_shape(&d, &wt_config_schema);
    wt_check_meaning(&d, recorded);
    sort_errors(errors);
    if (errors->count) {
        wt_document_free(&d);
        return -EINVAL;
    }
    struct params params[WT_STRATEGIES_MAX];
    unsigned count = (unsigned)wt_check_items(&d, list);
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
    wt_check_address((*config)->exchange.connect, true, &(*config)->exchange.connect_ip,
                     &(*config)->exchange.connect_port);
    wt_check_address((*config)->exchange.connect_b, true, &(*config)->exchange.connect_b_ip,
                     &(*config)->exchange.connect_b_port);
    wt_check_address((*config)->exchange.listen_a, true, &(*config)->exchange.listen_ip[0],
                     &(*config)->exchange.listen_port[0]);
    wt_check_address((*config)->exchange.listen_b, true, &(*config)->exchange.listen_ip[1],
                     &(*config)->exchange.listen_port[1]);
    wt_check_address((*config)->exchange.rerequest, true, &(*config)->exchange.rerequest_ip,
                     &(*config)->exchange.rerequest_port);
    wt_check_address((*config)->exchange.glimpse, true, &(*config)->exchange.glimpse_ip,
                     &(*config)->exchange.glimpse_port);
    wt_check_address((*config)->exchange.interface, false, &(*config)->exchange.interface_ip, NULL);
    rc = wt_config_part(*config);
    if (rc) {
        wt_config_free(*config);
        *config = NULL;
    }
    return rc;
}

int wt_config_load(const char *path, const char *const *overrides, unsigned override_count, struct wt_config **config,
                   struct wt_config_errors *errors)
{
    return load_checked(path, overrides, override_count, false, config, errors);
}

int wt_config_load_part(const char *path, const char *const *overrides, unsigned override_count, unsigned loop,
                        struct wt_config **config, struct wt_config_errors *errors)
{
    char part[32];
    const char **all = calloc(override_count + 1, sizeof *all);
    *config = NULL;
    memset(errors, 0, sizeof *errors);
    if (!all)
        return -ENOMEM;
    snprintf(part, sizeof part, "host.loop=%u", loop);
    for (unsigned i = 0; i < override_count; i++)
        all[i] = overrides[i];
    all[override_count] = part;
    int rc = wt_config_load(path, all, override_count + 1, config, errors);
    free(all);
    return rc;
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
