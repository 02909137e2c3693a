// TOP: wt_hash
// PARAMS: -GKEY_W=64 -GVAL_W=40 -GSLOTS_LOG2=16 -GOWNER_W=4 -GOWNER_LSB=64 -GWAYS=2
// The same with two slots a bucket, as small tables have them.
#define WAYS 2
#include "tests/hdl/test_wt_hash.cpp"
