/* `wiretick replay`: a journalled session again, through the same code, and what came out against what came out then.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/cli.h"
#include "host/cli/journal_text.h"
#include "host/cli/loops.h"
#include "host/cli/session.h"
#include "host/common/log.h"

static const char help[] =
    "usage: wiretick replay JOURNAL [--verify] [--paced] [--orders FILE]\n\n"
    "Runs the session of a journal (a folder, or its first file) again: the same loop, twin, strategies, risk, OMS "
    "and\n"
    "gateway, on the inputs and the configuration in the journal, without card and venue. Every output is compared "
    "with\n"
    "the recorded one, byte for byte. A folder of several loops' journals (host.loops): each of them.\n\n"
    "  --verify       exit 1 at any difference, and when the journal is not whole up to the session's end;\n"
    "                 without it, only differences make it fail\n"
    "  --paced        at the speed at which it happened; else as fast as it goes\n"
    "  --orders FILE  write the orders.csv of the replayed session\n\n"
    "A difference is shown with the record's number, what was recorded and what came out. Exit status: 0 the same,\n"
    "1 a difference or an unreadable journal, 2 wrong usage.\n";

struct replay {
    struct wt_journal_names *names;
    const char *path;
    const char *orders;
    bool verify, paced;
};

static void show(const struct replay *r, const char *what, const struct wt_journal_item *item)
{
    char text[WT_JOURNAL_TEXT];
    struct wt_journal_subject subject;
    wt_journal_describe(r->names, item, text, &subject);
    printf("  %s %-10s ns %" PRIu64 "  %s\n", what, wt_journal_type_name(item->head.type), item->head.ns, text);
    if (!item->length || item->length > 256)
        return;
    printf("           ");
    for (size_t i = 0; i < item->length; i++)
        printf("%s%02x", i % 8 ? "" : " ", item->payload[i]);
    printf("\n");
}

static void on_difference(void *ctx, const struct wt_difference *d)
{
    const struct replay *r = ctx;
    if (d->recorded)
        printf("difference at record %" PRIu64 " (%08" PRIu64 ".wtj offset %" PRIu64 "):\n", d->recorded->head.number,
               d->recorded->segment, d->recorded->offset);
    else
        printf("difference behind the last record:\n");
    if (d->recorded)
        show(r, "recorded:", d->recorded);
    if (d->type == 0) {
        printf("  replayed: this input was not asked for at its call (%u after the record before)\n",
               d->recorded ? d->recorded->head.calls : 0);
        return;
    }
    struct wt_journal_item came = {.payload = d->payload, .length = d->length};
    came.head.type = (uint16_t)d->type;
    came.head.ns = d->ns;
    show(r, "replayed:", &came);
}

static int parse(int argc, char **argv, struct replay *r)
{
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
            fputs(help, stdout);
            return WT_EXIT_OK;
        }
        if (strcmp(arg, "--verify") == 0) {
            r->verify = true;
        } else if (strcmp(arg, "--paced") == 0) {
            r->paced = true;
        } else if (strcmp(arg, "--orders") == 0 && i + 1 < argc) {
            r->orders = argv[++i];
        } else if (arg[0] == '-') {
            wt_error("%s '%s'; `wiretick replay --help` lists the options",
                     strcmp(arg, "--orders") ? "unknown option" : "a file is missing behind", arg);
            return WT_EXIT_USAGE;
        } else if (r->path) {
            wt_error("one journal is right, not both '%s' and '%s'", r->path, arg);
            return WT_EXIT_USAGE;
        } else {
            r->path = arg;
        }
    }
    if (r->path)
        return -1;
    wt_error("no journal; `wiretick replay --help` shows how");
    return WT_EXIT_USAGE;
}

static int verdict(const struct replay *r, struct wt_journal_reader *reader, const struct wt_replay_stats *stats)
{
    printf("%s: %" PRIu64 " inputs replayed, %" PRIu64 " outputs the same, %" PRIu64 " bytes of them to the venue; ",
           r->path, stats->inputs, stats->outputs, stats->bytes_out);
    if (stats->differences) {
        printf("%" PRIu64 " differences\n", stats->differences);
        return WT_EXIT_FAILED;
    }
    printf("no difference\n");
    if (stats->complete)
        return WT_EXIT_OK;
    wt_warn("the journal ends before the session does: %s", wt_journal_why(reader));
    return r->verify && wt_journal_stopped(reader) == WT_JOURNAL_DAMAGED ? WT_EXIT_FAILED : WT_EXIT_OK;
}

static int replay(struct replay *r, struct wt_journal_reader *reader)
{
    const struct wt_replay_options options = {.paced = r->paced, .ctx = r, .difference = on_difference};
    struct wt_tap *tap;
    struct wt_config *config;
    struct wt_config_errors errors;
    if (wt_tap_replay(reader, &options, &tap))
        return WT_EXIT_FAILED;
    if (wt_config_parse(wt_tap_config_text(tap), &config, &errors)) {
        wt_config_print_errors(&errors);
        wt_tap_destroy(tap);
        return WT_EXIT_FAILED;
    }
    int rc = wt_session_run(config, tap, NULL, (struct wt_stream){0}, r->orders);
    struct wt_replay_stats stats;
    wt_tap_replay_stats(tap, &stats);
    int status = verdict(r, reader, &stats);
    /* A session that could not be built, or ended otherwise than the recorded one, has differences; or said why. */
    if (rc && rc != -EPIPE && !stats.complete && status == WT_EXIT_OK)
        status = WT_EXIT_FAILED;
    wt_config_free(config);
    wt_tap_destroy(tap);
    return status;
}

static int replay_one(struct replay *r)
{
    struct wt_journal_reader *reader;
    if (wt_journal_open(r->path, &reader))
        return WT_EXIT_FAILED;
    r->names = calloc(1, sizeof *r->names);
    int rc = r->names ? replay(r, reader) : WT_EXIT_FAILED;
    free(r->names);
    wt_journal_reader_close(reader);
    return rc;
}

/* Each loop's journal is a session of its own. */
static int replay_loops(const struct replay *all, unsigned loops)
{
    const char *folder = all->path;
    struct replay one = *all;
    char path[4096];
    int rc = WT_EXIT_OK;
    if (all->orders) {
        wt_error("%s holds the journals of %u loops; --orders is for one: name %s/loop1 or another", folder, loops,
                 folder);
        return WT_EXIT_USAGE;
    }
    for (unsigned loop = 1; loop <= loops; loop++) {
        wt_loops_folder(folder, loop, path);
        one.path = path;
        int ended = replay_one(&one);
        rc = rc ? rc : ended;
    }
    return rc;
}

int wt_cmd_replay(int argc, char **argv)
{
    struct replay r = {0};
    int rc = parse(argc, argv, &r);
    if (rc >= 0)
        return rc;
    unsigned loops = wt_loops_of(r.path);
    return loops ? replay_loops(&r, loops) : replay_one(&r);
}
