// TOP: wt_dma
// PARAMS: -GTLP_W=128
// The bench of the default width, at this one.
#include "tests/hdl/test_wt_dma.cpp"
