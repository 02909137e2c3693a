// Tracing for `make wave`: the Makefile includes this before a bench and renames the bench's model
// class to WtTraced, so that every eval() is dumped without the bench knowing. One FST per model
// that the bench makes: NAME-1.fst, NAME-2.fst, ...
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "verilated_fst_c.h"

template <class Top> class WtTraced : public Top
{
    VerilatedFstC fst;
    uint64_t steps = 0;

  public:
    template <class... Args> explicit WtTraced(Args &&...args) : Top(std::forward<Args>(args)...)
    {
        static int made;
        const char *name = getenv("WT_WAVE");
        std::string path = std::string(name ? name : "wave") + "-" + std::to_string(++made) + ".fst";
        this->contextp()->traceEverOn(true);
        this->trace(&fst, 99);
        fst.open(path.c_str());
        fprintf(stderr, "wave: %s\n", path.c_str());
    }
    ~WtTraced()
    {
        fst.close();
    }
    void eval()
    {
        Top::eval();
        fst.dump(steps++);
    }
};
