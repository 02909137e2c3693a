/* `wiretick journal`: what is in a journal: listed, filtered, followed, exported. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "host/cli/journal_export.h"
#include "host/cli/loops.h"
#include "host/common/log.h"

static const char help[] =
    "usage: wiretick journal JOURNAL [FILTER ...] [--follow] [--csv | --json | --pcap FILE | --summary | ...]\n\n"
    "Lists the journal of a session: a folder, or one of its files and those behind it.\n\n"
    "filters (all must hold):\n"
    "  --type NAMES     record types, comma separated: config past card_event order_flow card_error recv result wait\n"
    "                   time read command connect send close write event end\n"
    "  --symbol NAME    records of one symbol\n"
    "  --order NUMBER   records of one order, of what it replaced and what replaced it\n"
    "  --from TIME      the loop's time, HH:MM:SS[.fraction] or ns since midnight\n"
    "  --to TIME        up to and including it\n"
    "  --records A-B    record numbers\n\n"
    "output:\n"
    "  --follow         wait for more records until the session's end or Ctrl-C; of a folder also those of a host\n"
    "                   that is started again: with --json --type past,send,recv,event a drop copy of everything\n"
    "  --csv            number,ns,type,symbol,order,calls,text\n"
    "  --json           one object a line, payload in hex\n"
    "  --pcap FILE      the market data (messages of the order flow) as MoldUDP64 frames, for any tool that reads\n"
    "                   pcap, `wiretick book` among them\n"
    "  --rows           changes of best bids and offers by the card's records, as `wiretick book` prints them\n"
    "  --config         the configuration of the session, as YAML\n"
    "  --summary        counts by type only\n"
    "  --sessions       the sessions in a folder, oldest first: first file, number, when it began; a folder means its\n"
    "                   newest one, a first file that one\n\n"
    "Exit status: 0; 1 when the journal is damaged or unreadable (what is whole is listed); 2 wrong usage.\n";

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* ---- options ---- */

static int usage_error(const char *option, const char *value, const char *right)
{
    wt_error("%s '%s' is not right; %s is", option, value, right);
    return WT_EXIT_USAGE;
}

static bool number_of(const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

static bool time_of(const char *text, uint64_t *ns)
{
    unsigned h, m, s;
    int at = 0;
    if (number_of(text, ns))
        return true;
    if (sscanf(text, "%2u:%2u:%2u%n", &h, &m, &s, &at) != 3 || m > 59 || s > 59)
        return false;
    *ns = ((uint64_t)h * 3600 + m * 60 + s) * 1000000000u;
    text += at;
    if (*text == '\0')
        return true;
    if (*text++ != '.')
        return false;
    for (uint64_t unit = 100000000; *text >= '0' && *text <= '9'; unit /= 10)
        *ns += (uint64_t)(*text++ - '0') * unit;
    return *text == '\0';
}

static bool types_of(const char *text, uint32_t *types)
{
    *types = 0;
    while (*text) {
        size_t n = strcspn(text, ",");
        unsigned type = 1;
        while (type < 32 &&
               (strlen(wt_journal_type_name(type)) != n || strncmp(wt_journal_type_name(type), text, n) != 0))
            type++;
        if (type == 32)
            return false;
        *types |= 1u << type;
        text += n + (text[n] == ',');
    }
    return *types != 0;
}

static bool range_of(const char *text, uint64_t *from, uint64_t *to)
{
    char *end;
    *from = strtoull(text, &end, 10);
    if (end == text || *end != '-')
        return false;
    return number_of(end + 1, to) && *from <= *to;
}

/* An option with a value. 0, or the exit status. */
static int take_value(struct wt_journal_view *v, const char *option, const char *value)
{
    if (strcmp(option, "--type") == 0)
        return types_of(value, &v->types) ? 0 : usage_error(option, value, "a list of the types in --help");
    if (strcmp(option, "--order") == 0)
        return number_of(value, &v->order) && v->order && v->order <= UINT32_MAX
                   ? 0
                   : usage_error(option, value, "a number from 1");
    if (strcmp(option, "--from") == 0)
        return time_of(value, &v->from_ns) ? 0 : usage_error(option, value, "HH:MM:SS[.fraction] or ns");
    if (strcmp(option, "--to") == 0)
        return time_of(value, &v->to_ns) ? 0 : usage_error(option, value, "HH:MM:SS[.fraction] or ns");
    if (strcmp(option, "--records") == 0)
        return range_of(value, &v->first, &v->last) ? 0 : usage_error(option, value, "FIRST-LAST");
    if (strcmp(option, "--symbol") == 0)
        v->symbol = value;
    else
        v->pcap = value;
    return 0;
}

static bool takes_value(const char *option)
{
    static const char *const with[] = {"--type", "--order", "--from", "--to", "--records", "--symbol", "--pcap"};
    for (unsigned i = 0; i < sizeof with / sizeof with[0]; i++)
        if (strcmp(option, with[i]) == 0)
            return true;
    return false;
}

static int parse(int argc, char **argv, struct wt_journal_view *v, const char **path, bool *follow)
{
    static const struct {
        const char *name;
        enum wt_journal_format format;
    } formats[] = {{"--csv", WT_JOURNAL_CSV},   {"--json", WT_JOURNAL_JSON},   {"--summary", WT_JOURNAL_SUMMARY},
                   {"--rows", WT_JOURNAL_ROWS}, {"--config", WT_JOURNAL_YAML}, {"--sessions", WT_JOURNAL_SESSIONS}};
    const unsigned format_count = sizeof formats / sizeof formats[0];
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        unsigned f = 0;
        if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
            fputs(help, stdout);
            return WT_EXIT_OK;
        }
        while (f < format_count && strcmp(arg, formats[f].name) != 0)
            f++;
        if (f < format_count) {
            v->format = formats[f].format;
        } else if (strcmp(arg, "--follow") == 0) {
            *follow = true;
        } else if (takes_value(arg)) {
            if (i + 1 == argc) {
                wt_error("%s needs a value; `wiretick journal --help`", arg);
                return WT_EXIT_USAGE;
            }
            int rc = take_value(v, arg, argv[++i]);
            if (rc)
                return rc;
        } else if (arg[0] == '-') {
            wt_error("unknown option '%s'; `wiretick journal --help` lists them", arg);
            return WT_EXIT_USAGE;
        } else if (*path) {
            wt_error("one journal is right, not both '%s' and '%s'", *path, arg);
            return WT_EXIT_USAGE;
        } else {
            *path = arg;
        }
    }
    if (v->pcap)
        v->format = WT_JOURNAL_PCAP;
    if (*path)
        return -1;
    wt_error("no journal; `wiretick journal --help` shows how");
    return WT_EXIT_USAGE;
}

