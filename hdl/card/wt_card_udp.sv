// A small card without PCI Express, all of it but pins and hard blocks: the core, a gigabit port with the feed's line
// A, and a second one on which a host reaches the core by UDP (hdl/link). There is no line B.
//
// Clocks: clk_i, 125 MHz, for the core and for sending; each port's receive clock, unrelated.
//
// Ingress time is sampled in the core clock (wt_card); it counts from reset.
module wt_card_udp #(
    parameter int unsigned SYMBOLS = 8,
    parameter int unsigned ORDER_SLOTS = 4096,
    parameter int unsigned LEVEL_SLOTS = 2048,
    parameter int unsigned NODE_SLOTS = 2048,
    parameter int unsigned HOLD_MESSAGES_LOG2 = 9,
    parameter int unsigned HOLD_DATAGRAMS_LOG2 = 4,
    parameter int unsigned STATE_LOG2 = 15,          // wt_udp_link
    parameter logic [47:0] MAC = 48'h025754000002,
    parameter logic [31:0] IP = 32'hc0a83902,        // 192.168.57.2
    parameter logic [31:0] GIT_HASH = 32'd0
) (
    input  logic       clk_i,
    input  logic       rst_i,
    // Port 1, the feed: GMII.
    input  logic       feed_clk_i,
    input  logic [7:0] feed_d_i,
    input  logic       feed_dv_i,
    input  logic       feed_er_i,
    // Port 2, the host: GMII; what is sent on clk_i.
    input  logic       host_clk_i,
    input  logic [7:0] host_d_i,
    input  logic       host_dv_i,
    input  logic       host_er_i,
    output logic [7:0] host_d_o,
    output logic       host_en_o,
    output logic       host_er_o,
    // A host has opened the link; a frame of the feed came.
    output logic       open_o,
    output logic       feed_o
);

  localparam int unsigned CLOCK_PS = 8000;

  wire feed_valid, feed_ready, feed_last, feed_error;
  wire [63:0] feed_data;
  wire [7:0] feed_keep;
  wire [191:0] feed_counters;
  wt_card_gmii_rx port_feed (
      .clk_i(clk_i), .rst_i(rst_i), .rx_clk_i(feed_clk_i), .gmii_d_i(feed_d_i), .gmii_dv_i(feed_dv_i),
      .gmii_er_i(feed_er_i), .valid_o(feed_valid), .ready_i(feed_ready), .data_o(feed_data), .keep_o(feed_keep),
      .last_o(feed_last), .error_o(feed_error), .counters_o(feed_counters));
  assign feed_o = feed_valid && feed_last && !feed_error;

  // A frame for the host's port is short, its keep does not matter, and nobody reads that MAC's counters.
  wire host_valid, host_ready, host_last, host_error;
  wire [63:0] host_data;
  // verilator lint_off PINCONNECTEMPTY
  wt_card_gmii_rx port_host (
      .clk_i(clk_i), .rst_i(rst_i), .rx_clk_i(host_clk_i), .gmii_d_i(host_d_i), .gmii_dv_i(host_dv_i),
      .gmii_er_i(host_er_i), .valid_o(host_valid), .ready_i(host_ready), .data_o(host_data), .keep_o(),
      .last_o(host_last), .error_o(host_error), .counters_o());
  // verilator lint_on PINCONNECTEMPTY

  wire tx_valid, tx_ready, tx_last;
  wire [63:0] tx_data;
  // verilator lint_off PINCONNECTEMPTY
  wt_mac_tx_rgmii mac_tx (
      .clk_i(clk_i), .rst_i(rst_i), .valid_i(tx_valid), .ready_o(tx_ready), .data_i(tx_data), .keep_i(8'hff),
      .last_i(tx_last), .error_i(1'b0), .gmii_d_o(host_d_o), .gmii_en_o(host_en_o), .gmii_er_o(host_er_o), .idle_o(),
      .counters_o());
  // verilator lint_on PINCONNECTEMPTY

  wire tlp_rx_valid, tlp_rx_ready, tlp_rx_last, tlp_tx_valid, tlp_tx_ready, tlp_tx_last;
  wire [63:0] tlp_rx_data, tlp_tx_data;
  wire [1:0] tlp_rx_keep;
  wt_udp_link #(.MAC(MAC), .IP(IP), .STATE_LOG2(STATE_LOG2)) link (
      .clk_i(clk_i), .rst_i(rst_i), .rx_valid_i(host_valid), .rx_ready_o(host_ready), .rx_data_i(host_data),
      .rx_last_i(host_last), .rx_error_i(host_error), .tx_valid_o(tx_valid), .tx_ready_i(tx_ready),
      .tx_data_o(tx_data), .tx_last_o(tx_last), .tlp_tx_valid_i(tlp_tx_valid), .tlp_tx_ready_o(tlp_tx_ready),
      .tlp_tx_data_i(tlp_tx_data), .tlp_tx_last_i(tlp_tx_last), .tlp_rx_valid_o(tlp_rx_valid),
      .tlp_rx_ready_i(tlp_rx_ready), .tlp_rx_data_o(tlp_rx_data), .tlp_rx_keep_o(tlp_rx_keep),
      .tlp_rx_last_o(tlp_rx_last), .open_o(open_o));

  wire [63:0] time_ns;
  wt_time #(.CLOCK_PS(CLOCK_PS)) clock (
      .clk_i(clk_i), .rst_i(rst_i), .external_i(1'b0), .set_i(1'b0), .time_ns_i(64'd0), .time_ns_o(time_ns));

  // TLPs of up to 512 bytes: eight records share the head of a datagram.
  // verilator lint_off PINCONNECTEMPTY
  wt_core #(
      .SYMBOLS(SYMBOLS), .ORDER_SLOTS(ORDER_SLOTS), .LEVEL_SLOTS(LEVEL_SLOTS), .NODE_SLOTS(NODE_SLOTS), .TLP_W(64),
      .CLOCK_PS(CLOCK_PS), .HOLD_MESSAGES_LOG2(HOLD_MESSAGES_LOG2), .HOLD_DATAGRAMS_LOG2(HOLD_DATAGRAMS_LOG2),
      .ORDER_WAYS(2), .LINES(1), .INJECT_MESSAGES_LOG2(9), .EV_RINGS(1), .EV_FIFO_LOG2(4), .OF_FIFO_LOG2(4),
      .INJECT(1'b0), .SERIAL(1), .READ_SLOTS_LOG2(0), .BOOK_STEPS(4), .VECTORS(0), .COUNTER_W(40), .GIT_HASH(GIT_HASH)
  ) core (
      .clk_i(clk_i), .rst_i(rst_i), .time_ns_i(time_ns), .idle_o(), .next_deadline_ns_o(),
      .rx_a_valid_i(feed_valid), .rx_a_ready_o(feed_ready), .rx_a_data_i(feed_data), .rx_a_keep_i(feed_keep),
      .rx_a_last_i(feed_last), .rx_a_error_i(feed_error),
      .rx_b_valid_i(1'b0), .rx_b_ready_o(), .rx_b_data_i(64'd0), .rx_b_keep_i(8'd0), .rx_b_last_i(1'b0),
      .rx_b_error_i(1'b0), .mac_a_counters_i(feed_counters), .mac_b_counters_i(192'd0),
      .tlp_rx_valid_i(tlp_rx_valid), .tlp_rx_ready_o(tlp_rx_ready), .tlp_rx_data_i(tlp_rx_data),
      .tlp_rx_keep_i(tlp_rx_keep), .tlp_rx_last_i(tlp_rx_last), .tlp_tx_valid_o(tlp_tx_valid),
      .tlp_tx_ready_i(tlp_tx_ready), .tlp_tx_data_o(tlp_tx_data), .tlp_tx_keep_o(), .tlp_tx_last_o(tlp_tx_last),
      .cfg_max_payload_i(3'd2), .cfg_bus_master_i(1'b1), .cfg_requester_id_i(16'h0100), .cfg_msix_enable_i(1'b0),
      .cfg_msix_mask_i(1'b0));
  // verilator lint_on PINCONNECTEMPTY

endmodule
