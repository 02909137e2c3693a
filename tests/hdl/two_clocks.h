// Two clocks of any periods for a model with in_clk_i and out_clk_i. next_in() and next_out() say whose
// rising edge comes next (both may); set the inputs, eval, look, then edge() makes it happen.
#pragma once
#include <algorithm>

#include "tests/hdl/feed_model.h"

template <class Top> class TwoClocks
{
    Top &m;
    uint64_t in_ps, out_ps, in_at, out_at;

  public:
    TwoClocks(Top &model, uint64_t in, uint64_t out) : m(model), in_ps(in), out_ps(out), in_at(in), out_at(out + 137)
    {
        m.in_clk_i = m.out_clk_i = 0;
    }
    uint64_t now() const
    {
        return std::min(in_at, out_at);
    }
    bool next_in() const
    {
        return in_at <= out_at;
    }
    bool next_out() const
    {
        return out_at <= in_at;
    }
    void edge()
    {
        bool in = next_in(), out = next_out();
        m.in_clk_i = in;
        m.out_clk_i = out;
        m.eval();
        m.in_clk_i = m.out_clk_i = 0;
        m.eval();
        if (in)
            in_at += in_ps;
        if (out)
            out_at += out_ps;
    }
};
