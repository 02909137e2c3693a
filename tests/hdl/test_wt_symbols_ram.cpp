// TOP: wt_symbols
// PARAMS: -GSYM_W=3 -GCOMPARE=0
// The same with the locates' indices in a RAM, as cards of many symbols have them.
#include "tests/hdl/test_wt_symbols.cpp"
