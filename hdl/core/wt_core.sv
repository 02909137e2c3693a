// The board-independent heart of the card, one clock: frames and TLPs in, TLPs out.
//
// Two frame streams, line A and line B of the feed: an Ethernet frame from its header to its end, without FCS; the first byte on the
// wire in bits [7:0] of the first beat; keep from bit 0 up; with last, error says that the frame
// is bad (FCS, cut). Nothing here waits for room: wt_line says when rx_*_ready_o falls all the same.
//
// TLP streams: raw PCIe TLPs. The first dword of the header, as a number with Fmt in bits [31:29],
// is in bits [31:0] of the first beat, the dwords after it in ascending positions without a hole,
// one keep bit each. Header dwords are numbers; payload dwords hold memory bytes, the lowest
// address in bits [7:0]. The address of a request is its offset in BAR0: the shim of the hard block,
// which matched the BAR, takes the base off.
//
// Reset by the host (registers reset_seq, reset_ack): writes on tlp_tx end with the TLP under way,
// then the data path is reset and the tables are swept; the registers and tlp_rx live on. Frames
// that come in meanwhile are dropped, and so is the rest of one that the reset cut.
//
// idle_o is 1 when nothing is under way, so that no clock edge would change anything but time before
// next_deadline_ns_o, if nothing comes in: it does not depend on the inputs of the same cycle.
module wt_core #(
    parameter int unsigned SYMBOLS = 64,
    parameter int unsigned ORDER_SLOTS = 65536,
    parameter int unsigned ORDER_WAYS = 4,       // slots a bucket of the order table: 2 hold less, and take less logic
    parameter int unsigned LEVEL_SLOTS = 65536,
    parameter int unsigned NODE_SLOTS = 32768,
    parameter int unsigned TLP_W = 256,          // 64, 128, 256 or 512
    parameter int unsigned LINES = 2,            // of the feed: A and B, or A alone
    parameter int unsigned CLOCK_PS = 6400,
    parameter int unsigned HOLD_MESSAGES_LOG2 = 12,   // hold buffer of a line, in messages
    parameter int unsigned HOLD_DATAGRAMS_LOG2 = 10,  // and in datagrams
    parameter int unsigned INJECT_MESSAGES_LOG2 = HOLD_MESSAGES_LOG2,  // the same of what the host injects
    parameter int unsigned EV_RINGS = 8,         // event rings, 1 to 8
    parameter int unsigned EV_FIFO_LOG2 = 6,     // records in front of each, log2
    parameter int unsigned OF_FIFO_LOG2 = 8,     // and in front of the order-flow ring
    parameter bit INJECT = 1'b1,                 // the host may inject datagrams (else only load symbols)
    parameter int unsigned SERIAL = 0,           // the FIFOs are written a word a cycle: see wt_dma
    parameter int unsigned READ_SLOTS_LOG2 = 3,  // lines of host memory that are asked for at once, log2
    parameter int unsigned VECTORS = 9,          // interrupt vectors: 9, or 0 for no interrupts
    parameter int unsigned BOOK_STEPS = 1,       // cycles of a step of the book: see wt_book
    parameter int unsigned COUNTER_W = 64,       // bits of the counters: they go on from 0
    parameter bit URAM = 1'b0,                   // orders and the lines' hold buffers are in UltraRAM
    parameter logic [31:0] GIT_HASH = 32'd0
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // Card time, ns.
    input  logic [63:0]         time_ns_i,
    // Nothing is under way; the time at which that changes by itself (all ones: never).
    output logic                idle_o,
    output logic [63:0]         next_deadline_ns_o,
    // Frames of line A.
    input  logic                rx_a_valid_i,
    output logic                rx_a_ready_o,
    input  logic [63:0]         rx_a_data_i,
    input  logic [7:0]          rx_a_keep_i,
    input  logic                rx_a_last_i,
    input  logic                rx_a_error_i,
    // Frames of line B.
    input  logic                rx_b_valid_i,
    output logic                rx_b_ready_o,
    input  logic [63:0]         rx_b_data_i,
    input  logic [7:0]          rx_b_keep_i,
    input  logic                rx_b_last_i,
    input  logic                rx_b_error_i,
    // Counters of the ports' receiving MACs (wt_mac_rx_xgmii).
    input  logic [191:0]        mac_a_counters_i,
    input  logic [191:0]        mac_b_counters_i,
    // TLPs from the host, and to it.
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
    // PCIe configuration: max payload as PCIe encodes it, bus master enable, our id.
    input  logic [2:0]          cfg_max_payload_i,
    input  logic                cfg_bus_master_i,
    input  logic [15:0]         cfg_requester_id_i,
    // MSI-X: enable, function mask.
    input  logic                cfg_msix_enable_i,
    input  logic                cfg_msix_mask_i
);

  // ---------------------------------------------------------------- registers

  wire enable, subscribe_all, order_flow, recover;
  wire [31:0] skew_ns, gap_timeout_ns;
  wire [2047:0] channels;
  wire [2:0] chan_index;
  wire [63:0] chan_next;
  wire [9:0] ring_sym;
  wire [2:0] sym_ring;
  wire [EV_RINGS-1:0] rings;  // those that are there
  wire [9:0] sym_raddr;
  wire [63:0] sym_rdata;
  wire cnt_read;
  wire [6:0] cnt_index;
  logic [63:0] cnt_data_q;
  // What nobody sees of the counters synthesis leaves out.
  localparam logic [63:0] COUNTER_MASK = 64'hffff_ffff_ffff_ffff >> (64 - COUNTER_W);
  wire [63:0] cnt_bad_request;
  wire [63:0] cmd_base;
  wire [31:0] cmd_size_log2, cmd_prod, cmd_cons;
  wire regs_busy, pcie_idle;
  wire addr_valid, addr_ready, line_valid, line_ready;
  wire [63:0] addr, cnt_read_timeout, cnt_read_unsupported, cnt_read_aborted, cnt_read_poisoned, cnt_read_refused;
  wire [63:0] cnt_interrupts;
  wire [511:0] line;

  // ---------------------------------------------------------------- reset by the host

  wire run, data_rst;
  wire book_ready, feed_ready;
  wire [10:0] sym_count;

  // A reset may cut a frame: what is left of it must not look like the start of one.
  wire [1:0] rx_valid = {rx_b_valid_i, rx_a_valid_i};
  wire [1:0] rx_last = {rx_b_last_i, rx_a_last_i};
  logic [1:0] in_frame_q, skip_q;
  wire [1:0] drop = {2{data_rst}} | skip_q;
  wire [1:0] feed_rx_ready;
  wire [1:0] rx_ready = drop | feed_rx_ready;
  assign {rx_b_ready_o, rx_a_ready_o} = rx_ready;
  wire [1:0] rx_taken = rx_valid & rx_ready;
  wire [1:0] in_frame = (rx_taken & ~rx_last) | (~rx_taken & in_frame_q);
  always_ff @(posedge clk_i) begin
    in_frame_q <= in_frame;
    if (data_rst) skip_q <= in_frame;
    else skip_q <= skip_q & ~(rx_taken & rx_last);
    if (rst_i) begin
      in_frame_q <= 2'd0;
      skip_q <= 2'd0;
    end
  end

  // ---------------------------------------------------------------- frames to ops

  logic [31:0] cycle_q;
  always_ff @(posedge clk_i) begin
    cycle_q <= cycle_q + 32'd1;
    if (rst_i) cycle_q <= 32'd0;
  end

  wire op_valid, op_ready;
  wire wt_pkg::op_t op;
  wire wt_pkg::raw_t raw;
  wire feed_idle;
  wire [19*64-1:0] feed_counters;
  wire [191:0] more_counters;
  wire urgent;
  wire [31:0] max_hold;

  wt_feed #(.PORTS(LINES), .HOLD_MESSAGES_LOG2(HOLD_MESSAGES_LOG2), .HOLD_DATAGRAMS_LOG2(HOLD_DATAGRAMS_LOG2),
            .INJECT_MESSAGES_LOG2(INJECT_MESSAGES_LOG2), .INJECT(INJECT), .URAM(URAM)) feed (
      .clk_i(clk_i), .rst_i(data_rst), .ready_o(feed_ready), .time_ns_i(time_ns_i), .cycle_i(cycle_q),
      .enable_i(enable && run), .channels_i(channels), .recover_i(recover), .skew_ns_i(skew_ns),
      .gap_timeout_ns_i(gap_timeout_ns), .poke_i(regs_busy), .next_channel_i(chan_index), .next_seq_o(chan_next),
      .rx_valid_i(rx_valid & ~drop), .rx_ready_o(feed_rx_ready), .rx_data_i({rx_b_data_i, rx_a_data_i}),
      .rx_keep_i({rx_b_keep_i, rx_a_keep_i}), .rx_last_i(rx_last), .rx_error_i({rx_b_error_i, rx_a_error_i}),
      .cmd_base_i(cmd_base), .cmd_size_log2_i(cmd_size_log2), .cmd_prod_i(cmd_prod), .cmd_cons_o(cmd_cons),
      .addr_valid_o(addr_valid), .addr_ready_i(addr_ready), .addr_o(addr),
      .line_valid_i(line_valid), .line_ready_o(line_ready), .line_i(line),
      .op_valid_o(op_valid), .op_ready_i(op_ready), .op_o(op), .raw_o(raw), .more_counters_o(more_counters),
      .urgent_o(urgent), .max_hold_o(max_hold),
      .idle_o(feed_idle), .deadline_ns_o(next_deadline_ns_o), .counters_o(feed_counters));

  // ---------------------------------------------------------------- ops to records

  // Each op goes to the book and to the record builder, which keeps it until the book has answered.
  wire book_op_ready, records_op_ready;
  assign op_ready = book_op_ready && records_op_ready;
  wire result_valid, result_ready;
  wire wt_pkg::result_t result;
  wire book_idle;
  wire [31:0] orders_live, orders_peak;

  wt_book #(
      .SYMBOLS(SYMBOLS), .ORDER_SLOTS(ORDER_SLOTS), .LEVEL_SLOTS(LEVEL_SLOTS), .NODE_SLOTS(NODE_SLOTS),
      .ORDER_WAYS(ORDER_WAYS), .LEVEL_WAYS(LEVEL_SLOTS > 2048 ? 4 : 2), .NODE_WAYS(NODE_SLOTS > 2048 ? 4 : 2),
      .URAM(URAM), .STEPS(BOOK_STEPS)
  ) book (
      .clk_i(clk_i), .rst_i(data_rst), .ready_o(book_ready), .subscribe_all_i(subscribe_all),
      .sym_count_i(sym_count), .sym_raddr_o(sym_raddr), .sym_rdata_i(sym_rdata),
      .op_valid_i(op_valid && records_op_ready), .op_ready_o(book_op_ready), .op_i(op),
      .result_valid_o(result_valid), .result_ready_i(result_ready), .result_o(result),
      .idle_o(book_idle), .orders_live_o(orders_live), .orders_peak_o(orders_peak));

  wire ev_valid, ev_ready, of_valid, of_ready, of_software;
  wire [479:0] ev_data, of_data;
  wire [2:0] ev_ring;
  wire [4:0] max_ops;
  wire [63:0] cnt_unknown_type, cnt_bad_length, cnt_unknown_ref, cnt_excess, cnt_zero_add, cnt_senseless;
  wire [63:0] cnt_overflow, cnt_bbo;
  wire records_idle;

  wt_records records (
      .clk_i(clk_i), .rst_i(data_rst), .cycle_i(cycle_q), .order_flow_i(order_flow),
      .op_valid_i(op_valid && book_op_ready), .op_ready_o(records_op_ready), .op_i(op), .raw_i(raw),
      .result_valid_i(result_valid), .result_ready_o(result_ready), .result_i(result),
      .ev_valid_o(ev_valid), .ev_ready_i(ev_ready), .ev_data_o(ev_data), .ev_ring_o(ev_ring),
      .ring_sym_o(ring_sym), .ring_i(sym_ring),
      .of_valid_o(of_valid), .of_ready_i(of_ready), .of_data_o(of_data), .of_software_o(of_software),
      .cnt_unknown_type_o(cnt_unknown_type), .cnt_bad_length_o(cnt_bad_length), .cnt_unknown_ref_o(cnt_unknown_ref),
      .cnt_excess_o(cnt_excess), .cnt_zero_add_o(cnt_zero_add), .cnt_senseless_o(cnt_senseless),
      .cnt_overflow_o(cnt_overflow), .cnt_bbo_o(cnt_bbo), .max_ops_o(max_ops),
      .idle_o(records_idle));

  wire put_ev, put_of, ev_waits, of_full, of_high, of_low, ev_busy, of_busy;
  wire [479:0] kept_data, marker_data;
  wire kept, marker;
  wire [2:0] put_ev_ring;
  wire [EV_RINGS-1:0] ev_full, ev_high;
  wire [63:0] cnt_conflated, cnt_trades_lost, cnt_shed, cnt_shed_software, cnt_pressure;
  wire [10:0] max_folded;
  wire backlog_idle;

  wt_backlog #(.SYMBOLS(SYMBOLS), .RINGS(EV_RINGS), .SERIAL(SERIAL)) backlog (
      .clk_i(clk_i), .rst_i(data_rst), .urgent_i(urgent), .rings_i(rings),
      .ev_valid_i(ev_valid), .ev_ready_o(ev_ready), .ev_data_i(ev_data), .ev_ring_i(ev_ring),
      .of_valid_i(of_valid), .of_ready_o(of_ready), .of_data_i(of_data), .of_software_i(of_software),
      .ev_valid_o(put_ev), .ev_ring_o(put_ev_ring), .ev_kept_o(kept), .ev_kept_data_o(kept_data), 
      .ev_full_i(ev_full), .ev_high_i(ev_high), .ev_busy_i(ev_busy), .of_busy_i(of_busy),
      .ev_waits_o(ev_waits), .of_valid_o(put_of), .of_marker_o(marker), .of_marker_data_o(marker_data), .of_full_i(of_full), 
      .of_high_i(of_high), .of_low_i(of_low), .cnt_conflated_o(cnt_conflated), .cnt_trades_lost_o(cnt_trades_lost), .cnt_shed_o(cnt_shed),
      .cnt_shed_software_o(cnt_shed_software), .cnt_pressure_o(cnt_pressure), .max_folded_o(max_folded),
      .idle_o(backlog_idle));

  // ---------------------------------------------------------------- records to TLPs

  wire [63:0] cnt_events, cnt_order_flow, cnt_ev_full, cnt_of_full, cnt_link_wait;
  wire [EV_FIFO_LOG2:0] max_events;
  wire [OF_FIFO_LOG2:0] max_order_flow;

  wt_pcie #(
      .TLP_W(TLP_W), .SYMBOLS(SYMBOLS), .ORDER_SLOTS(ORDER_SLOTS), .LEVEL_SLOTS(LEVEL_SLOTS), .CLOCK_PS(CLOCK_PS),
      .LINES(LINES), .GIT_HASH(GIT_HASH), .EV_RINGS(EV_RINGS), .EV_FIFO_LOG2(EV_FIFO_LOG2), .OF_FIFO_LOG2(OF_FIFO_LOG2),
      .SERIAL(SERIAL), .READ_SLOTS_LOG2(READ_SLOTS_LOG2), .VECTORS(VECTORS)
  ) pcie (
      .clk_i(clk_i), .rst_i(rst_i), .ready_i(book_ready && feed_ready), .run_o(run), .data_rst_o(data_rst),
      .tlp_rx_valid_i(tlp_rx_valid_i), .tlp_rx_ready_o(tlp_rx_ready_o), .tlp_rx_data_i(tlp_rx_data_i),
      .tlp_rx_keep_i(tlp_rx_keep_i), .tlp_rx_last_i(tlp_rx_last_i), .tlp_tx_valid_o(tlp_tx_valid_o),
      .tlp_tx_ready_i(tlp_tx_ready_i), .tlp_tx_data_o(tlp_tx_data_o), .tlp_tx_keep_o(tlp_tx_keep_o),
      .tlp_tx_last_o(tlp_tx_last_o), .cfg_max_payload_i(cfg_max_payload_i), .cfg_bus_master_i(cfg_bus_master_i),
      .cfg_requester_id_i(cfg_requester_id_i), .cfg_msix_enable_i(cfg_msix_enable_i),
      .cfg_msix_mask_i(cfg_msix_mask_i), .time_ns_i(time_ns_i),
      .enable_o(enable), .subscribe_all_o(subscribe_all),
      .order_flow_o(order_flow), .recover_o(recover), .skew_ns_o(skew_ns), .gap_timeout_ns_o(gap_timeout_ns),
      .cmd_base_o(cmd_base), .cmd_size_log2_o(cmd_size_log2), .cmd_prod_o(cmd_prod), .cmd_cons_i(cmd_cons),
      .channels_o(channels), .chan_index_o(chan_index), .chan_next_i(chan_next), .sym_count_o(sym_count),
      .sym_raddr_i(sym_raddr), .sym_rdata_o(sym_rdata), .ring_sym_i(ring_sym), .ring_o(sym_ring), .rings_o(rings),
      .regs_busy_o(regs_busy), .cnt_read_o(cnt_read), .cnt_index_o(cnt_index), .cnt_data_i(cnt_data_q & COUNTER_MASK),
      .addr_valid_i(addr_valid), .addr_ready_o(addr_ready), .addr_i(addr), .line_valid_o(line_valid),
      .line_ready_i(line_ready), .line_o(line),
      .ev_valid_i(put_ev), .ev_ring_i(put_ev_ring), .ev_data_i(ev_data), .ev_kept_i(kept), .ev_kept_data_i(kept_data),
      .ev_full_o(ev_full), .ev_high_o(ev_high), .ev_busy_o(ev_busy), .of_busy_o(of_busy), .ev_waits_i(ev_waits), .of_valid_i(put_of), .of_data_i(of_data),
      .of_marker_i(marker), .of_marker_data_i(marker_data), .of_full_o(of_full), .of_high_o(of_high), .of_low_o(of_low),
      .cnt_bad_request_o(cnt_bad_request), .cnt_read_timeout_o(cnt_read_timeout),
      .cnt_read_unsupported_o(cnt_read_unsupported), .cnt_read_aborted_o(cnt_read_aborted),
      .cnt_read_poisoned_o(cnt_read_poisoned), .cnt_read_refused_o(cnt_read_refused),
      .cnt_interrupts_o(cnt_interrupts), .cnt_events_o(cnt_events), .cnt_order_flow_o(cnt_order_flow),
      .cnt_ev_full_o(cnt_ev_full), .cnt_of_full_o(cnt_of_full), .cnt_link_wait_o(cnt_link_wait),
      .max_events_o(max_events), .max_order_flow_o(max_order_flow), .idle_o(pcie_idle));

  // ---------------------------------------------------------------- counters, idle

  always_ff @(posedge clk_i) begin
    if (cnt_read) begin
      case (cnt_index)
        7'(wt_schema_pkg::CNT_UNKNOWN_TYPE): cnt_data_q <= cnt_unknown_type;
        7'(wt_schema_pkg::CNT_BAD_LENGTH):   cnt_data_q <= cnt_bad_length;
        7'(wt_schema_pkg::CNT_UNKNOWN_REF):  cnt_data_q <= cnt_unknown_ref;
        7'(wt_schema_pkg::CNT_EXCESS):       cnt_data_q <= cnt_excess;
        7'(wt_schema_pkg::CNT_ZERO_ADD):     cnt_data_q <= cnt_zero_add;
        7'(wt_schema_pkg::CNT_SENSELESS):    cnt_data_q <= cnt_senseless;
        7'(wt_schema_pkg::CNT_OVERFLOW):     cnt_data_q <= cnt_overflow;
        7'(wt_schema_pkg::CNT_EVENTS):       cnt_data_q <= cnt_events;
        7'(wt_schema_pkg::CNT_BBO):          cnt_data_q <= cnt_bbo;
        7'(wt_schema_pkg::CNT_ORDER_FLOW):   cnt_data_q <= cnt_order_flow;
        7'(wt_schema_pkg::CNT_EV_FULL):      cnt_data_q <= cnt_ev_full;
        7'(wt_schema_pkg::CNT_OF_FULL):      cnt_data_q <= cnt_of_full;
        7'(wt_schema_pkg::CNT_BAD_REQUEST):  cnt_data_q <= cnt_bad_request;
        7'(wt_schema_pkg::CNT_ORDERS_LIVE):  cnt_data_q <= {32'd0, orders_live};
        7'(wt_schema_pkg::CNT_ORDERS_PEAK):  cnt_data_q <= {32'd0, orders_peak};
        7'(wt_schema_pkg::CNT_RECOVERED):    cnt_data_q <= more_counters[63:0];
        7'(wt_schema_pkg::CNT_LATE_INJECTED): cnt_data_q <= more_counters[127:64];
        7'(wt_schema_pkg::CNT_BAD_COMMAND):  cnt_data_q <= more_counters[191:128];
        7'(wt_schema_pkg::CNT_READ_TIMEOUT): cnt_data_q <= cnt_read_timeout;
        7'(wt_schema_pkg::CNT_READ_REFUSED): cnt_data_q <= cnt_read_refused;
        7'(wt_schema_pkg::CNT_READ_UNSUPPORTED): cnt_data_q <= cnt_read_unsupported;
        7'(wt_schema_pkg::CNT_READ_ABORTED): cnt_data_q <= cnt_read_aborted;
        7'(wt_schema_pkg::CNT_READ_POISONED): cnt_data_q <= cnt_read_poisoned;
        7'(wt_schema_pkg::CNT_INTERRUPTS):   cnt_data_q <= cnt_interrupts;
        7'(wt_schema_pkg::CNT_CONFLATED):    cnt_data_q <= cnt_conflated;
        7'(wt_schema_pkg::CNT_TRADES_LOST):  cnt_data_q <= cnt_trades_lost;
        7'(wt_schema_pkg::CNT_SHED):         cnt_data_q <= cnt_shed;
        7'(wt_schema_pkg::CNT_SHED_SOFTWARE): cnt_data_q <= cnt_shed_software;
        7'(wt_schema_pkg::CNT_PRESSURE):     cnt_data_q <= cnt_pressure;
        7'(wt_schema_pkg::CNT_LINK_WAIT):    cnt_data_q <= cnt_link_wait;
        7'(wt_schema_pkg::CNT_MAX_HOLD_A):   cnt_data_q <= {48'd0, max_hold[15:0]};
        7'(wt_schema_pkg::CNT_MAX_HOLD_B):   cnt_data_q <= {48'd0, max_hold[31:16]};
        7'(wt_schema_pkg::CNT_MAX_OPS):      cnt_data_q <= 64'(max_ops);
        7'(wt_schema_pkg::CNT_MAX_EVENTS):   cnt_data_q <= 64'(max_events);
        7'(wt_schema_pkg::CNT_MAX_ORDER_FLOW): cnt_data_q <= 64'(max_order_flow);
        7'(wt_schema_pkg::CNT_MAX_FOLDED):   cnt_data_q <= 64'(max_folded);
        7'(wt_schema_pkg::CNT_BYTES_A):      cnt_data_q <= bytes_a_q;
        7'(wt_schema_pkg::CNT_MAC_GOOD_A):   cnt_data_q <= {32'd0, mac_a_counters_i[31:0]};
        7'(wt_schema_pkg::CNT_MAC_BAD_FCS_A): cnt_data_q <= {32'd0, mac_a_counters_i[63:32]};
        7'(wt_schema_pkg::CNT_MAC_BAD_CODE_A): cnt_data_q <= {32'd0, mac_a_counters_i[95:64]};
        7'(wt_schema_pkg::CNT_MAC_BAD_SIZE_A): cnt_data_q <= {32'd0, mac_a_counters_i[127:96]};
        7'(wt_schema_pkg::CNT_MAC_CONTROL_A): cnt_data_q <= {32'd0, mac_a_counters_i[159:128]};
        7'(wt_schema_pkg::CNT_MAC_LOST_A):   cnt_data_q <= {32'd0, mac_a_counters_i[191:160]};
        7'(wt_schema_pkg::CNT_BYTES_B):      cnt_data_q <= bytes_b_q;
        7'(wt_schema_pkg::CNT_MAC_GOOD_B):   cnt_data_q <= {32'd0, mac_b_counters_i[31:0]};
        7'(wt_schema_pkg::CNT_MAC_BAD_FCS_B): cnt_data_q <= {32'd0, mac_b_counters_i[63:32]};
        7'(wt_schema_pkg::CNT_MAC_BAD_CODE_B): cnt_data_q <= {32'd0, mac_b_counters_i[95:64]};
        7'(wt_schema_pkg::CNT_MAC_BAD_SIZE_B): cnt_data_q <= {32'd0, mac_b_counters_i[127:96]};
        7'(wt_schema_pkg::CNT_MAC_CONTROL_B): cnt_data_q <= {32'd0, mac_b_counters_i[159:128]};
        7'(wt_schema_pkg::CNT_MAC_LOST_B):   cnt_data_q <= {32'd0, mac_b_counters_i[191:160]};
        // CNT_FRAMES_A to CNT_HEARTBEATS come from the feed in this order. (Parts that are constant cost simulation
        // nothing until one is read.)
        7'd0: cnt_data_q <= feed_counters[0+:64];
        7'd1: cnt_data_q <= feed_counters[64+:64];
        7'd2: cnt_data_q <= feed_counters[128+:64];
        7'd3: cnt_data_q <= feed_counters[192+:64];
        7'd4: cnt_data_q <= feed_counters[256+:64];
        7'd5: cnt_data_q <= feed_counters[320+:64];
        7'd6: cnt_data_q <= feed_counters[384+:64];
        7'd7: cnt_data_q <= feed_counters[448+:64];
        7'd8: cnt_data_q <= feed_counters[512+:64];
        7'd9: cnt_data_q <= feed_counters[576+:64];
        7'd10: cnt_data_q <= feed_counters[640+:64];
        7'd11: cnt_data_q <= feed_counters[704+:64];
        7'd12: cnt_data_q <= feed_counters[768+:64];
        7'd13: cnt_data_q <= feed_counters[832+:64];
        7'd14: cnt_data_q <= feed_counters[896+:64];
        7'd15: cnt_data_q <= feed_counters[960+:64];
        7'd16: cnt_data_q <= feed_counters[1024+:64];
        7'd17: cnt_data_q <= feed_counters[1088+:64];
        default: cnt_data_q <= feed_counters[1152+:64];
      endcase
    end
  end

  // Bytes of the frames: whole words are counted in words.
  logic [63:0] bytes_a_q, bytes_b_q;
  always_ff @(posedge clk_i) begin
    if (rx_taken[0])
      bytes_a_q <= bytes_a_q + (rx_a_keep_i[7] ? 64'd8 : {60'd0, 4'($countones(rx_a_keep_i))});
    if (rx_taken[1])
      bytes_b_q <= bytes_b_q + (rx_b_keep_i[7] ? 64'd8 : {60'd0, 4'($countones(rx_b_keep_i))});
    if (data_rst) begin
      bytes_a_q <= 64'd0;
      bytes_b_q <= 64'd0;
    end
  end

  assign idle_o = book_ready && pcie_idle && feed_idle && !op_valid && book_idle
      && records_idle && backlog_idle;

endmodule
