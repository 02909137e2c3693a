// TOP: wt_book
// PARAMS: -GSYMBOLS=4 -GORDER_SLOTS=64 -GLEVEL_SLOTS=64 -GNODE_SLOTS=64 -GORDER_WAYS=2 -GLEVEL_WAYS=2 -GNODE_WAYS=2
// PARAMS: -GSTEPS=4
// The book of a small card: the same market, the same model.
#define REST 400
#include "tests/hdl/test_wt_book.cpp"
