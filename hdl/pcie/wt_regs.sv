// BAR0: takes request TLPs, keeps the host's registers and the symbol window, answers reads.
//
// One request at a time. Memory reads and writes of one or two dwords are carried out; a 64-bit
// counter is read at once by a two-dword read. Any other non-posted request, and any that is
// malformed or passes the end of BAR0, is answered with Unsupported Request and counted; any
// other posted one is dropped and counted. Well-formed messages are dropped without counting.
// A TLP of any shape is taken to its last beat, so nothing the host sends can hang the card.
//
// The address of a request is its offset in BAR0: the shim of the hard block takes the base off.
// Offsets inside BAR0 that hold nothing read as 0 and ignore writes.
//
// Latency: 4 cycles from a read's last beat to cpl_valid_o (6 for two dwords across 8 bytes).
// After rst_i the symbol window is cleared first, 1,024 cycles in which tlp_rx_ready_o is 0.
module wt_regs #(
    parameter int unsigned TLP_W = 256,
    parameter int unsigned SYMBOLS = 64,
    parameter int unsigned ORDER_SLOTS = 65536,
    parameter int unsigned LEVEL_SLOTS = 65536,
    parameter int unsigned CLOCK_PS = 6400,
    parameter int unsigned LINES = 2,     // ports with a line of the feed
    parameter int unsigned EV_RINGS = 8,  // event rings: the registers of others stay 0
    parameter int unsigned VECTORS = 9,   // interrupt vectors
    parameter logic [31:0] GIT_HASH = 32'd0
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // Reset of the data path: clears the counter of bad requests, and nothing else here.
    input  logic                flush_i,
    // Completer id of the completions.
    input  logic [15:0]         cfg_requester_id_i,
    // Requests (wt_core describes the stream).
    input  logic                tlp_rx_valid_i,
    output logic                tlp_rx_ready_o,
    input  logic [TLP_W-1:0]    tlp_rx_data_i,
    input  logic [TLP_W/32-1:0] tlp_rx_keep_i,
    input  logic                tlp_rx_last_i,
    // Completions: 3 to 5 dwords, the first in bits [31:0].
    output logic                cpl_valid_o,
    input  logic                cpl_ready_i,
    output logic [159:0]        cpl_data_o,
    output logic [2:0]          cpl_dwords_o,
    // Counters: index in one cycle, value of that cycle in the next.
    output logic                cnt_read_o,
    output logic [6:0]          cnt_index_o,
    input  logic [63:0]         cnt_data_i,
    output logic [63:0]         cnt_bad_request_o,
    // Registers of the host.
    output logic [31:0]         reset_seq_o,
    input  logic [31:0]         reset_ack_i,
    output logic                enable_o,
    output logic                subscribe_all_o,
    output logic                order_flow_o,
    output logic                recover_o,
    output logic [31:0]         skew_ns_o,
    output logic [31:0]         gap_timeout_ns_o,
    // Command ring.
    output logic [63:0]         cmd_base_o,
    output logic [31:0]         cmd_size_log2_o,
    output logic [31:0]         cmd_prod_o,
    input  logic [31:0]         cmd_cons_i,
    // Channel window: the first 32 bytes of each entry, entry 0 lowest.
    output logic [2047:0]       channels_o,
    // Next sequence number of a channel: channel in one cycle, value in the next.
    output logic [2:0]          chan_index_o,
    input  logic [63:0]         chan_next_i,
    output logic [31:0]         sym_count_o,
    // Event rings, ring 0 lowest.
    output logic [511:0]        ev_base_o,
    output logic [255:0]        ev_size_log2_o,
    output logic [255:0]        ev_cons_o,
    input  logic [255:0]        ev_prod_i,
    output logic [63:0]         of_base_o,
    output logic [31:0]         of_size_log2_o,
    output logic [31:0]         of_cons_o,
    input  logic [31:0]         of_prod_i,
    // One of the rings' registers has changed in this cycle.
    output logic                ring_changed_o,
    // Windows of the interrupts (wt_msix): 8 bytes, data of the address one cycle later; or a dword written.
    output logic                win_read_o,
    output logic                win_write_o,
    output logic [13:2]         win_addr_o,
    output logic [31:0]         win_wdata_o,
    output logic [31:0]         win_mask_o,
    input  logic [63:0]         win_rdata_i,
    // Names of the symbol window; data one cycle after the address.
    input  logic [9:0]          sym_raddr_i,
    output logic [63:0]         sym_rdata_o,
    // The event ring of a symbol, in the same cycle.
    input  logic [9:0]          ring_sym_i,
    output logic [2:0]          ring_o,
    // Nothing is under way.
    output logic                idle_o
);

  localparam int unsigned DW = TLP_W / 32;

  initial begin
    if (TLP_W != 64 && TLP_W != 128 && TLP_W != 256 && TLP_W != 512) begin
      $display("%m: TLP_W must be 64, 128, 256 or 512");
      $finish;
    end
  end

  // ---------------------------------------------------------------- take one TLP

  localparam logic [2:0] S_RECV = 3'd0;
  localparam logic [2:0] S_CHECK = 3'd1;
  localparam logic [2:0] S_FETCH = 3'd2;
  localparam logic [2:0] S_TAKE = 3'd3;
  localparam logic [2:0] S_RESP = 3'd4;
  localparam logic [2:0] S_WRITE = 3'd5;
  localparam logic [2:0] S_MERGE = 3'd6;
  logic [2:0] state_q;

  // The beats with the first six dwords: the longest header and two dwords of data.
  localparam int unsigned HEAD_BEATS = (6 + DW - 1) / DW;
  // verilator lint_off UNUSEDSIGNAL
  logic [HEAD_BEATS*TLP_W-1:0] head_q;  // some of its bits mean nothing here
  // verilator lint_on UNUSEDSIGNAL
  // Dwords so far; stops counting beyond what any length field can say.
  logic [11:0] dwords_q;
  logic bad_keep_q;

  logic [10:0] sweep_q;  // clears the symbol window, then rests at 1024
  assign tlp_rx_ready_o = state_q == S_RECV && sweep_q[10];
  wire take = tlp_rx_valid_i && tlp_rx_ready_o;

  logic keep_hole, keep_bad;
  logic [4:0] beat_dwords;
  integer k, b;
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (take) begin
      // Keep must be ones from dword 0 up, all of them but in the last beat.
      keep_hole = (tlp_rx_keep_i & (tlp_rx_keep_i + 1'b1)) != '0;
      keep_bad = !tlp_rx_keep_i[0] || keep_hole || (!tlp_rx_last_i && !tlp_rx_keep_i[DW-1]);
      beat_dwords = 5'd0;
      for (k = 0; k < DW; k = k + 1) if (tlp_rx_keep_i[k]) beat_dwords = k[4:0] + 5'd1;
      for (b = 0; b < HEAD_BEATS; b = b + 1)
        if (dwords_q == 12'(b * DW)) head_q[b*TLP_W+:TLP_W] <= tlp_rx_data_i;
      if (!dwords_q[11]) dwords_q <= dwords_q + {7'd0, beat_dwords};
      if (keep_bad) bad_keep_q <= 1'b1;
    end
    if (rst_i || state_q == S_CHECK) begin
      dwords_q <= 12'd0;
      bad_keep_q <= 1'b0;
    end
  end
  /* verilator lint_on BLKSEQ */

  // ---------------------------------------------------------------- what it is (in S_CHECK)

  // Made in the process below.
  // verilator lint_off UNUSEDSIGNAL
  logic [31:0] dw0;
  // verilator lint_on UNUSEDSIGNAL
  logic [4:0]  tlp_type;
  logic        prefix, has_data, four, shape_ok, mem, lock, message, non_posted, be_ok, above, in_bar, good, answer_ur;
  logic [10:0] length;
  logic [3:0]  first_be, last_be;
  logic [14:2] addr;
  logic [11:0] expected, byte_count;
  logic [3:1]  end_be;
  logic [1:0]  lead, trail;

  // ---------------------------------------------------------------- carry it out

  logic [14:2] addr_q;     // dword that is read or written now
  logic second_q;          // it is the second one
  logic two_q;             // two dwords are asked for
  logic [7:0] be_q;
  logic [63:0] wdata_q;
  logic [63:0] rdata_q;
  logic [95:0] cpl_q;
  logic [2:0] cpl_dwords_q;
  logic [63:0] bad_request_q;
  logic split_q;           // the read needs a second fetch: it starts in the upper half of 8 bytes

  assign cpl_valid_o = state_q == S_RESP;
  assign cpl_dwords_o = cpl_dwords_q;
  assign cpl_data_o = {rdata_q, cpl_q};
  assign cnt_bad_request_o = bad_request_q;
  assign idle_o = state_q == S_RECV && dwords_q == 12'd0 && sweep_q[10];

  // What addr_q names, and what is written there: made while there is a request only.
  wire in_window = addr_q[14];
  wire is_name = in_window && !addr_q[3];
  wire [13:0] reg_addr = {addr_q[13:3], 3'b000};
  logic in_counters, in_channels, in_rings, in_ring, in_irqs;
  logic [31:0] wr_dw, wr_mask;
  logic [3:0] wr_be;
  always_comb begin
    in_counters = 1'b0;
    in_channels = 1'b0;
    in_rings = 1'b0;
    in_ring = 1'b0;
    in_irqs = 1'b0;
    wr_dw = 32'd0;
    wr_be = 4'd0;
    wr_mask = 32'd0;
    if (state_q != S_RECV) begin
      in_counters = !in_window && reg_addr >= 14'(wt_schema_pkg::CNT_BASE)
          && reg_addr < 14'(wt_schema_pkg::CNT_BASE + 8 * wt_schema_pkg::CNT_COUNT);
      in_channels = !in_window && addr_q[13:9] == 5'(wt_schema_pkg::WIN_CHANNELS >> 9);
      in_rings = !in_window && addr_q[13:8] == 6'(wt_schema_pkg::WIN_RINGS >> 8) && addr_q[7:5] != 3'd7;
      in_ring = in_rings || (!in_window && addr_q[13:5] == 9'(wt_schema_pkg::REG_EV_BASE_LO >> 5));
      // From 0x1800 to the symbol window.
      in_irqs = !in_window && (addr_q[13] || addr_q[12:11] == 2'b11);
      wr_dw = second_q ? wdata_q[63:32] : wdata_q[31:0];
      wr_be = second_q ? be_q[7:4] : be_q[3:0];
      wr_mask = {{8{wr_be[3]}}, {8{wr_be[2]}}, {8{wr_be[1]}}, {8{wr_be[0]}}};
    end
  end
  assign cnt_read_o = in_counters && state_q == S_FETCH;
  assign cnt_index_o = addr_q[9:3] - 7'h20;  // CNT_BASE is 0x100
  assign chan_index_o = addr_q[8:6];
  assign win_read_o = in_irqs && state_q == S_FETCH;
  assign win_write_o = in_irqs && state_q == S_WRITE;
  assign win_addr_o = addr_q[13:2];
  assign win_wdata_o = wr_dw;
  assign win_mask_o = wr_mask;

  // Registers, 8 bytes at a time, read in S_FETCH.
  logic [31:0] reset_seq_q, control_q, sym_count_q, skew_ns_q, gap_timeout_ns_q;
  logic [31:0] cmd_base_lo_q, cmd_base_hi_q, cmd_size_log2_q, cmd_prod_q;
  logic [511:0] ev_base_q;  // 8 rings, ring 0 lowest
  logic [255:0] ev_size_log2_q, ev_cons_q;
  logic [31:0] of_base_lo_q, of_base_hi_q, of_size_log2_q, of_cons_q;
  logic [2047:0] channels_q;  // 8 entries of 8 dwords; those that are read, even and odd:
  logic [31:0] chan_low [0:31];
  logic [31:0] chan_high [0:31];
  logic [63:0] regs_q, chan_q;
  // The ring whose registers are read or written: ring 0 has its own place, without an entry in the window.
  wire [2:0] ring_at = in_rings ? addr_q[7:5] + 3'd1 : 3'd0;

  function automatic [31:0] pick(input [13:0] at);
    case (at)
      14'(wt_schema_pkg::REG_MAGIC):          pick = wt_schema_pkg::MAGIC;
      14'(wt_schema_pkg::REG_SCHEMA_VERSION): pick = wt_schema_pkg::SCHEMA_VERSION;
      14'(wt_schema_pkg::REG_GIT_HASH):       pick = GIT_HASH;
      14'(wt_schema_pkg::REG_CAP_SYMBOLS):    pick = SYMBOLS;
      14'(wt_schema_pkg::REG_CAP_ORDER_SLOTS): pick = ORDER_SLOTS;
      14'(wt_schema_pkg::REG_CAP_LEVEL_SLOTS): pick = LEVEL_SLOTS;
      14'(wt_schema_pkg::REG_CAP_TLP_WIDTH):  pick = TLP_W;
      14'(wt_schema_pkg::REG_CAP_CLOCK_PS):   pick = CLOCK_PS;
      14'(wt_schema_pkg::REG_CAP_LINES):      pick = LINES;
      14'(wt_schema_pkg::REG_CAP_VECTORS):    pick = VECTORS;
      14'(wt_schema_pkg::REG_RESET_SEQ):      pick = reset_seq_q;
      14'(wt_schema_pkg::REG_RESET_ACK):      pick = reset_ack_i;
      14'(wt_schema_pkg::REG_CONTROL):        pick = control_q;
      14'(wt_schema_pkg::REG_SYM_COUNT):      pick = sym_count_q;
      14'(wt_schema_pkg::REG_SKEW_NS):        pick = skew_ns_q;
      14'(wt_schema_pkg::REG_GAP_TIMEOUT_NS): pick = gap_timeout_ns_q;
      14'(wt_schema_pkg::REG_OF_BASE_LO):     pick = of_base_lo_q;
      14'(wt_schema_pkg::REG_OF_BASE_HI):     pick = of_base_hi_q;
      14'(wt_schema_pkg::REG_OF_SIZE_LOG2):   pick = of_size_log2_q;
      14'(wt_schema_pkg::REG_OF_CONS):        pick = of_cons_q;
      14'(wt_schema_pkg::REG_OF_PROD):        pick = of_prod_i;
      14'(wt_schema_pkg::REG_CMD_BASE_LO):    pick = cmd_base_lo_q;
      14'(wt_schema_pkg::REG_CMD_BASE_HI):    pick = cmd_base_hi_q;
      14'(wt_schema_pkg::REG_CMD_SIZE_LOG2):  pick = cmd_size_log2_q;
      14'(wt_schema_pkg::REG_CMD_PROD):       pick = cmd_prod_q;
      14'(wt_schema_pkg::REG_CMD_CONS):       pick = cmd_cons_i;
      default:                                pick = 32'd0;
    endcase
  endfunction

  wire [63:0] window_rdata;
  logic [63:0] fetched;  // made in S_TAKE
  logic ring_changed_q;
  assign ring_changed_o = ring_changed_q;
  wire write_reg = state_q == S_WRITE && !in_window;
  wire [5:0] chan_dword = {addr_q[8:6], addr_q[4:2]};
  integer e, w;

  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (!sweep_q[10]) sweep_q <= sweep_q + 11'd1;
    case (state_q)
      S_RECV: if (take && tlp_rx_last_i) state_q <= S_CHECK;

      S_CHECK: begin
        dw0 = head_q[31:0];
        tlp_type = dw0[28:24];
        prefix = dw0[31];
        has_data = dw0[30];
        four = dw0[29];
        length = {dw0[9:0] == 10'd0, dw0[9:0]};
        first_be = head_q[35:32];
        last_be = head_q[39:36];
        addr = four ? head_q[110:98] : head_q[78:66];
        // A header of 3 or 4 dwords, the data, and a digest when TD says so.
        expected = (four ? 12'd4 : 12'd3) + (has_data ? {1'b0, length} : 12'd0) + {11'd0, dw0[15]};
        shape_ok = !bad_keep_q && dwords_q == expected;
        mem = tlp_type == 5'd0 && !prefix;
        lock = tlp_type == 5'd1;
        message = tlp_type[4:3] == 2'b10 && !prefix;
        non_posted = !prefix && ((mem && !has_data) || (lock && !has_data)  // memory reads
            || (!four && (tlp_type == 5'd2 || tlp_type == 5'd4 || tlp_type == 5'd5))  // I/O, configuration
            || (has_data && (tlp_type == 5'd12 || tlp_type == 5'd13 || tlp_type == 5'd14))  // atomics
            || tlp_type == 5'd27);  // deferrable write, translated configuration
        be_ok = length == 11'd1 ? last_be == 4'd0 : first_be != 4'd0 && last_be != 4'd0;
        above = four ? {head_q[95:64], head_q[127:111]} != '0 : head_q[95:79] != '0;
        in_bar = !above && (length == 11'd1 || (length == 11'd2 && addr != 13'h1fff))
            && dw0[11:10] == 2'd0;
        good = shape_ok && mem && be_ok && in_bar && !(has_data && dw0[14]);
        // Even a request with a bad shape gets its answer, when there is enough of it to know whom.
        answer_ur = !good && non_posted && dwords_q >= 12'd3;
        // First enabled byte of the first dword, and bytes behind the last enabled one of the last.
        end_be = length == 11'd1 ? first_be[3:1] : last_be[3:1];
        lead = first_be[0] ? 2'd0 : first_be[1] ? 2'd1 : first_be[2] ? 2'd2 : first_be[3] ? 2'd3 : 2'd0;
        trail = end_be[3] ? 2'd0 : end_be[2] ? 2'd1 : end_be[1] ? 2'd2 : 2'd3;
        // Modulo 4096, as the field has it. A read of no byte counts as one.
        byte_count = {length[9:0], 2'b00} - {10'd0, lead} - {10'd0, trail};
        addr_q <= addr;
        second_q <= 1'b0;
        two_q <= length == 11'd2;
        split_q <= length == 11'd2 && addr[2];
        be_q <= {last_be, first_be};
        wdata_q <= four ? head_q[191:128] : head_q[159:96];
        // Requester id and tag; completer id, status and byte count; Fmt and Type, traffic class,
        // attributes, the upper tag bits.
        cpl_q[95:80] <= head_q[63:48];
        cpl_q[79:72] <= head_q[47:40];
        cpl_q[71] <= 1'b0;
        cpl_q[70:64] <= mem ? {addr[6:2], lead} : 7'd0;
        cpl_q[63:48] <= cfg_requester_id_i;
        cpl_q[47:45] <= good ? 3'd0 : 3'd1;
        cpl_q[44] <= 1'b0;
        cpl_q[43:32] <= !mem ? 12'd4 : first_be == 4'd0 && length == 11'd1 ? 12'd1 : byte_count;
        cpl_q[31:0] <= {1'b0, good, 1'b0, lock ? 5'b01011 : 5'b01010, dw0[23:18], 4'd0, dw0[13:12], 2'd0,
                        good ? dw0[9:0] : 10'd0};
        cpl_dwords_q <= !good ? 3'd3 : length == 11'd2 ? 3'd5 : 3'd4;
        if (good) state_q <= has_data ? S_WRITE : S_FETCH;
        else state_q <= answer_ur ? S_RESP : S_RECV;
        if (!good && !(message && shape_ok)) bad_request_q <= bad_request_q + 64'd1;
      end

      S_FETCH: begin
        regs_q <= {pick({addr_q[13:3], 3'b100}), pick({addr_q[13:3], 3'b000})};
        if (!in_ring) chan_q <= {chan_high[chan_dword[5:1]], chan_low[chan_dword[5:1]]};
        else
          case (addr_q[4:3])
            2'd0: chan_q <= ev_base_q[{ring_at, 6'd0}+:64];
            2'd1: chan_q <= {ev_cons_q[{ring_at, 5'd0}+:32], ev_size_log2_q[{ring_at, 5'd0}+:32]};
            2'd2: chan_q <= {32'd0, ev_prod_i[{ring_at, 5'd0}+:32]};
            default: chan_q <= 64'd0;
          endcase
        state_q <= S_TAKE;
      end

      S_TAKE: begin
        fetched = in_counters ? cnt_data_i : in_irqs ? win_rdata_i : is_name ? window_rdata : in_window ? 64'd0
            : in_ring ? chan_q : !in_channels ? regs_q : !addr_q[5] ? chan_q : addr_q[4:3] == 2'd0 ? chan_next_i : 64'd0;
        if (second_q) rdata_q[63:32] <= fetched[31:0];
        else if (addr_q[2]) rdata_q <= {32'd0, fetched[63:32]};
        else rdata_q <= fetched;
        addr_q <= addr_q + 13'd1;
        second_q <= 1'b1;
        split_q <= 1'b0;
        state_q <= split_q ? S_FETCH : S_RESP;
      end

      S_RESP: if (cpl_ready_i) state_q <= S_RECV;

      S_WRITE, S_MERGE: begin
        if (state_q == S_WRITE && is_name) begin
          state_q <= S_MERGE;
        end else begin
          addr_q <= addr_q + 13'd1;
          second_q <= 1'b1;
          state_q <= two_q && !second_q ? S_WRITE : S_RECV;
        end
      end

      default: state_q <= S_RECV;
    endcase

    // The rings' registers are those from EV_BASE_LO up to the counters.
    ring_changed_q <= write_reg && addr_q[13:2] >= 12'(wt_schema_pkg::REG_EV_BASE_LO / 4);
    for (w = 0; w < 4; w = w + 1) if (write_reg && wr_be[w]) begin
      case ({addr_q[13:2], 2'b00})
        14'(wt_schema_pkg::REG_RESET_SEQ):    reset_seq_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_CONTROL):      control_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_CMD_BASE_LO):  cmd_base_lo_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_CMD_BASE_HI):  cmd_base_hi_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_CMD_SIZE_LOG2): cmd_size_log2_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_CMD_PROD):     cmd_prod_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_SKEW_NS):      skew_ns_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_GAP_TIMEOUT_NS): gap_timeout_ns_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_SYM_COUNT):    sym_count_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_OF_BASE_LO):   of_base_lo_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_OF_BASE_HI):   of_base_hi_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_OF_SIZE_LOG2): of_size_log2_q[8*w+:8] <= wr_dw[8*w+:8];
        14'(wt_schema_pkg::REG_OF_CONS):      of_cons_q[8*w+:8] <= wr_dw[8*w+:8];
        default: ;
      endcase
      // (Written with constant places: with a variable one simulation copies the whole of it every cycle.)
      if (in_channels && !addr_q[5])
        for (e = 0; e < 64; e = e + 1)
          if (chan_dword == e[5:0]) channels_q[32*e+8*w+:8] <= wr_dw[8*w+:8];
    end
    if (!sweep_q[10]) begin
      chan_low[sweep_q[4:0]] <= 32'd0;
      chan_high[sweep_q[4:0]] <= 32'd0;
    end else
      for (w = 0; w < 4; w = w + 1)
        if (write_reg && wr_be[w] && in_channels && !addr_q[5]) begin
          if (!addr_q[2]) chan_low[chan_dword[5:1]][8*w+:8] <= wr_dw[8*w+:8];
          else chan_high[chan_dword[5:1]][8*w+:8] <= wr_dw[8*w+:8];
        end

    for (w = 0; w < 4; w = w + 1)
      if (state_q == S_WRITE && in_ring && !addr_q[4] && wr_be[w])
        for (e = 0; e < 8; e = e + 1) if (ring_at == e[2:0] && e < EV_RINGS)
          case (addr_q[3:2])
            2'd0: ev_base_q[64*e+8*w+:8] <= wr_dw[8*w+:8];
            2'd1: ev_base_q[64*e+32+8*w+:8] <= wr_dw[8*w+:8];
            2'd2: ev_size_log2_q[32*e+8*w+:8] <= wr_dw[8*w+:8];
            default: ev_cons_q[32*e+8*w+:8] <= wr_dw[8*w+:8];
          endcase

    if (flush_i) bad_request_q <= 64'd0;
    if (rst_i) begin
      state_q <= S_RECV;
      sweep_q <= 11'd0;
      bad_request_q <= 64'd0;
      ring_changed_q <= 1'b1;
      reset_seq_q <= 32'd0;
      control_q <= 32'd0;
      channels_q <= '0;
      skew_ns_q <= 32'd0;
      cmd_base_lo_q <= 32'd0;
      cmd_base_hi_q <= 32'd0;
      cmd_size_log2_q <= 32'd0;
      cmd_prod_q <= 32'd0;
      gap_timeout_ns_q <= 32'd0;
      sym_count_q <= 32'd0;
      ev_base_q <= '0;
      ev_size_log2_q <= '0;
      ev_cons_q <= '0;
      of_base_lo_q <= 32'd0;
      of_base_hi_q <= 32'd0;
      of_size_log2_q <= 32'd0;
      of_cons_q <= 32'd0;
    end
  end
  /* verilator lint_on BLKSEQ */

  assign reset_seq_o = reset_seq_q;
  assign enable_o = control_q[wt_schema_pkg::CONTROL_ENABLE];
  assign subscribe_all_o = control_q[wt_schema_pkg::CONTROL_SUBSCRIBE_ALL];
  assign order_flow_o = control_q[wt_schema_pkg::CONTROL_ORDER_FLOW];
  assign recover_o = control_q[wt_schema_pkg::CONTROL_RECOVER];
  assign skew_ns_o = skew_ns_q;
  assign gap_timeout_ns_o = gap_timeout_ns_q;
  assign channels_o = channels_q;
  assign cmd_base_o = {cmd_base_hi_q, cmd_base_lo_q};
  assign cmd_size_log2_o = cmd_size_log2_q;
  assign cmd_prod_o = cmd_prod_q;
  assign sym_count_o = sym_count_q;
  assign ev_base_o = ev_base_q;
  assign ev_size_log2_o = ev_size_log2_q;
  assign ev_cons_o = ev_cons_q;
  assign of_base_o = {of_base_hi_q, of_base_lo_q};
  assign of_size_log2_o = of_size_log2_q;
  assign of_cons_o = of_cons_q;

  // ---------------------------------------------------------------- symbol window

  // The rings of the symbols. Byte enables count as a whole: the number is in the first byte.
  logic [2:0] ring_map [0:1023];
  assign ring_o = ring_map[ring_sym_i];
  always_ff @(posedge clk_i) begin
    if (!sweep_q[10]) ring_map[sweep_q[9:0]] <= 3'd0;
    else if (state_q == S_WRITE && in_window && addr_q[3:2] == 2'b10 && wr_be[0]) ring_map[addr_q[13:4]] <= wr_dw[2:0];
  end

  // Names only: one port for the host, which reads and merges bytes into what it read, one for the book.
  wire window_wr = state_q == S_MERGE || !sweep_q[10];
  wire [9:0] window_addr = sweep_q[10] ? addr_q[13:4] : sweep_q[9:0];
  logic [63:0] window_wdata;
  always_comb begin
    window_wdata = 64'd0;
    if (state_q == S_MERGE && sweep_q[10])
      window_wdata = addr_q[2]
          ? {(window_rdata[63:32] & ~wr_mask) | (wr_dw & wr_mask), window_rdata[31:0]}
          : {window_rdata[63:32], (window_rdata[31:0] & ~wr_mask) | (wr_dw & wr_mask)};
  end

  wt_ram_1rw1r #(.WIDTH(64), .ADDR_W(10)) names (
      .clk_i(clk_i), .wr_en_i(window_wr), .rd_en_i((state_q == S_FETCH || state_q == S_WRITE) && is_name),
      .addr_i(window_addr), .wr_data_i(window_wdata), .rd_data_o(window_rdata),
      .b_addr_i(sym_raddr_i), .b_data_o(sym_rdata_o));

endmodule
