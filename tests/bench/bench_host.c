/*
 * What the host's hot paths cost. Without arguments: times, as a JSON object. With `twin FILE`: a file's messages through
 * decoder and books inside measured_twin, for tests/bench/host_instructions to count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/market/twin.h"

struct market {
    uint8_t *bytes;
    size_t length, count;
};

static bool load(const char *path, struct market *m)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        return false;
    m->length = (size_t)ftell(f);
    rewind(f);
    m->bytes = malloc(m->length + 64);
    if (!m->bytes || fread(m->bytes, 1, m->length, f) != m->length)
        return false;
    fclose(f);
    m->count = 0;
    for (size_t at = 0; at + 2 <= m->length; at += 2u + (size_t)(m->bytes[at] << 8 | m->bytes[at + 1]))
        m->count++;
    return true;
}

static uint64_t changes;

__attribute__((noinline)) void measured_twin(struct wt_twin *twin, const struct market *m)
{
    uint64_t seq = 1;
    struct wt_twin_result result;
    for (size_t at = 0; at + 2 <= m->length; seq++) {
        size_t length = (size_t)(m->bytes[at] << 8 | m->bytes[at + 1]);
        wt_twin_message(twin, seq, m->bytes + at + 2, length, &result);
        changes += result.bbo_changed;
        at += 2 + length;
    }
}

static int twin(const char *path)
{
    struct market m;
    struct wt_twin_config config;
    struct wt_twin *t;
    wt_twin_defaults(&config);
    if (!load(path, &m) || wt_twin_create(&config, &t))
        return 1;
    measured_twin(t, &m);
    fprintf(stderr, "messages %zu changes %llu\n", m.count, (unsigned long long)changes);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "twin") == 0)
        return twin(argv[2]);
    return 2;
}
