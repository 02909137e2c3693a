// TOP: wt_hash_stepped
// PARAMS: -GKEY_W=64 -GVAL_W=40 -GSLOTS_LOG2=16 -GOWNER_W=4 -GOWNER_LSB=64 -GWAYS=2
// The table of a small card: it holds as much, loses nothing, and has one lookup at a time.
#define WAYS 2
#define STEPPED
#include "tests/hdl/test_wt_hash.cpp"
