/*
 * The Verilated card behind a C interface (wt_model.h). One VerilatedContext per model; nothing is
 * allocated after create(). The widths come from the ports, the clock period from a register, so
 * that the RTL's parameters are said once.
 */
#include "sim/card/wt_model.h"

#include <cerrno>
#include <cstring>
#include <new>

#include "Vwt_card.h"
#include "Vwt_card___024root.h"
#include "sim/card/xgmii.h"
#include "verilated.h"
#ifdef WT_TRACE
#include "verilated_fst_c.h"
#endif

#define _Static_assert static_assert // a C header
#include "host/card/wt_schema.h"

namespace
{

struct Model {
    VerilatedContext context;
    Vwt_card card;
    struct wt_xgmii port[WT_MODEL_LINES]; // what is plugged into ports A and B
#ifdef WT_TRACE
    VerilatedFstC *fst = nullptr;
#endif
    uint64_t half_ps = 0;
    unsigned tx_cycles = 0; // the transmit clocks run for so long: nothing is sent yet, they are for reset

    Model() : card(&context)
    {
        for (struct wt_xgmii &p : port)
            wt_xgmii_init(&p);
        card.time_external_i = 1;
    }
    ~Model()
    {
#ifdef WT_TRACE
        if (fst)
            fst->close();
        delete fst;
#endif
        card.final();
    }
};

constexpr size_t TLP_BYTES = sizeof(Vwt_card::tlp_rx_data_i);

struct wt_model_api api = {};

void eval(Model &m, bool clk)
{
    Vwt_card &c = m.card;
    c.clk_i = c.xgmii_a_rx_clk_i = c.xgmii_b_rx_clk_i = clk;
    if (m.tx_cycles)
        c.xgmii_a_tx_clk_i = c.xgmii_b_tx_clk_i = clk;
    m.card.eval();
#ifdef WT_TRACE
    if (m.fst)
        m.fst->dump(m.context.time());
    m.context.timeInc(m.half_ps);
#endif
}

/*
 * Verilator knows an edge by the value that it saw last. Told that it saw 0, it need not be shown the low half of a
 * clock, which saves an evaluation a cycle. Another Verilator may keep that value elsewhere: then both halves are
 * shown.
 */
template <typename Root> auto skip_low(Root &root, bool tx, int) -> decltype(root.__Vtrigrprev__TOP__clk_i, bool())
{
#ifdef WT_TRACE
    (void)root, (void)tx;
    return false;
#else
    root.__Vtrigrprev__TOP__clk_i = root.__Vtrigrprev__TOP__xgmii_a_rx_clk_i = 0;
    root.__Vtrigrprev__TOP__xgmii_b_rx_clk_i = 0;
    if (tx)
        root.__Vtrigrprev__TOP__xgmii_a_tx_clk_i = root.__Vtrigrprev__TOP__xgmii_b_tx_clk_i = 0;
    return true;
#endif
}
template <typename Root> bool skip_low(Root &, bool, long)
{
    return false;
}

/* A beat of the wire becomes XGMII, a little later; a wire does not wait. */
struct wt_xgmii_word play(struct wt_xgmii &x, struct wt_model_port &p)
{
    const struct wt_xgmii_beat beat = {p.rx_data, p.rx_valid, p.rx_keep, p.rx_last, p.rx_error};
    struct wt_xgmii_word w = wt_xgmii_cycle(&x, &beat);
    p.rx_ready = 1;
    p.rx_lag = w.lag;
    return w;
}

void cycle(void *model, struct wt_model_pins *pins)
{
    Model &m = *static_cast<Model *>(model);
    Vwt_card &c = m.card;

    c.time_ns_i = pins->time_ns;
    c.rst_i = pins->rst;
    if (pins->rst)
        m.tx_cycles = 32;
    else if (m.tx_cycles)
        m.tx_cycles--;
    struct wt_xgmii_word w = play(m.port[0], pins->port[0]);
    c.xgmii_a_rxd_i = w.data;
    c.xgmii_a_rxc_i = w.control;
    w = play(m.port[1], pins->port[1]);
    c.xgmii_b_rxd_i = w.data;
    c.xgmii_b_rxc_i = w.control;
    c.tlp_rx_valid_i = pins->tlp_rx_valid;
    if (pins->tlp_rx_valid) {
        memcpy(&c.tlp_rx_data_i, pins->tlp_rx_data, TLP_BYTES);
        c.tlp_rx_keep_i = (decltype(+c.tlp_rx_keep_i))pins->tlp_rx_keep;
        c.tlp_rx_last_i = pins->tlp_rx_last;
    }
    c.tlp_tx_ready_i = pins->tlp_tx_ready;
    c.cfg_max_payload_i = pins->cfg_max_payload;
    c.cfg_bus_master_i = pins->cfg_bus_master;
    c.cfg_msix_enable_i = pins->cfg_msix_enable;
    c.cfg_requester_id_i = pins->cfg_requester_id;
    /* Of the outputs only tlp_rx_ready depends on inputs of the same cycle: the others stand since the last edge. */
    if (pins->rst || pins->tlp_rx_valid || !skip_low(*c.rootp, m.tx_cycles != 0, 0))
        eval(m, false);

    pins->tlp_rx_ready = c.tlp_rx_ready_o;
    pins->tlp_tx_valid = c.tlp_tx_valid_o;
    if (c.tlp_tx_valid_o) {
        pins->tlp_tx_last = c.tlp_tx_last_o;
        pins->tlp_tx_keep = c.tlp_tx_keep_o;
        memcpy(pins->tlp_tx_data, &c.tlp_tx_data_o, TLP_BYTES);
    }
    pins->idle = c.idle_o && wt_xgmii_idle(&m.port[0]) && wt_xgmii_idle(&m.port[1]);
    pins->next_deadline_ns = c.next_deadline_ns_o;
    eval(m, true);
}

void *create(void)
{
    Model *m = new (std::nothrow) Model;
    if (m)
        m->half_ps = api.clock_ps / 2;
    return m;
}

int trace(void *model, const char *path)
{
#ifdef WT_TRACE
    Model &m = *static_cast<Model *>(model);
    m.context.traceEverOn(true);
    m.fst = new (std::nothrow) VerilatedFstC;
    if (!m.fst)
        return -ENOMEM;
    m.card.trace(m.fst, 99);
    m.fst->open(path);
    return m.fst->isOpen() ? 0 : -EIO;
#else
    (void)model;
    (void)path;
    return -ENOTSUP;
#endif
}

void destroy(void *model)
{
    delete static_cast<Model *>(model);
}

/* What the card says of its own clock: one memory read of the register. 0 if it does not answer. */
uint32_t read_clock_ps()
{
    struct wt_model_pins pins = {};
    void *model = create();
    if (!model)
        return 0;
    pins.rst = 1;
    for (int i = 0; i < 4; i++)
        cycle(model, &pins);
    pins.rst = 0;
    pins.tlp_tx_ready = 1;
    const uint32_t request[3] = {0x00000001, 0x0000000f, WT_REG_CAP_CLOCK_PS};
    uint32_t answer[4] = {}, sent = 0, got = 0;
    for (int i = 0; i < 4096 && got < 4; i++) {
        uint32_t n = 0;
        pins.tlp_rx_valid = sent < 3;
        pins.tlp_rx_keep = 0;
        for (; pins.tlp_rx_valid && n < TLP_BYTES / 4 && sent + n < 3; n++) {
            pins.tlp_rx_data[n] = request[sent + n];
            pins.tlp_rx_keep |= 1u << n;
        }
        pins.tlp_rx_last = sent + n == 3;
        cycle(model, &pins);
        if (pins.tlp_rx_valid && pins.tlp_rx_ready)
            sent += n;
        for (uint32_t k = 0; pins.tlp_tx_valid && k < TLP_BYTES / 4 && (pins.tlp_tx_keep >> k & 1) && got < 4; k++)
            answer[got++] = pins.tlp_tx_data[k];
    }
    destroy(model);
    return got == 4 && answer[0] == 0x4a000001 ? answer[3] : 0;
}

} // namespace

extern "C" const struct wt_model_api *wt_model_get(void)
{
    if (api.abi == 0) {
        wt_xgmii_tables();
        api.tlp_dwords = TLP_BYTES / 4;
        api.create = create;
        api.cycle = cycle;
        api.trace = trace;
        api.destroy = destroy;
        api.clock_ps = read_clock_ps();
        api.abi = WT_MODEL_ABI;
    }
    return &api;
}
