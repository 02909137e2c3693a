// TOP: wt_dma_read
// PARAMS: -GTIMEOUT=300 -GTAG_BITS=5
// The same with tags of five bits, as the card has them.
#define ANSWERS_TWICE 0
#include "tests/hdl/test_wt_dma_read.cpp"
