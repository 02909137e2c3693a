// TOP: wt_core
// PARAMS: -GSYMBOLS=8 -GORDER_SLOTS=4096 -GLEVEL_SLOTS=2048 -GNODE_SLOTS=2048
// PARAMS: -GTLP_W=64 -GLINES=1 -GEV_RINGS=1 -GEV_FIFO_LOG2=4 -GOF_FIFO_LOG2=4
// PARAMS: -GHOLD_MESSAGES_LOG2=9 -GHOLD_DATAGRAMS_LOG2=4 -GORDER_WAYS=2
// PARAMS: -GINJECT=0 -GSERIAL=1 -GREAD_SLOTS_LOG2=0 -GBOOK_STEPS=4 -GVECTORS=0 -GCOUNTER_W=40
// The bench of the default core, on the small one that scripts/place fits into an ECP5.
// A message takes the book 16 cycles or more, a replace 32, its two records 16 into the FIFOs, and 20 messages are in a
// packet.
#define LATEST 800
#define ROUNDS 1600
#include "tests/hdl/test_wt_core.cpp"