/* ---- going through it ---- */

/* The session behind the one that is read: its first file, or 0. When there is one, the writer of this one is gone. */
static uint64_t next_session(const char *path, const struct wt_journal_reader *reader)
{
    struct wt_journal_span *spans;
    uint64_t first = 0;
    int count = wt_journal_spans(path, &spans);
    for (int i = 0; i + 1 < count; i++)
        if (spans[i].session == wt_journal_session(reader) && !spans[i + 1].damaged)
            first = spans[i + 1].first;
    if (count >= 0)
        free(spans);
    return first;
}

static bool go_on(const char *dir, uint64_t first, struct wt_journal_reader **reader)
{
    char path[4096];
    struct wt_journal_reader *next;
    wt_journal_path(path, dir, first);
    if (wt_journal_open(path, &next))
        return false;
    wt_journal_reader_close(*reader);
    *reader = next;
    return true;
}

static int walk(struct wt_journal_view *view, const char *path, struct wt_journal_reader **reader, bool follow)
{
    struct wt_journal_item item;
    int rc = wt_journal_view_begin(view, *reader);
    while (!rc && !interrupted) {
        if (wt_journal_next(*reader, &item) == 1) {
            rc = wt_journal_view_item(view, &item);
            continue;
        }
        if (!follow || wt_journal_stopped(*reader) != WT_JOURNAL_OPEN_END)
            break;
        uint64_t first = next_session(path, *reader);
        if (first && wt_journal_next(*reader, &item) == 1) { /* written between the two looks */
            rc = wt_journal_view_item(view, &item);
            continue;
        }
        if (first && go_on(path, first, reader))
            continue;
        fflush(stdout);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    int ended = wt_journal_view_end(view);
    return rc ? rc : ended;
}

/* One line a session: first file, session, when it began, how many files. */
static int list_sessions(const char *dir)
{
    struct wt_journal_span *spans;
    int count = wt_journal_spans(dir, &spans);
    if (count < 0) {
        wt_error("journal %s: %s", dir, strerror(-count));
        return WT_EXIT_FAILED;
    }
    for (int i = 0; i < count; i++) {
        time_t seconds = (time_t)(spans[i].wall_ns / 1000000000u);
        struct tm t;
        char when[32];
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &t));
        printf("%08" PRIu64 ".wtj %016" PRIx64 " %s %" PRIu64 " files%s\n", spans[i].first, spans[i].session, when,
               spans[i].last - spans[i].first + 1, spans[i].damaged ? ", its head is damaged" : "");
    }
    free(spans);
    return WT_EXIT_OK;
}

int wt_cmd_journal(int argc, char **argv)
{
    const char *path = NULL;
    bool follow = false;
    struct wt_journal_view view = {.to_ns = UINT64_MAX, .last = UINT64_MAX, .types = UINT32_MAX};
    int rc = parse(argc, argv, &view, &path, &follow);
    if (rc >= 0)
        return rc;
    unsigned loops = wt_loops_of(path);
    if (loops) {
        wt_error("%s holds the journals of %u loops: name %s/loop1 or another", path, loops, path);
        return WT_EXIT_FAILED;
    }
    if (view.format == WT_JOURNAL_SESSIONS)
        return list_sessions(path);
    struct wt_journal_reader *reader;
    if (wt_journal_open(path, &reader))
        return WT_EXIT_FAILED;
    struct sigaction act = {.sa_handler = on_signal}, old;
    sigaction(SIGINT, &act, &old);
    rc = walk(&view, path, &reader, follow);
    sigaction(SIGINT, &old, NULL);
    if (wt_journal_stopped(reader) == WT_JOURNAL_DAMAGED)
        wt_error("journal %s", wt_journal_why(reader));
    else if (wt_journal_stopped(reader) == WT_JOURNAL_OPEN_END)
        wt_warn("journal %s", wt_journal_why(reader));
    rc = rc || wt_journal_stopped(reader) == WT_JOURNAL_DAMAGED ? WT_EXIT_FAILED : WT_EXIT_OK;
    wt_journal_reader_close(reader);
    return rc;
}
