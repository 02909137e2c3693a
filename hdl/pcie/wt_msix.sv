// Interrupts: MSI-X table, pending bits, and per vector the one-shot "set index and arm", in BAR0's windows irqs, msix
// and msix_pba.
//
// Vector v belongs to a ring: 0 to 7 the event rings, 8 order flow. It is armed while the host's arm_seq differs from
// fired_seq, and fires when it is armed and the ring's producer index differs from the vector's index: so also when
// that was so before it was armed, and no wake-up is lost. Firing makes fired_seq equal to the arm_seq that it answers.
// Nothing is remembered but these numbers: what is armed and due is looked at again until it could be sent, and is
// not sent when the host has moved the index meanwhile. It waits while MSI-X is off, the function or the vector masked,
// bus mastering off, or the last message of the vector is less than moderation_ns ago; its pending bit is 1 then.
// A reset of the data path disarms all vectors.
//
// Latency: a vector is looked at every VECTORS cycles; a message is ready two cycles later. The producer index moves
// when the records' last beat has left, so the message leaves behind them.
//
// What only the process here reads is assigned at once, all reads of a memory before its write, and what others read is a
// copy of that: so nothing is touched in simulation while no vector is armed.
module wt_msix #(
    parameter int unsigned VECTORS = 9  // 1 to 16
) (
    input  logic                  clk_i,
    input  logic                  rst_i,
    input  logic                  flush_i,   // disarm
    input  logic                  run_i,     // 0: start no message
    input  logic [63:0]           time_ns_i,
    output logic                  ready_o,   // 0: still disarming
    // Window: 8 bytes read in the next cycle; a dword is written.
    input  logic                  win_read_i,
    input  logic                  win_write_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [13:2]           win_addr_i,
    // verilator lint_on UNUSEDSIGNAL
    input  logic [31:0]           win_wdata_i,
    input  logic [31:0]           win_mask_i,
    output logic [63:0]           win_rdata_o,
    // Producer indexes, vector 0 lowest.
    input  logic [32*VECTORS-1:0] prod_i,
    // PCIe configuration: MSI-X enable and function mask, bus master enable, our id.
    input  logic                  cfg_enable_i,
    input  logic                  cfg_mask_i,
    input  logic                  cfg_bus_master_i,
    input  logic [15:0]           cfg_requester_id_i,
    // Memory writes of one dword: 4 or 5 dwords, the first in bits [31:0].
    output logic                  msg_valid_o,
    input  logic                  msg_ready_i,
    output logic [159:0]          msg_data_o,
    output logic [2:0]            msg_dwords_o,
    output logic [63:0]           cnt_sent_o,
    // Something else in the core is under way.
    input  logic                  active_i,
    output logic                  idle_o
);

  // Of each vector, what the host writes, and what is written here.
  logic [31:0] addr_lo [0:15];
  logic [31:0] addr_hi [0:15];
  logic [31:0] data [0:15];
  logic [31:0] index [0:15];
  logic [31:0] arm [0:15];
  logic [31:0] moderation [0:15];
  logic [31:0] fired [0:15];
  logic [63:0] next_ns [0:15];        // no message before
  logic [VECTORS-1:0] masked_q;
  logic [VECTORS-1:0] armed_q;        // arm differs from fired
  logic [VECTORS-1:0] pending_q;      // it is due, and waits
  logic [VECTORS-1:0] timed_q;        // for its time, and nothing else

  // After rst_i all is cleared, after flush_i fired follows arm.
  logic [4:0] sweep_q;                // then rests at 16
  logic clear_q;

  logic [3:0] scan_q;                 // the vector looked at next
  logic s1_valid_q, s1_due_q, s1_may_q, s1_timed_q;
  logic [3:0] s1_q;
  logic [3:0] settle_q;
  logic awake_q;                      // else only a write into the window changes anything

  logic msg, msg_valid_q, four_q, ready_q, idle_q;
  logic [159:0] msg_q;
  logic [63:0] sent, sent_q;
  assign msg_valid_o = msg_valid_q;
  assign msg_data_o = msg_q;
  assign msg_dwords_o = four_q ? 3'd5 : 3'd4;
  assign cnt_sent_o = sent_q;
  assign ready_o = ready_q;
  assign idle_o = idle_q;

  // Made in the process below.
  logic in_table, in_irqs, there, sweeping, scan, send, four;
  logic [3:0] at, sel;
  logic [31:0] was, value, arm_was, fired_was, fired_value, lo, hi, message;
  logic [63:0] next_value;
  logic [5:0] put;  // addr_lo, addr_hi, data, index, arm, moderation
  logic put_fired, put_next;

  // verilator lint_off BLKSEQ
  always_ff @(posedge clk_i) begin
    // The window: table at 0x2000, pending bits at 0x3000, the rest at 0x1800.
    if (win_read_i || win_write_i) begin
      at = win_addr_i[7:4];
      there = {1'b0, at} < 5'(VECTORS);
      in_table = win_addr_i[13:8] == 6'h20 && there;
      in_irqs = win_addr_i[13:8] == 6'h18 && there;
    end
    if (win_read_i) begin
      win_rdata_o <= 64'd0;
      if (in_table) win_rdata_o <= win_addr_i[3] ? {31'd0, masked_q[at], data[at]} : {addr_hi[at], addr_lo[at]};
      if (in_irqs) win_rdata_o <= win_addr_i[3] ? {fired[at], moderation[at]} : {arm[at], index[at]};
      if (win_addr_i[13:3] == 11'h600) win_rdata_o <= 64'(pending_q);
    end

    if (awake_q || win_write_i || flush_i || rst_i) begin
      sweeping = !sweep_q[4];
      scan = armed_q != '0 && !msg && run_i && !sweeping && !win_write_i;
      if (msg_ready_i) msg = 1'b0;
      // One vector after the other. A write into the window in between: look again.
      send = s1_valid_q && s1_due_q && s1_may_q && !s1_timed_q && run_i && !win_write_i;
      if (send) scan = 1'b0;

      // Of this vector things are written.
      sel = win_write_i ? at : sweeping ? sweep_q[3:0] : s1_q;
      lo = addr_lo[sel];
      hi = addr_hi[sel];
      message = data[sel];
      arm_was = arm[sel];
      fired_was = fired[sel];
      next_value = sweeping ? 64'd0 : time_ns_i + {32'd0, moderation[sel]};
      put = 6'd0;
      put_fired = 1'b0;
      put_next = 1'b0;
      value = 32'd0;
      fired_value = 32'd0;

      if (win_write_i) begin
        case ({in_table, win_addr_i[3:2]})
          3'b100: was = lo;
          3'b101: was = hi;
          3'b000: was = index[sel];
          3'b001: was = arm_was;
          3'b010: was = moderation[sel];
          default: was = message;
        endcase
        value = (was & ~win_mask_i) | (win_wdata_i & win_mask_i);
        if (in_table && win_addr_i[3:2] == 2'd3) begin
          if (win_mask_i[0]) masked_q[at] = win_wdata_i[0];
        end else if (in_table || (in_irqs && win_addr_i[3:2] != 2'd3)) put[{1'b0, win_addr_i[3:2]} + (in_irqs ? 3'd3 : 3'd0)] = 1'b1;
        if (put[4]) begin
          // Amid a reset it is disarmed at once.
          put_fired = sweeping;
          fired_value = value;
          armed_q[at] = value != fired_was && !sweeping;
          pending_q[at] = 1'b0;
          timed_q[at] = 1'b0;
        end
      end else if (sweeping) begin
        put = {6{clear_q}};
        put_fired = 1'b1;
        fired_value = clear_q ? 32'd0 : arm_was;
        put_next = 1'b1;
        sweep_q = sweep_q + 5'd1;
        if (sweep_q[4]) clear_q = 1'b0;
      end else if (s1_valid_q) begin
        pending_q[s1_q] = s1_due_q && !send;
        timed_q[s1_q] = s1_due_q && s1_may_q && s1_timed_q;
      end
      if (send) begin
        four = hi != 32'd0;
        four_q <= four;
        msg_q <= four ? {message, lo[31:2], 2'b00, hi, cfg_requester_id_i, 8'd0, 8'h0f, 32'h60000001}
            : {32'd0, message, lo[31:2], 2'b00, cfg_requester_id_i, 8'd0, 8'h0f, 32'h40000001};
        msg = 1'b1;
        armed_q[s1_q] = 1'b0;
        put_fired = 1'b1;
        fired_value = arm_was;
        put_next = 1'b1;
        sent = sent + 64'd1;
      end

      s1_valid_q = 1'b0;
      if (scan) begin
        s1_q = scan_q;
        s1_valid_q = armed_q[scan_q];
        s1_due_q = prod_i[32*scan_q+:32] != index[scan_q];
        s1_may_q = cfg_enable_i && !cfg_mask_i && !masked_q[scan_q] && cfg_bus_master_i;
        s1_timed_q = time_ns_i < next_ns[scan_q];
        scan_q = scan_q == 4'(VECTORS - 1) ? 4'd0 : scan_q + 4'd1;
      end

      if (put[0]) addr_lo[sel] = value;
      if (put[1]) addr_hi[sel] = value;
      if (put[2]) data[sel] = value;
      if (put[3]) index[sel] = value;
      if (put[4]) arm[sel] = value;
      if (put[5]) moderation[sel] = value;
      if (put_fired) fired[sel] = fired_value;
      if (put_next) next_ns[sel] = next_value;

      // Long enough for a look at every vector.
      if (active_i || win_write_i || armed_q == '0) settle_q = 4'd15;
      else if (scan && settle_q != 4'd0) settle_q = settle_q - 4'd1;

      if (flush_i) begin
        sent = 64'd0;
        sweep_q = 5'd0;
        armed_q = '0;
        pending_q = '0;
        timed_q = '0;
        s1_valid_q = 1'b0;
      end
      if (rst_i) begin
        sent = 64'd0;
        sweep_q = 5'd0;
        clear_q = 1'b1;
        masked_q = '1;
        armed_q = '0;
        pending_q = '0;
        timed_q = '0;
        s1_valid_q = 1'b0;
        scan_q = 4'd0;
        msg = 1'b0;
      end
      awake_q = !sweep_q[4] || armed_q != '0 || msg;
      sent_q <= sent;
      msg_valid_q <= msg;
      ready_q <= sweep_q[4];
      idle_q <= sweep_q[4] && !msg && (armed_q == '0 || (settle_q == 4'd0 && timed_q == '0));
    end
  end
  // verilator lint_on BLKSEQ

endmodule
