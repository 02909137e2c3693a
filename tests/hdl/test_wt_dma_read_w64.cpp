// TOP: wt_dma_read
// PARAMS: -GTIMEOUT=300 -GTAG_BITS=8 -GTLP_W=64
// The same at the narrowest datapath.
#include "tests/hdl/test_wt_dma_read.cpp"
