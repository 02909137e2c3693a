/* The Verilated top of the ECP5-5G Versa behind a C interface (wt_board_model.h). */
#include "sim/card/wt_board_model.h"

#include <new>

#include "Vwt_ecp5_versa.h"
#include "verilated.h"

namespace
{

struct Model {
    VerilatedContext context;
    Vwt_ecp5_versa board;
    Model() : board(&context)
    {
    }
    ~Model()
    {
        board.final();
    }
};

void cycle(void *model, struct wt_board_pins *pins)
{
    Vwt_ecp5_versa &b = static_cast<Model *>(model)->board;
    b.rst_n = !pins->reset;
    /* the lower half of a byte and whether it is valid, then the upper half and no error */
    b.eth0_rx_data = pins->rx[0] & 15;
    b.eth1_rx_data = pins->rx[1] & 15;
    b.eth0_rx_ctl = pins->rx_valid[0];
    b.eth1_rx_ctl = pins->rx_valid[1];
    b.clk100 = b.eth0_rx_clk = b.eth1_rx_clk = 1;
    b.eval();
    pins->tx[0] = b.eth0_tx_data;
    pins->tx[1] = b.eth1_tx_data;
    pins->tx_valid[0] = b.eth0_tx_ctl;
    pins->tx_valid[1] = b.eth1_tx_ctl;
    b.eth0_rx_data = pins->rx[0] >> 4;
    b.eth1_rx_data = pins->rx[1] >> 4;
    b.clk100 = b.eth0_rx_clk = b.eth1_rx_clk = 0;
    b.eval();
    pins->tx[0] |= (uint8_t)(b.eth0_tx_data << 4);
    pins->tx[1] |= (uint8_t)(b.eth1_tx_data << 4);
}

void *create(void)
{
    return new (std::nothrow) Model;
}

void destroy(void *model)
{
    delete static_cast<Model *>(model);
}

} // namespace

extern "C" const struct wt_board_api *wt_board_get(void)
{
    static const struct wt_board_api api = {WT_BOARD_ABI, create, cycle, destroy};
    return &api;
}
