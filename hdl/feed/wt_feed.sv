// The feed: Ethernet frames of two lines in, normalized operations out, in sequence.
//
// For each port wt_line (checks, hold buffer); for what the host injects wt_inject and a wt_hold of its own;
// wt_arbiter; wt_itch_decode. A frame that is bad, cut or
// inconsistent anywhere changes nothing; see the blocks for what each counts.
//
// Nothing waits for room: a datagram that finds none is dropped and counted (wt_line says when
// rx_ready_o falls all the same).
//
// Latency: op_valid_o seven cycles after the last beat of a frame is taken, when empty; its further
// messages follow one a cycle.
module wt_feed #(
    parameter int unsigned PORTS = 2,                // lines of the feed: A and B, or A alone
    parameter int unsigned HOLD_MESSAGES_LOG2 = 12,  // of each line's hold buffer, in messages
    parameter int unsigned HOLD_DATAGRAMS_LOG2 = 10, // and in datagrams
    parameter int unsigned INJECT_MESSAGES_LOG2 = HOLD_MESSAGES_LOG2, // the same of what the host injects
    parameter bit URAM = 1'b0,                       // the lines' hold buffers are in UltraRAM
    parameter bit INJECT = 1'b1                      // the host may inject datagrams: what is lost can be filled
) (
    input  logic            clk_i,
    // Held while the card resets.
    input  logic            rst_i,
    // Swept: frames are taken.
    output logic            ready_o,
    // Card time and free-running cycle counter.
    input  logic [63:0]     time_ns_i,
    input  logic [31:0]     cycle_i,
    // Take frames of the channels of this window (wt_schema_pkg::chan_entry_t, the first 32 bytes of each).
    input  logic            enable_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [2047:0]   channels_i,  // 31 bits of an entry mean nothing yet
    // verilator lint_on UNUSEDSIGNAL
    // What the arbiter waits for; the configuration may have changed.
    input  logic            recover_i,
    input  logic [31:0]     skew_ns_i,
    input  logic [31:0]     gap_timeout_ns_i,
    input  logic            poke_i,
    // Next sequence number expected of a channel, one cycle after its number.
    input  logic [2:0]      next_channel_i,
    output logic [63:0]     next_seq_o,
    // Frames without FCS, line A lowest: first byte in [7:0], keep contiguous and all ones but on the last
    // beat. error with last: the MAC found a bad FCS or a cut frame.
    input  logic [1:0]      rx_valid_i,
    output logic [1:0]      rx_ready_o,
    input  logic [127:0]    rx_data_i,
    input  logic [15:0]     rx_keep_i,
    input  logic [1:0]      rx_last_i,
    input  logic [1:0]      rx_error_i,
    // Command ring, and the reader of its lines: see wt_inject.
    input  logic [63:0]     cmd_base_i,
    input  logic [31:0]     cmd_size_log2_i,
    input  logic [31:0]     cmd_prod_i,
    output logic [31:0]     cmd_cons_o,
    output logic            addr_valid_o,
    input  logic            addr_ready_i,
    output logic [63:0]     addr_o,
    input  logic            line_valid_i,
    output logic            line_ready_o,
    input  logic [511:0]    line_i,
    // Operation and raw message: one handshake for both. raw.length is 0 for OP_GAP, OP_GAP_NOTE,
    // OP_HEARTBEAT and OP_SESSION, and for an empty message.
    output logic            op_valid_o,
    input  logic            op_ready_i,
    output wt_pkg::op_t     op_o,
    output wt_pkg::raw_t    raw_o,
    // No byte or message anywhere inside but what is held; when that changes by itself (all ones: never).
    output logic            idle_o,
    output logic [63:0]     deadline_ns_o,
    // wt_schema_pkg::CNT_FRAMES_A .. CNT_HEARTBEATS, counter i at [64*i +: 64].
    output logic [19*64-1:0] counters_o,
    // CNT_RECOVERED, CNT_LATE_INJECTED, CNT_BAD_COMMAND.
    output logic [191:0]    more_counters_o,
    // A line's hold buffer is seven eighths full, which no gap makes it: what is behind the feed must not hold it
    // up any longer. Most messages ever in each, line A lowest.
    output logic            urgent_o,
    output logic [31:0]     max_hold_o
);

  localparam int unsigned LINES = PORTS + 32'(INJECT);  // A, B, injected

  // The window by fields, taken when it may have changed: simulation need not put them together each cycle.
  logic         poke_q;
  logic [7:0]   enabled;
  logic [511:0] start_seq, skip_to, groups;  // groups: line A in the lower half
  logic [255:0] ports;
  always_ff @(posedge clk_i) poke_q <= poke_i;
  for (genvar n = 0; n < 8; n = n + 1) begin : g_channel
    always_ff @(posedge clk_i)
      if (poke_i || poke_q || rst_i) begin
        enabled[n] <= channels_i[256*n];
        groups[32*n+:32] <= channels_i[256*n+32+:32];
        groups[256+32*n+:32] <= channels_i[256*n+64+:32];
        ports[16*n+:16] <= channels_i[256*n+96+:16];
        ports[128+16*n+:16] <= channels_i[256*n+112+:16];
        start_seq[64*n+:64] <= channels_i[256*n+128+:64];
        skip_to[64*n+:64] <= channels_i[256*n+192+:64];
      end
  end

  logic [LINES-1:0]        line_ready, line_idle, cand_valid, next, done, restart, deliver, reading, read;
  logic [LINES-1:0]        full, stuck;
  logic [PORTS-1:0]        brim;
  logic                    urgent_q;
  assign urgent_o = urgent_q;
  always_ff @(posedge clk_i) urgent_q <= brim != '0;
  logic [LINES*3-1:0]      stuck_channel, comes_channel;
  logic [LINES-1:0]        comes;
  logic [15:0]             read_addr;
  logic [LINES*64-1:0]     late;

  // Of line A, of line B or else what is injected, and of what is injected.
  wire wt_pkg::cand_t cand_0, cand_1, inj_cand;
  wire wt_pkg::raw_t raw_0, raw_1, inj_raw;
  assign cand_0 = g_line[0].cand;
  assign raw_0 = g_line[0].raw;
  generate
    if (PORTS == 2) begin : g_two
      assign cand_1 = g_line[PORTS-1].cand;
      assign raw_1 = g_line[PORTS-1].raw;
    end else begin : g_one
      assign cand_1 = inj_cand;  // if there is that
      assign raw_1 = inj_raw;
      assign rx_ready_o[1] = 1'b1;
      assign max_hold_o[31:16] = 16'd0;
      assign counters_o[7*64+:7*64] = '0;
      // verilator lint_off UNUSEDSIGNAL
      wire unused = &{1'b0, rx_valid_i[1], rx_data_i[127:64], rx_keep_i[15:8], rx_last_i[1], rx_error_i[1], groups[511:256],
                      ports[255:128]};
      // verilator lint_on UNUSEDSIGNAL
    end
  endgenerate

  for (genvar l = 0; l < PORTS; l = l + 1) begin : g_line
    wire wt_pkg::cand_t cand;
    wire wt_pkg::raw_t raw;
    logic [HOLD_MESSAGES_LOG2:0] most;
    assign max_hold_o[16*l+:16] = 16'(most);
    assign counters_o[(7*l+6)*64+:64] = late[l*64+:64];

    wt_line #(.MESSAGES_LOG2(HOLD_MESSAGES_LOG2), .DATAGRAMS_LOG2(HOLD_DATAGRAMS_LOG2), .URAM(URAM)) port (
        .clk_i(clk_i), .rst_i(rst_i), .ready_o(line_ready[l]), .time_ns_i(time_ns_i), .cycle_i(cycle_i),
        .enable_i(enable_i), .channels_i(enabled), .groups_i(groups[256*l+:256]), .ports_i(ports[128*l+:128]),
        .rx_valid_i(rx_valid_i[l]), .rx_ready_o(rx_ready_o[l]), .rx_data_i(rx_data_i[64*l+:64]),
        .rx_keep_i(rx_keep_i[8*l+:8]), .rx_last_i(rx_last_i[l]), .rx_error_i(rx_error_i[l]),
        .comes_o(comes[l]), .comes_channel_o(comes_channel[3*l+:3]), .cand_valid_o(cand_valid[l]), .cand_o(cand), .next_i(next[l]), .done_i(done[l]),
        .restart_i(restart[l]), .deliver_i(deliver[l]), .reading_i(reading[l]), .read_i(read[l]),
        .read_addr_i(read_addr), .raw_o(raw), .full_o(full[l]), .brim_o(brim[l]), .max_o(most), .stuck_o(stuck[l]),
        .stuck_channel_o(stuck_channel[3*l+:3]), .idle_o(line_idle[l]),
        .counters_o(counters_o[7*64*l+:384])
    );
  end

  // The injected one.
  logic        inj_valid, inj_ready, inj_last, inj_idle;
  logic [63:0] inj_data, inj_ns;
  logic [3:0]  inj_bytes;
  logic [2:0]  inj_channel;
  logic [31:0] inj_cycle;

  // What it loads goes between the messages of the feed, of which it waits for fifteen at most.
  logic         load_valid, load_ready, load_join;
  logic [2:0]   load_channel;
  logic [399:0] load_raw;
  logic [7:0]   load_length;
  logic [47:0]  load_seq;

  wt_inject #(.INJECT(INJECT)) inject (
      .clk_i, .rst_i, .time_ns_i, .cycle_i, .base_i(cmd_base_i), .size_log2_i(cmd_size_log2_i),
      .prod_i(cmd_prod_i), .cons_o(cmd_cons_o), .addr_valid_o, .addr_ready_i, .addr_o, .line_valid_i, .line_ready_o,
      .line_i, .out_valid_o(inj_valid), .out_ready_i(inj_ready), .out_data_o(inj_data), .out_bytes_o(inj_bytes),
      .out_last_o(inj_last), .out_channel_o(inj_channel), .out_ns_o(inj_ns), .out_cycle_o(inj_cycle),
      .full_i(inj_full), .load_valid_o(load_valid), .load_ready_i(load_ready), .load_join_o(load_join),
      .load_channel_o(load_channel), .load_raw_o(load_raw), .load_length_o(load_length), .load_seq_o(load_seq),
      .cnt_bad_command_o(more_counters_o[191:128]), .idle_o(inj_idle)
  );

  logic inj_full;
  generate
    if (INJECT) begin : g_inject
      assign inj_full = full[PORTS] || !line_ready[PORTS];
      // verilator lint_off PINCONNECTEMPTY
      wt_hold #(.MESSAGES_LOG2(INJECT_MESSAGES_LOG2), .DATAGRAMS_LOG2(HOLD_DATAGRAMS_LOG2)) injected (
          .clk_i, .rst_i, .ready_o(line_ready[PORTS]),
          .in_valid_i(inj_valid), .in_ready_o(inj_ready), .in_data_i(inj_data), .in_bytes_i(inj_bytes),
          .in_last_i(inj_last), .in_good_i(1'b1), .in_channel_i(inj_channel), .in_ns_i(inj_ns), .in_cycle_i(inj_cycle),
          .comes_o(comes[PORTS]), .comes_channel_o(comes_channel[3*PORTS+:3]), .cand_valid_o(cand_valid[PORTS]), .cand_o(inj_cand), .next_i(next[PORTS]), .done_i(done[PORTS]),
          .restart_i(restart[PORTS]), .deliver_i(deliver[PORTS]), .reading_i(reading[PORTS]), .read_i(read[PORTS]),
          .read_addr_i(read_addr), .raw_o(inj_raw), .full_o(full[PORTS]), .brim_o(), .max_o(), .stuck_o(stuck[PORTS]),
          .stuck_channel_o(stuck_channel[3*PORTS+:3]), .idle_o(line_idle[PORTS]), .cnt_overflow_o(), .cnt_bad_datagram_o()
      );
      // verilator lint_on PINCONNECTEMPTY
      assign more_counters_o[127:64] = late[64*PORTS+:64];
    end else begin : g_none
      assign inj_full = 1'b1;
      assign inj_ready = 1'b1;
      assign inj_cand = '0;
      assign inj_raw = '0;
      assign more_counters_o[127:64] = '0;
      // verilator lint_off UNUSEDSIGNAL
      wire unused = &{1'b0, inj_valid, inj_data, inj_bytes, inj_last, inj_channel, inj_ns, inj_cycle};
      // verilator lint_on UNUSEDSIGNAL
    end
  endgenerate

  logic         msg_valid, msg_ready, arbiter_idle;
  wt_pkg::op_e  msg_op;
  logic [2:0]   msg_channel;
  wt_pkg::raw_t msg_raw;
  logic [63:0]  msg_seq, msg_ns, msg_first, msg_missing;
  logic [31:0]  msg_cycle;
  logic [79:0]  msg_session;
  logic [7:0]   msg_event;
  logic         msg_recovered;

  wt_arbiter #(.LINES(LINES), .INJECTED(INJECT ? PORTS : 3)) arbiter (
      .clk_i, .rst_i, .time_ns_i, .cycle_i, .recover_i, .skew_ns_i, .gap_timeout_ns_i,
      .start_seq_i(start_seq), .skip_to_i(skip_to), .poke_i,
      .comes_i(comes), .comes_channel_i(comes_channel), .cand_valid_i(cand_valid), .cand_0_i(cand_0), .cand_1_i(cand_1), .cand_2_i(inj_cand), .next_o(next), .done_o(done), .restart_o(restart),
      .deliver_o(deliver), .reading_o(reading), .read_o(read), .read_addr_o(read_addr),
      .raw_0_i(raw_0), .raw_1_i(raw_1), .raw_2_i(inj_raw),
      .full_i(full), .stuck_i(stuck), .stuck_channel_i(stuck_channel),
      .out_valid_o(msg_valid), .out_ready_i(msg_ready), .out_op_o(msg_op), .out_channel_o(msg_channel),
      .out_raw_o(msg_raw), .out_seq_o(msg_seq), .out_ns_o(msg_ns), .out_cycle_o(msg_cycle),
      .out_first_o(msg_first), .out_missing_o(msg_missing), .out_session_o(msg_session), .out_event_o(msg_event),
      .out_recovered_o(msg_recovered),
      .next_channel_i, .next_seq_o, .idle_o(arbiter_idle), .deadline_ns_o,
      .cnt_late_o(late), .counters_o(counters_o[14*64+:320]),
      .cnt_recovered_o(more_counters_o[63:0])
  );

  logic         in_ready;
  logic [3:0]   load_wait_q;
  wire          load_now = load_valid && (!msg_valid || load_wait_q == '1);
  assign load_ready = in_ready && load_now;
  assign msg_ready = in_ready && !load_now;
  always_ff @(posedge clk_i) begin
    if (!load_valid || load_ready) load_wait_q <= '0;
    else if (msg_valid && msg_ready) load_wait_q <= load_wait_q + 4'd1;
    if (rst_i) load_wait_q <= '0;
  end

  wire wt_pkg::raw_t load_message;
  assign load_message = {load_length, load_raw};
  wt_itch_decode decode (
      .clk_i, .rst_i,
      .in_valid_i(msg_valid || load_valid), .in_ready_o(in_ready), .in_load_i(load_now), .in_recovered_i(msg_recovered),
      .in_op_i(!load_now ? msg_op : load_join ? wt_pkg::OP_JOIN : wt_pkg::OP_NOP),
      .in_channel_i(load_now ? load_channel : msg_channel),
      .in_raw_i(load_now ? load_message : msg_raw), .in_seq_i(load_now ? {16'd0, load_seq} : msg_seq),
      .in_ns_i(load_now ? time_ns_i : msg_ns), .in_cycle_i(load_now ? cycle_i : msg_cycle), .in_first_i(msg_first),
      .in_missing_i(msg_missing), .in_session_i(msg_session), .in_event_i(msg_event),
      .op_valid_o, .op_ready_i, .op_o, .raw_o
  );

  assign ready_o = line_ready == '1;
  assign idle_o = line_idle == '1 && inj_idle && arbiter_idle && !op_valid_o;

endmodule
