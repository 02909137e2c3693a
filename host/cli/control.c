#include "host/cli/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/common/log.h"

/* A number is WT_CONTROL_FIRST + the verb, and the scope's row in the bits from 16 on. */
enum verb { HEARTBEAT, KILL, REDUCE_ONLY, FLATTEN, RELEASE, VERBS };

static const char *const verbs[VERBS] = {"heartbeat", "kill", "reduce_only", "flatten", "release"};

struct wt_control {
    const struct wt_config *config;
    struct wt_scopes scopes;
    int fd;
    char line[256];
    size_t length;
    bool too_long; /* drop what comes up to the end of the line */
};

int wt_control_open(const struct wt_config *config, const struct wt_scopes *scopes, struct wt_control **control)
{
    const char *path = config->host.control;
    struct stat st;
    if (mkfifo(path, 0600) && errno != EEXIST) {
        wt_error("host.control: '%s' cannot be made: %s", path, strerror(errno));
        return -errno;
    }
    /* For writing too: else the end of the last writer would read as the end of the FIFO, for ever. */
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) || !S_ISFIFO(st.st_mode)) {
        int rc = fd < 0 ? -errno : -EEXIST;
        wt_error("host.control: '%s' %s", path,
                 fd < 0 ? strerror(errno) : "is there and is no FIFO; name another path");
        if (fd >= 0)
            close(fd);
        return rc;
    }
    struct wt_control *c = calloc(1, sizeof *c);
    if (!c) {
        close(fd);
        return -ENOMEM;
    }
    *c = (struct wt_control){.config = config, .scopes = *scopes, .fd = fd};
    *control = c;
    return 0;
}

void wt_control_close(struct wt_control *c)
{
    if (!c)
        return;
    close(c->fd);
    unlink(c->config->host.control);
    free(c);
}

/* The row of "", "account NAME" or "strategy NUMBER"; -1: there is none. Where levels are one, all are the firm's. */
static int row_of(const struct wt_control *c, const char *level, const char *name)
{
    const struct wt_config *config = c->config;
    if (!level)
        return (int)WT_SCOPE_FIRM;
    if (!name)
        return -1;
    if (strcmp(level, "account") == 0) {
        for (unsigned i = 0; i < config->accounts_count; i++)
            if (strcmp(config->accounts[i].name, name) == 0)
                return 1 + (int)i;
        return -1;
    }
    char *end;
    unsigned long number = strtoul(name, &end, 10);
    if (strcmp(level, "strategy") || *name < '0' || *name > '9' || *end || number >= config->strategies_count)
        return -1;
    return c->scopes.owners ? 1 + c->scopes.accounts + (int)number : (int)WT_SCOPE_FIRM;
}

static uint32_t understand(const struct wt_control *c, char *line)
{
    char whole[sizeof c->line], *rest = NULL;
    memcpy(whole, line, strlen(line) + 1);
    const char *verb = strtok_r(line, " \t\r", &rest);
    if (!verb)
        return 0;
    const char *level = strtok_r(NULL, " \t\r", &rest), *name = strtok_r(NULL, " \t\r", &rest);
    int row = row_of(c, level, name);
    bool more = strtok_r(NULL, " \t\r", &rest) != NULL;
    for (unsigned i = 0; i < VERBS; i++)
        if (strcmp(verbs[i], verb) == 0 && row >= 0 && !more && (i != HEARTBEAT || !level))
            return (WT_CONTROL_FIRST + i) | (uint32_t)row << 16;
    wt_warn("host.control: '%s' is not understood; right are heartbeat, kill, reduce_only, flatten, release, the last "
            "four also with account NAME or strategy NUMBER",
            whole);
    return 0;
}

uint32_t wt_control_poll(struct wt_control *c)
{
    char byte;
    while (read(c->fd, &byte, 1) == 1) {
        if (byte != '\n') {
            if (c->length + 1 < sizeof c->line)
                c->line[c->length++] = byte;
            else
                c->too_long = true;
            continue;
        }
        c->line[c->length] = '\0';
        uint32_t command = c->too_long ? 0 : understand(c, c->line);
        if (c->too_long)
            wt_warn("host.control: a line of more than %zu characters is ignored", sizeof c->line - 1);
        c->length = 0;
        c->too_long = false;
        if (command)
            return command;
    }
    return 0;
}

uint32_t wt_control_stop(enum wt_loss_action action, unsigned row)
{
    static const enum verb verb[] = {
        [WT_LOSS_REDUCE_ONLY] = REDUCE_ONLY, [WT_LOSS_FLATTEN] = FLATTEN, [WT_LOSS_KILL] = KILL};
    return (WT_CONTROL_FIRST + verb[action]) | (uint32_t)row << 16;
}

bool wt_control_do(uint32_t command, struct wt_risk *risk, struct wt_desk *desk)
{
    const unsigned verb = (command & 0xffffu) - WT_CONTROL_FIRST, row = command >> 16;
    switch (verb) {
    case HEARTBEAT:
        wt_risk_heartbeat(risk);
        return true;
    case KILL:
        wt_risk_kill_scope(risk, row, true);
        return true;
    case REDUCE_ONLY:
        wt_risk_reduce_only(risk, row, true);
        return true;
    case FLATTEN:
        wt_desk_flatten(desk, row);
        return true;
    case RELEASE:
        wt_risk_release(risk, row);
        return true;
    default:
        return false;
    }
}
