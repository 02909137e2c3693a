/* How fast the agents make a market: eight symbols, ten minutes of a day, engine and ITCH included. Prints JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/exchange/agents.h"
#include "sim/exchange/publish.h"

enum { SYMBOLS = 8, SECONDS = 600 };
#define START 34200000000000ull

static uint64_t messages;

static void put(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    (void)ctx, (void)when_ns, (void)message, (void)length;
    messages++;
}

int main(void)
{
    struct wt_engine_config ec;
    struct wt_agents_config config;
    struct wt_agents_symbol symbols[SYMBOLS];
    struct wt_engine *engine;
    struct wt_publish *publish;
    struct wt_agents *agents;
    wt_engine_defaults(&ec);
    wt_agents_defaults(&config, WT_AGENTS_DAY);
    if (wt_publish_create((struct wt_publish_sink){NULL, put}, &publish) < 0 ||
        wt_engine_create(&ec, wt_publish_handler(publish), &engine) < 0)
        return 1;
    for (uint16_t i = 0; i < SYMBOLS; i++) {
        char name[8] = {'S', (char)('0' + i), ' ', ' ', ' ', ' ', ' ', ' '};
        symbols[i] = (struct wt_agents_symbol){.symbol = i, .price = 500000 + 100000 * i};
        if (wt_engine_symbol(engine, name) < 0 || wt_publish_symbol(publish, i, name) < 0)
            return 1;
    }
    if (wt_agents_create(&config, engine, symbols, SYMBOLS, START, &agents) < 0)
        return 1;
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    uint64_t now;
    while ((now = wt_agents_next_ns(agents)) < START + SECONDS * 1000000000ull) {
        wt_publish_now(publish, now);
        wt_agents_run(agents, now);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    double took = (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
    printf("{\"agents\": {\"symbols\": %d, \"market_seconds\": %d, \"messages\": %llu, \"messages_per_s\": %.0f}}\n",
           SYMBOLS, SECONDS, (unsigned long long)messages, (double)messages / took);
    wt_engine_destroy(engine);
    wt_agents_destroy(agents);
    wt_publish_destroy(publish);
    return 0;
}
