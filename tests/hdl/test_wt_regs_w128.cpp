// TOP: wt_regs
// PARAMS: -GTLP_W=128
// The bench of the default width, at this one.
#include "tests/hdl/test_wt_regs.cpp"
