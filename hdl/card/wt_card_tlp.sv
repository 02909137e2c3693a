// The crossing between the core and a PCIe hard block with a clock of its own: the two streams of TLPs (wt_core describes
// them) and what the hard block says of its configuration.
//
// Towards the host a TLP is kept until it is complete, so that it leaves without a pause: a hard block wants its valid to
// stay up from the first beat to the last (PG213). The core waits while no TLP of TX_BEATS beats would fit. From the host a
// beat runs through.
//
// Latency: towards the host four to five cycles of link_clk_i after the last beat; from the host two to three of clk_i.
//
// Reset: link_rst_i, of any length, resets both sides; rst_o is the core's reset, at least as long as clk_i needs to see it.
// A TLP that is cut is never shown: reset the hard block's side of it too.
module wt_card_tlp #(
    parameter int unsigned TLP_W = 256,
    parameter int unsigned TX_LOG2 = 6,   // beats towards the host that fit
    parameter int unsigned TX_BEATS = 17, // longest TLP towards the host: 512 bytes and a header of 16
    parameter int unsigned RX_LOG2 = 5    // beats from the host that fit
) (
    // The core.
    input  logic                clk_i,
    output logic                rst_o,
    output logic                tlp_rx_valid_o,
    input  logic                tlp_rx_ready_i,
    output logic [TLP_W-1:0]    tlp_rx_data_o,
    output logic [TLP_W/32-1:0] tlp_rx_keep_o,
    output logic                tlp_rx_last_o,
    input  logic                tlp_tx_valid_i,
    output logic                tlp_tx_ready_o,
    input  logic [TLP_W-1:0]    tlp_tx_data_i,
    input  logic [TLP_W/32-1:0] tlp_tx_keep_i,
    input  logic                tlp_tx_last_i,
    output logic [2:0]          cfg_max_payload_o,
    output logic                cfg_bus_master_o,
    output logic [15:0]         cfg_requester_id_o,
    output logic                cfg_msix_enable_o,
    output logic                cfg_msix_mask_o,
    // The hard block's shim.
    input  logic                link_clk_i,
    input  logic                link_rst_i,
    output logic                link_rst_o,
    input  logic                link_rx_valid_i,
    output logic                link_rx_ready_o,
    input  logic [TLP_W-1:0]    link_rx_data_i,
    input  logic [TLP_W/32-1:0] link_rx_keep_i,
    input  logic                link_rx_last_i,
    output logic                link_tx_valid_o,
    input  logic                link_tx_ready_i,
    output logic [TLP_W-1:0]    link_tx_data_o,
    output logic [TLP_W/32-1:0] link_tx_keep_o,
    output logic                link_tx_last_o,
    input  logic [2:0]          link_max_payload_i,
    input  logic                link_bus_master_i,
    input  logic [15:0]         link_requester_id_i,
    input  logic                link_msix_enable_i,
    input  logic                link_msix_mask_i
);

  localparam int unsigned KEEP_W = TLP_W / 32;

  wire rst, link_rst;
  assign rst_o = rst;
  assign link_rst_o = link_rst;
  wt_sync_reset reset (
      .clk_i(link_clk_i), .rst_i(link_rst_i), .rst_o(link_rst), .other_clk_i(clk_i), .other_rst_o(rst));

  // ---------------------------------------------------------------- from the host

  // verilator lint_off PINCONNECTEMPTY
  wire rx_ready;
  assign link_rx_ready_o = rx_ready && !link_rst;
  wt_async_fifo #(.WIDTH(1 + KEEP_W + TLP_W), .DEPTH_LOG2(RX_LOG2)) rx (
      .in_clk_i(link_clk_i), .in_rst_i(link_rst), .in_valid_i(link_rx_valid_i && !link_rst), .in_ready_o(rx_ready),
      .in_data_i({link_rx_last_i, link_rx_keep_i, link_rx_data_i}), .out_clk_i(clk_i), .out_rst_i(rst),
      .out_valid_o(tlp_rx_valid_o), .out_ready_i(tlp_rx_ready_i),
      .out_data_o({tlp_rx_last_o, tlp_rx_keep_o, tlp_rx_data_o}), .idle_o());

  // ---------------------------------------------------------------- towards the host

  wire [TX_LOG2:0] room;
  logic within_q;
  assign tlp_tx_ready_o = !rst && (within_q || room >= (TX_LOG2 + 1)'(TX_BEATS));
  wire take = tlp_tx_valid_i && tlp_tx_ready_o;
  always_ff @(posedge clk_i) begin
    if (take) within_q <= !tlp_tx_last_i;
    if (rst) within_q <= 1'b0;
  end
  wt_async_frame_fifo #(.WIDTH(KEEP_W + TLP_W), .DEPTH_LOG2(TX_LOG2)) tx (
      .in_clk_i(clk_i), .in_rst_i(rst), .in_valid_i(take), .in_data_i({tlp_tx_keep_i, tlp_tx_data_i}),
      .in_last_i(tlp_tx_last_i), .in_drop_i(1'b0), .room_o(room), .lost_o(), .out_clk_i(link_clk_i),
      .out_rst_i(link_rst), .out_valid_o(link_tx_valid_o), .out_ready_i(link_tx_ready_i),
      .out_data_o({link_tx_keep_o, link_tx_data_o}), .out_last_o(link_tx_last_o), .idle_o());
  // verilator lint_on PINCONNECTEMPTY

  // ---------------------------------------------------------------- configuration

  wt_sync_bus #(.WIDTH(22)) cfg (
      .in_clk_i(link_clk_i), .in_rst_i(link_rst),
      .in_d_i({link_msix_mask_i, link_msix_enable_i, link_max_payload_i, link_bus_master_i, link_requester_id_i}),
      .out_clk_i(clk_i), .out_rst_i(rst),
      .out_q_o({cfg_msix_mask_o, cfg_msix_enable_o, cfg_max_payload_o, cfg_bus_master_o, cfg_requester_id_o}));

endmodule
