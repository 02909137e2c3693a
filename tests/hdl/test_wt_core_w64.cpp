// TOP: wt_core
// PARAMS: -GSYMBOLS=8 -GORDER_SLOTS=4096 -GLEVEL_SLOTS=4096 -GNODE_SLOTS=2048 -GTLP_W=64
// The bench of the default width, at this one.
#include "tests/hdl/test_wt_core.cpp"
