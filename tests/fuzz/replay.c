/*
 * A harness without libFuzzer: takes the inputs that once broke something (tests/fuzz/regress/NAME/), the harness's own
 * seeds, and a fixed number of seeded mutations of them. Prints TAP. An input that fails ends the program; the line
 * before says which it was.
 *
 * usage: fuzz_NAME [FILE ...]      take these files and nothing else
 *        fuzz_NAME --seeds DIR     write the seeds there
 * WT_FUZZ_MUTATIONS=n: of each seed (default 100).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "host/market/random.h"
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 1 << 17 };

static FILE *tap;
static unsigned results;

static void take_file(const char *path)
{
    static uint8_t bytes[LONGEST];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (n < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    close(fd);
    fprintf(tap, "# %s\n", path);
    fflush(tap);
    uint8_t *copy = malloc(n ? (size_t)n : 1);
    FUZZ_CHECK(copy);
    memcpy(copy, bytes, (size_t)n);
    LLVMFuzzerTestOneInput(copy, (size_t)n);
    free(copy);
}

static unsigned take_folder(const char *dir)
{
    DIR *d = opendir(dir);
    unsigned count = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[PATH_MAX + 300];
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (e->d_name[0] == '.')
            continue;
        take_file(path);
        count++;
    }
    if (d)
        closedir(d);
    return count;
}

/* ---------------------------------------------------------------- mutations */

struct mutator {
    struct wt_random random;
    unsigned per_seed, seeds, inputs;
};

static size_t mutate(struct wt_random *r, uint8_t *bytes, size_t length)
{
    for (uint64_t times = 1 + wt_random_below(r, 4); times > 0; times--) {
        size_t at = length ? wt_random_below(r, length) : 0;
        size_t n = length ? 1 + wt_random_below(r, length - at < 16 ? length - at : 16) : 0;
        switch (wt_random_below(r, 6)) {
        case 0:
            if (length)
                bytes[at] ^= (uint8_t)(1u << wt_random_below(r, 8));
            break;
        case 1:
            if (length)
                bytes[at] = (uint8_t)wt_random_below(r, 256);
            break;
        case 2: /* cut */
            length = at;
            break;
        case 3: /* leave some out */
            memmove(bytes + at, bytes + at + n, length - at - n);
            length -= n;
            break;
        case 4: /* say some twice */
            if (length + n <= LONGEST) {
                memmove(bytes + at + n, bytes + at, length - at);
                length += n;
            }
            break;
        default: /* extremes */
            memset(bytes + at, wt_random_below(r, 2) ? 0xff : 0, n);
            break;
        }
    }
    return length;
}

static void take_seed(void *ctx, const uint8_t *data, size_t size)
{
    struct mutator *m = ctx;
    static uint8_t work[LONGEST];
    m->seeds++;
    LLVMFuzzerTestOneInput(data, size);
    for (unsigned i = 0; i < m->per_seed; i++, m->inputs++) {
        memcpy(work, data, size);
        size_t length = mutate(&m->random, work, size);
        uint8_t *copy = malloc(length ? length : 1);
        FUZZ_CHECK(copy);
        memcpy(copy, work, length);
        LLVMFuzzerTestOneInput(copy, length);
        free(copy);
    }
}

/* ---------------------------------------------------------------- seeds to files */

struct writer {
    const char *dir;
    unsigned count;
};

static void write_seed(void *ctx, const uint8_t *data, size_t size)
{
    struct writer *w = ctx;
    char path[PATH_MAX + 300];
    snprintf(path, sizeof path, "%s/seed-%03u", w->dir, w->count++);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
}

static void result(const char *what, unsigned count)
{
    fprintf(tap, "ok %u - %u %s\n", ++results, count, what);
    fflush(tap);
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/');
    char dir[PATH_MAX];
    /* What a parser's owner prints goes nowhere. */
    tap = fdopen(dup(STDOUT_FILENO), "w");
    if (!tap || !freopen("/dev/null", "w", stdout))
        return 1;
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        struct writer w = {argv[2], 0};
        fuzz_seeds(write_seed, &w);
        return 0;
    }
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            take_file(argv[i]);
        result("inputs of the command line", (unsigned)argc - 1);
        return 0;
    }
    name = name ? name + 1 : argv[0];
    snprintf(dir, sizeof dir, "tests/fuzz/regress/%s", strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name);
    result("inputs that once failed", take_folder(dir));
    const char *per_seed = getenv("WT_FUZZ_MUTATIONS");
    struct mutator m = {.per_seed = per_seed ? (unsigned)strtoul(per_seed, NULL, 10) : 100};
    wt_random_seed(&m.random, 1);
    fuzz_seeds(take_seed, &m);
    FUZZ_CHECK(m.seeds > 0);
    result("seeds", m.seeds);
    result("mutations of them", m.inputs);
    fclose(tap);
    return 0;
}
