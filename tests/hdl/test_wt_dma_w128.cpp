// TOP: wt_dma
// PARAMS: -GTLP_W=128 -GEV_RINGS=1 -GFIFO_LOG2=5 -GOF_FIFO_LOG2=5
// The bench of the default width, at this one.
#include "tests/hdl/test_wt_dma.cpp"
