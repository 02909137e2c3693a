// The card but for its pins and hard blocks: the core, two 10G ports (A, B) with their MACs and clock
// crossings, and the time. A board adds transceivers and the PCS, and the PCIe hard block.
//
// Clocks: clk_i (core, TLPs, frames to send), and each port's XGMII clocks, all unrelated.
// Ingress time is sampled in the core clock, behind the crossing: it is late by the MAC's one to two
// cycles of XGMII and the FIFO's two to three of the core, and uncertain by the last one; an external time
// is late by one cycle more.
module wt_card #(
    parameter int unsigned SYMBOLS = 64,
    parameter int unsigned ORDER_SLOTS = 65536,
    parameter int unsigned LEVEL_SLOTS = 65536,
    parameter int unsigned NODE_SLOTS = 32768,
    parameter int unsigned TLP_W = 256,
    parameter int unsigned CLOCK_PS = 6400,  // period of clk_i
    parameter int unsigned MAX_BYTES = 9022,    // longest frame taken, header to FCS
    parameter bit URAM = 1'b0,                  // orders and the lines' hold buffers are in UltraRAM
    parameter logic [31:0] GIT_HASH = 32'd0
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // Time (wt_time).
    input  logic                time_external_i,
    input  logic                time_set_i,
    input  logic [63:0]         time_ns_i,
    // wt_core, and nothing inside the ports; of all clocks: for simulation, where they are one. A board leaves them
    // open.
    output logic                idle_o,
    output logic [63:0]         next_deadline_ns_o,
    // Port A: XGMII.
    input  logic                xgmii_a_rx_clk_i,
    input  logic [63:0]         xgmii_a_rxd_i,
    input  logic [7:0]          xgmii_a_rxc_i,
    input  logic                xgmii_a_tx_clk_i,
    output logic [63:0]         xgmii_a_txd_o,
    output logic [7:0]          xgmii_a_txc_o,
    // Port A: frames to send, and counters (wt_card_port).
    input  logic                tx_a_valid_i,
    output logic                tx_a_ready_o,
    input  logic [63:0]         tx_a_data_i,
    input  logic [7:0]          tx_a_keep_i,
    input  logic                tx_a_last_i,
    input  logic                tx_a_error_i,
    output logic [287:0]        counters_a_o,
    // Port B, the same.
    input  logic                xgmii_b_rx_clk_i,
    input  logic [63:0]         xgmii_b_rxd_i,
    input  logic [7:0]          xgmii_b_rxc_i,
    input  logic                xgmii_b_tx_clk_i,
    output logic [63:0]         xgmii_b_txd_o,
    output logic [7:0]          xgmii_b_txc_o,
    input  logic                tx_b_valid_i,
    output logic                tx_b_ready_o,
    input  logic [63:0]         tx_b_data_i,
    input  logic [7:0]          tx_b_keep_i,
    input  logic                tx_b_last_i,
    input  logic                tx_b_error_i,
    output logic [287:0]        counters_b_o,
    // TLPs and PCIe configuration (wt_core).
    input  logic                tlp_rx_valid_i,
    output logic                tlp_rx_ready_o,
    input  logic [TLP_W-1:0]    tlp_rx_data_i,
    input  logic [TLP_W/32-1:0] tlp_rx_keep_i,
    input  logic                tlp_rx_last_i,
    output logic                tlp_tx_valid_o,
    input  logic                tlp_tx_ready_i,
    output logic [TLP_W-1:0]    tlp_tx_data_o,
    output logic [TLP_W/32-1:0] tlp_tx_keep_o,
    output logic                tlp_tx_last_o,
    input  logic [2:0]          cfg_max_payload_i,
    input  logic                cfg_bus_master_i,
    input  logic [15:0]         cfg_requester_id_i,
    input  logic                cfg_msix_enable_i,
    input  logic                cfg_msix_mask_i
);

  wire [63:0] time_ns;
  wire core_idle, port_a_idle, port_b_idle;
  always_comb begin
    idle_o = 1'b0;
    // The core's many terms matter, and cost simulation, only when the wires are silent.
    if (port_a_idle && port_b_idle) idle_o = core_idle;
  end

  // Reset and configuration come a cycle late.
  logic        rst_q, bus_master_q, msix_enable_q, msix_mask_q;
  logic [2:0]  max_payload_q;
  logic [15:0] requester_id_q;
  always_ff @(posedge clk_i) begin
    rst_q <= rst_i;
    bus_master_q <= cfg_bus_master_i;
    max_payload_q <= cfg_max_payload_i;
    requester_id_q <= cfg_requester_id_i;
    msix_enable_q <= cfg_msix_enable_i;
    msix_mask_q <= cfg_msix_mask_i;
  end

  wt_time #(.CLOCK_PS(CLOCK_PS)) clock (
      .clk_i(clk_i), .rst_i(rst_q), .external_i(time_external_i), .set_i(time_set_i), .time_ns_i(time_ns_i),
      .time_ns_o(time_ns));

  wire rx_a_valid, rx_a_ready, rx_a_last, rx_a_error;
  wire [63:0] rx_a_data;
  wire [7:0] rx_a_keep;
  wt_card_port #(.MAX_BYTES(MAX_BYTES)) port_a (
      .clk_i(clk_i), .rst_i(rst_q), .xgmii_rx_clk_i(xgmii_a_rx_clk_i), .xgmii_rxd_i(xgmii_a_rxd_i),
      .xgmii_rxc_i(xgmii_a_rxc_i), .xgmii_tx_clk_i(xgmii_a_tx_clk_i), .xgmii_txd_o(xgmii_a_txd_o),
      .xgmii_txc_o(xgmii_a_txc_o), .rx_valid_o(rx_a_valid), .rx_ready_i(rx_a_ready), .rx_data_o(rx_a_data),
      .rx_keep_o(rx_a_keep), .rx_last_o(rx_a_last), .rx_error_o(rx_a_error), .tx_valid_i(tx_a_valid_i),
      .tx_ready_o(tx_a_ready_o), .tx_data_i(tx_a_data_i), .tx_keep_i(tx_a_keep_i), .tx_last_i(tx_a_last_i),
      .tx_error_i(tx_a_error_i), .counters_o(counters_a_o), .idle_o(port_a_idle));

  wire rx_b_valid, rx_b_ready, rx_b_last, rx_b_error;
  wire [63:0] rx_b_data;
  wire [7:0] rx_b_keep;
  wt_card_port #(.MAX_BYTES(MAX_BYTES)) port_b (
      .clk_i(clk_i), .rst_i(rst_q), .xgmii_rx_clk_i(xgmii_b_rx_clk_i), .xgmii_rxd_i(xgmii_b_rxd_i),
      .xgmii_rxc_i(xgmii_b_rxc_i), .xgmii_tx_clk_i(xgmii_b_tx_clk_i), .xgmii_txd_o(xgmii_b_txd_o),
      .xgmii_txc_o(xgmii_b_txc_o), .rx_valid_o(rx_b_valid), .rx_ready_i(rx_b_ready), .rx_data_o(rx_b_data),
      .rx_keep_o(rx_b_keep), .rx_last_o(rx_b_last), .rx_error_o(rx_b_error), .tx_valid_i(tx_b_valid_i),
      .tx_ready_o(tx_b_ready_o), .tx_data_i(tx_b_data_i), .tx_keep_i(tx_b_keep_i), .tx_last_i(tx_b_last_i),
      .tx_error_i(tx_b_error_i), .counters_o(counters_b_o), .idle_o(port_b_idle));

  wt_core #(
      .SYMBOLS(SYMBOLS), .ORDER_SLOTS(ORDER_SLOTS), .LEVEL_SLOTS(LEVEL_SLOTS), .NODE_SLOTS(NODE_SLOTS), .TLP_W(TLP_W),
      .CLOCK_PS(CLOCK_PS), .URAM(URAM), .GIT_HASH(GIT_HASH)
  ) core (
      .clk_i(clk_i), .rst_i(rst_q), .time_ns_i(time_ns), .idle_o(core_idle), .next_deadline_ns_o(next_deadline_ns_o),
      .rx_a_valid_i(rx_a_valid), .rx_a_ready_o(rx_a_ready), .rx_a_data_i(rx_a_data), .rx_a_keep_i(rx_a_keep),
      .rx_a_last_i(rx_a_last), .rx_a_error_i(rx_a_error),
      .rx_b_valid_i(rx_b_valid), .rx_b_ready_o(rx_b_ready), .rx_b_data_i(rx_b_data), .rx_b_keep_i(rx_b_keep),
      .rx_b_last_i(rx_b_last), .rx_b_error_i(rx_b_error),
      .mac_a_counters_i(counters_a_o[191:0]), .mac_b_counters_i(counters_b_o[191:0]),
      .tlp_rx_valid_i(tlp_rx_valid_i), .tlp_rx_ready_o(tlp_rx_ready_o), .tlp_rx_data_i(tlp_rx_data_i),
      .tlp_rx_keep_i(tlp_rx_keep_i), .tlp_rx_last_i(tlp_rx_last_i), .tlp_tx_valid_o(tlp_tx_valid_o),
      .tlp_tx_ready_i(tlp_tx_ready_i), .tlp_tx_data_o(tlp_tx_data_o), .tlp_tx_keep_o(tlp_tx_keep_o),
      .tlp_tx_last_o(tlp_tx_last_o), .cfg_max_payload_i(max_payload_q), .cfg_bus_master_i(bus_master_q),
      .cfg_requester_id_i(requester_id_q), .cfg_msix_enable_i(msix_enable_q), .cfg_msix_mask_i(msix_mask_q));

endmodule
