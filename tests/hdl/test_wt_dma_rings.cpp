// TOP: wt_dma
// PARAMS: -GTLP_W=256 -GEV_RINGS=8 -GFIFO_LOG2=5 -GOF_FIFO_LOG2=5
// The bench of one event ring, with eight.
#define RINGS 8
#include "tests/hdl/test_wt_dma.cpp"
