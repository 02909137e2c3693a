/*
 * Times in words, and files of recorded ones (sim/exchange/latency.h). With bit 0 of the input's first byte clear the
 * rest is the words; else it is a file of samples. What is taken reads back as itself and agrees with an obvious
 * reading of it; what is refused says why on one line; no time is longer than there are times.
 */
#include "sim/exchange/latency.h"
#include "tests/fuzz/fuzz.h"

enum { LINE_MOST = 127 };

static void refused(const struct wt_latency *l, const char *why)
{
    FUZZ_CHECK(why[0] != '\0' && strlen(why) < WT_LATENCY_WHY && !strchr(why, '\n'));
    FUZZ_CHECK(!l->samples && l->count == 0);
}

/* The digits at the front; more of them than any time has are as good as the greatest. */
static size_t digits(const char *text, size_t length, uint64_t *value)
{
    size_t n = 0;
    *value = 0;
    for (; n < length && text[n] >= '0' && text[n] <= '9'; n++)
        *value = *value > WT_LATENCY_MAX ? *value : *value * 10 + (uint64_t)(text[n] - '0');
    return n;
}

static void take_words(const uint8_t *bytes, size_t length)
{
    char text[512], again[600], why[WT_LATENCY_WHY] = "";
    struct wt_latency l, l2;
    length = length < sizeof text - 1 ? length : sizeof text - 1;
    if (length)
        memcpy(text, bytes, length);
    text[length] = '\0';
    if (strncmp(text + strspn(text, " \t"), "recorded", 8) == 0) /* whatever files there are */
        return;
    if (wt_latency_parse(&l, text, 7, why) < 0) {
        refused(&l, why);
        return;
    }
    if (l.kind == WT_LATENCY_CONSTANT)
        snprintf(again, sizeof again, "constant %llu", (unsigned long long)l.ns);
    else
        snprintf(again, sizeof again, "lognormal %llu %u.%03u", (unsigned long long)l.ns, l.sigma / 1000,
                 l.sigma % 1000);
    FUZZ_CHECK(l.ns <= WT_LATENCY_MAX && l.sigma <= 4000 && l.kind != WT_LATENCY_RECORDED);
    FUZZ_CHECK(wt_latency_parse(&l2, again, 7, why) == 0);
    FUZZ_CHECK(l2.kind == l.kind && l2.ns == l.ns && l2.sigma == l.sigma);
    /* The first number in the text is the time. */
    const char *number = text + strcspn(text, "0123456789");
    uint64_t value;
    FUZZ_CHECK(digits(number, strlen(number), &value) > 0 && value == l.ns);
    for (unsigned i = 0; i < 20; i++) {
        uint64_t ns = wt_latency_next(&l);
        FUZZ_CHECK(ns <= WT_LATENCY_MAX && ns == wt_latency_next(&l2));
        FUZZ_CHECK(l.kind != WT_LATENCY_CONSTANT || ns == l.ns);
    }
    wt_latency_free(&l);
    wt_latency_free(&l2);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* One line, obviously: 1 and a sample; 0: nothing on it; -1: wrong. */
static int obvious(const char *line, size_t length, uint64_t *sample)
{
    const char *comment = length ? memchr(line, '#', length) : NULL;
    if (comment)
        length = (size_t)(comment - line);
    if (length > LINE_MOST || (length && memchr(line, '\0', length)))
        return -1;
    while (length > 0 && blank(line[length - 1]))
        length--;
    while (length > 0 && blank(*line))
        line++, length--;
    if (length == 0)
        return 0;
    return digits(line, length, sample) == length && *sample <= WT_LATENCY_MAX ? 1 : -1;
}

static void take_file(const uint8_t *bytes, size_t length)
{
    struct fuzz_file f = fuzz_file_open(bytes, length);
    char words[64], why[WT_LATENCY_WHY] = "", where[80];
    struct wt_latency l;
    snprintf(words, sizeof words, "recorded %s", f.path);
    int rc = wt_latency_parse(&l, words, 7, why);
    size_t count = 0;
    unsigned line = 1, wrong = 0;
    for (size_t at = 0; at < length && !wrong; line++) {
        const char *from = (const char *)bytes + at, *end = memchr(from, '\n', length - at);
        size_t n = end ? (size_t)(end - from) : length - at;
        uint64_t sample;
        int is = obvious(from, n, &sample);
        if (is < 0)
            wrong = line;
        else if (is > 0 && rc == 0)
            FUZZ_CHECK(count < l.count && l.samples[count] == sample);
        count += is > 0;
        at += n + 1;
    }
    FUZZ_CHECK((rc == 0) == (!wrong && count > 0));
    if (rc == 0) {
        FUZZ_CHECK(l.count == count);
        for (unsigned i = 0; i < 20; i++) {
            uint64_t ns = wt_latency_next(&l);
            size_t k = 0;
            while (k < count && l.samples[k] != ns)
                k++;
            FUZZ_CHECK(k < count);
        }
    } else {
        refused(&l, why);
        snprintf(where, sizeof where, "%s:%u: ", f.path, wrong ? wrong : 1);
        FUZZ_CHECK(strncmp(why, where, strlen(where)) == 0);
    }
    wt_latency_free(&l);
    fuzz_file_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] & 1)
        take_file(data + 1, size - 1);
    else if (size > 0)
        take_words(data + 1, size - 1);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static const char *const words[] = {"constant 20000",
                                        "constant 0",
                                        "constant 10000000001",
                                        "lognormal 20000 0.35",
                                        "lognormal 1 4",
                                        "lognormal 10000000000 4.000",
                                        "  lognormal\t900 1.125",
                                        "lognormal 0 1",
                                        "lognormal 5 0.1234",
                                        "constant",
                                        "constant 5 ",
                                        "recorded",
                                        "normal 3",
                                        "constant 00000007",
                                        "lognormal 5 1."};
    static const char *const files[] = {"1\n2\n3\n",
                                        "# times\n 100 # first\n\n200\t\r\n",
                                        "10000000000",
                                        "10000000001\n",
                                        "5 6\n",
                                        "\n\n#\n",
                                        "00000000000000000000000000000000000000000000000000000000000000000000000009\n",
                                        "-1\n",
                                        "18446744073709551617\n"};
    static struct fuzz_seed s;
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        s.length = 0;
        fuzz_add_u8(&s, 0);
        fuzz_add(&s, words[i], strlen(words[i]));
        put(ctx, s.bytes, s.length);
    }
    for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++) {
        s.length = 0;
        fuzz_add_u8(&s, 1);
        fuzz_add(&s, files[i], strlen(files[i]));
        put(ctx, s.bytes, s.length);
    }
    s.length = 0; /* a number behind as many spaces as a line may have, or one more; a comment longer than any line */
    fuzz_add_u8(&s, 1);
    for (unsigned i = 0; i < 126; i++)
        fuzz_add_u8(&s, ' ');
    fuzz_add(&s, "7\n", 2);
    put(ctx, s.bytes, s.length);
    s.length -= 2;
    fuzz_add(&s, "78\n", 3);
    put(ctx, s.bytes, s.length);
    s.length = 0;
    fuzz_add_u8(&s, 1);
    fuzz_add(&s, "3#", 2);
    for (unsigned i = 0; i < 300; i++)
        fuzz_add_u8(&s, i % 10 + '0');
    fuzz_add(&s, "\n4\n", 3);
    put(ctx, s.bytes, s.length);
}
