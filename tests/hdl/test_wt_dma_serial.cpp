// TOP: wt_dma
// PARAMS: -GTLP_W=64 -GEV_RINGS=1 -GFIFO_LOG2=5 -GOF_FIFO_LOG2=5 -GSERIAL=1
// The bench of the default width, with FIFOs that are written a word a cycle.
#define SERIAL 1
#include "tests/hdl/test_wt_dma.cpp"
