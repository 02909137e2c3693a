// Reads 64-byte lines of host memory, each with one memory read request.
//
// Requests are answered in their order, whatever order completions come in. A line of 64 bytes at a
// 64-byte boundary is one completion (it crosses no read completion boundary) and crosses no 4 KB.
// A read that is not answered well within TIMEOUT cycles is sent again and counted, with another tag, so that an answer
// that comes late after all is not taken for another's: a slot has several tags in turn, and leaves out those that got no
// good answer (before a flush, too), until all have got none. Every host allows tags of five bits; with 8 slots one that
// got no answer comes back after four timeouts of its slot.
//
// Latency: a request leaves one cycle after it is taken; a line is there three cycles after its
// completion's last beat. 2**SLOTS_LOG2 reads under way. With one alone the line stays where its completion was
// gathered; meanwhile other completions, which nobody waits for, are refused unseen. And it uses all its tags in turn,
// since what it is for, a link by datagrams, may bring an answer twice.
module wt_dma_read #(
    parameter int unsigned TLP_W = 256,
    parameter int unsigned SLOTS_LOG2 = 3,    // 1 to 4; with 64-bit TLPs 0, too
    parameter int unsigned TAG_BITS = 5,      // 5, or 8 where the host has enabled extended tags; more than SLOTS_LOG2
    parameter int unsigned TIMEOUT = 2000000  // cycles: four are more than the 50 ms after which the host gives up
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // Forget what is under way (its answers are dropped when they come).
    input  logic                flush_i,
    input  logic [15:0]         cfg_requester_id_i,
    // Lines to read: bus address, 64-byte aligned.
    input  logic                addr_valid_i,
    output logic                addr_ready_o,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [63:0]         addr_i,
    // verilator lint_on UNUSEDSIGNAL
    // Lines, in the order of their requests; the lowest address in bits [7:0].
    output logic                line_valid_o,
    input  logic                line_ready_i,
    output logic [511:0]        line_o,
    // Read requests: 3 or 4 dwords, the first in bits [31:0].
    output logic                mrd_valid_o,
    input  logic                mrd_ready_i,
    output logic [127:0]        mrd_data_o,
    output logic [2:0]          mrd_dwords_o,
    // Completions (wt_core describes the stream): always taken.
    input  logic                cpl_valid_i,
    input  logic [TLP_W-1:0]    cpl_data_i,
    input  logic [TLP_W/32-1:0] cpl_keep_i,
    input  logic                cpl_last_i,
    // Reads sent again; answers that say unsupported request, completer abort, or are poisoned; other completions that
    // are of no use: malformed, or nobody waits for them.
    output logic [63:0]         cnt_timeout_o,
    output logic [63:0]         cnt_unsupported_o,
    output logic [63:0]         cnt_aborted_o,
    output logic [63:0]         cnt_poisoned_o,
    output logic [63:0]         cnt_refused_o,
    // Nothing is under way, and no completion half taken.
    output logic                idle_o
);

  localparam int unsigned DW = TLP_W / 32;
  localparam int unsigned BEATS = (19 + DW - 1) / DW;  // of a completion with a line
  localparam int unsigned SLOTS = 2**SLOTS_LOG2;
  localparam int unsigned SLOT_W = SLOTS_LOG2 == 0 ? 1 : SLOTS_LOG2;
  localparam int unsigned TRY_W = TAG_BITS - SLOTS_LOG2;
  localparam int unsigned TRIES = 2**TRY_W;

  initial begin
    if (SLOTS_LOG2 > 4 || (SLOTS_LOG2 == 0 && TLP_W != 64)) begin
      $display("%m: SLOTS_LOG2 must be 1 to 4, or 0 with TLP_W 64");
      $finish;
    end
  end

  logic [SLOTS_LOG2:0]   wr_q, rd_q;
  logic [SLOTS-1:0]      done_q;
  logic [63:6]           addrs [0:SLOTS-1];
  logic [SLOTS*TRY_W-1:0] tries_q;           // upper bits of each slot's tag
  logic [SLOTS-1:0]      open_q;             // this tag had no good answer yet, whether one is waited for or not
  logic [SLOTS*TRIES-1:0] lost_q;            // tags that are left out
  logic [31:0]           age_q;              // of the oldest read
  // Counted in the process below, which alone reads these; others read a copy.
  logic [63:0]           timeout, unsupported, aborted, poisoned, refused;
  logic [63:0]           timeout_q, unsupported_q, aborted_q, poisoned_q, refused_q;

  wire [SLOTS_LOG2:0]   used = wr_q - rd_q;
  wire [SLOT_W-1:0]     wr = SLOTS_LOG2 == 0 ? '0 : wr_q[SLOT_W-1:0];
  wire [SLOT_W-1:0]     rd = SLOTS_LOG2 == 0 ? '0 : rd_q[SLOT_W-1:0];
  wire some = used != '0;

  // ---- Requests.
  logic         mrd_valid_q, mrd_four_q;
  logic [127:0] mrd_q;
  wire late = some && !done_q[rd] && age_q >= TIMEOUT;
  wire send_room = !mrd_valid_q || mrd_ready_i;
  wire again = late && send_room;
  wire take = addr_valid_i && addr_ready_o;
  wire [SLOT_W-1:0] ask = again ? rd : wr;
  logic [63:6] addr;
  logic [7:0]  tag;
  logic [TRY_W-1:0] last_try, try_number, other;
  logic [TRIES-1:0] lost;
  logic        four;
  assign addr_ready_o = !used[SLOTS_LOG2] && send_room && !late && !flush_i;
  assign mrd_valid_o = mrd_valid_q;
  assign mrd_data_o = mrd_q;
  assign mrd_dwords_o = mrd_four_q ? 3'd4 : 3'd3;

  // ---- Completions: gathered, then looked at.
  // verilator lint_off UNUSEDSIGNAL
  logic [BEATS*TLP_W-1:0] tlp_q;  // what the header says of attributes does not matter
  // verilator lint_on UNUSEDSIGNAL
  logic [5:0]  dwords_q;          // stops counting where no answer of ours can be
  logic        look_q;
  integer k, b;
  logic [5:0]  beat_dwords;

  wire [SLOT_W-1:0] slot = SLOTS_LOG2 == 0 ? '0 : tlp_q[72+:SLOT_W];
  wire [SLOT_W-1:0] place = slot - rd;
  wire kept = SLOTS_LOG2 == 0 && line_valid_o;  // the line is in tlp_q
  wire [2:0] status = tlp_q[47:45];
  logic waiting, whole, right;
  always_comb begin
    waiting = 1'b0;
    whole = 1'b0;
    right = 1'b0;
    if (look_q) begin
      waiting = (SLOTS_LOG2 + 1)'(place) < used && !done_q[slot] && tlp_q[95:80] == cfg_requester_id_i
          && tlp_q[79:72] == ((8'(tries_q[slot*TRY_W+:TRY_W]) << SLOTS_LOG2) | 8'(slot));
      // With data, 16 dwords, 64 bytes.
      whole = dwords_q == 6'd19 && tlp_q[31:24] == 8'h4a && tlp_q[9:0] == 10'd16 && tlp_q[43:32] == 12'd64;
      right = waiting && whole && status == 3'd0 && !tlp_q[14];
    end
  end

  assign line_valid_o = some && done_q[rd];
  assign cnt_timeout_o = timeout_q;
  assign cnt_unsupported_o = unsupported_q;
  assign cnt_aborted_o = aborted_q;
  assign cnt_poisoned_o = poisoned_q;
  assign cnt_refused_o = refused_q;
  assign idle_o = !some && !mrd_valid_q && dwords_q == 6'd0 && !look_q;

  // At rest nothing changes.
  wire awake = some || mrd_valid_q || addr_valid_i || look_q || cpl_valid_i || flush_i || rst_i;
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (awake) begin
      if (mrd_ready_i) mrd_valid_q <= 1'b0;
      if (take || again) begin
        addr = again ? addrs[rd] : addr_i[63:6];
        last_try = tries_q[ask*TRY_W+:TRY_W];
        lost = lost_q[ask*TRIES+:TRIES];
        if (SLOTS_LOG2 == 0) begin
          try_number = last_try + 1'b1;
        end else begin
          if (open_q[ask]) lost[last_try] = 1'b1;
          if (&lost) lost = '0;
          try_number = last_try;
          for (k = TRIES - 1; k > 0; k = k - 1) begin
            other = last_try + k[TRY_W-1:0];
            if (!lost[other]) try_number = other;
          end
        end
        lost_q[ask*TRIES+:TRIES] <= lost;
        tag = (8'(try_number) << SLOTS_LOG2) | 8'(ask);
        four = addr[63:32] != '0;
        mrd_valid_q <= 1'b1;
        mrd_four_q <= four;
        mrd_q <= {four ? {addr[31:6], 6'd0} : 32'd0, four ? addr[63:32] : {addr[31:6], 6'd0},
                  cfg_requester_id_i, tag, 8'hff, four ? 32'h20000010 : 32'h00000010};
        tries_q[ask*TRY_W+:TRY_W] <= try_number;
        open_q[ask] <= 1'b1;
      end
      if (take) begin
        addrs[wr] <= addr_i[63:6];
        done_q[wr] <= 1'b0;
        wr_q <= wr_q + 1'b1;
      end
      age_q <= age_q + 32'd1;
      if (!some || again) age_q <= '0;
      if (again) timeout = timeout + 64'd1;

      look_q <= cpl_valid_i && cpl_last_i;
      if (look_q) dwords_q <= 6'd0;
      if (cpl_valid_i) begin
        beat_dwords = 6'd0;
        for (k = 0; k < DW; k = k + 1) if (cpl_keep_i[k]) beat_dwords = k[5:0] + 6'd1;
        for (b = 0; b < BEATS; b = b + 1)
          if (!kept && (look_q ? 6'd0 : dwords_q) == 6'(b * DW)) tlp_q[b*TLP_W+:TLP_W] <= cpl_data_i;
        if (look_q || dwords_q < 6'd32) dwords_q <= (look_q ? 6'd0 : dwords_q) + beat_dwords;
      end
      if (look_q) begin
        if (right) begin
          done_q[slot] <= 1'b1;
          open_q[slot] <= 1'b0;
        end else if (waiting && status == 3'd1) unsupported = unsupported + 64'd1;
        else if (waiting && status == 3'd4) aborted = aborted + 64'd1;
        else if (waiting && whole && status == 3'd0) poisoned = poisoned + 64'd1;
        else refused = refused + 64'd1;
      end

      if (line_valid_o && line_ready_i) begin
        rd_q <= rd_q + 1'b1;
        age_q <= '0;
      end

      if (flush_i) begin
        rd_q <= '0;
        wr_q <= '0;
        timeout = '0;
        unsupported = '0;
        aborted = '0;
        poisoned = '0;
        refused = '0;
      end
      if (rst_i) begin
        rd_q <= '0;
        wr_q <= '0;
        tries_q <= '0;
        open_q <= '0;
        lost_q <= '0;
        mrd_valid_q <= 1'b0;
        dwords_q <= 6'd0;
        look_q <= 1'b0;
        timeout = '0;
        unsupported = '0;
        aborted = '0;
        poisoned = '0;
        refused = '0;
      end

      timeout_q <= timeout;
      unsupported_q <= unsupported;
      aborted_q <= aborted;
      poisoned_q <= poisoned;
      refused_q <= refused;
    end
  end
  /* verilator lint_on BLKSEQ */

  generate
    if (SLOTS_LOG2 == 0) begin : g_one
      assign line_o = tlp_q[607:96];
    end else begin : g_lines
      logic [511:0] lines [0:SLOTS-1];
      assign line_o = lines[rd];
      always_ff @(posedge clk_i) if (right) lines[slot] <= tlp_q[607:96];
    end
  endgenerate

endmodule
