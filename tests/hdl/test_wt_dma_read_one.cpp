// TOP: wt_dma_read
// PARAMS: -GTIMEOUT=300 -GTLP_W=64 -GSLOTS_LOG2=0 -GTAG_BITS=8
// The same with one read at a time.
#include "tests/hdl/test_wt_dma_read.cpp"
