// The card's side of the UDP link, sending: TLPs out of the store, each in a datagram of its own, once or as often as
// asked for; our state (README.md beside this file); answers to ARP.
//
// In this order: an ARP answer; our state; what is asked for again; what is new. The state goes
// out when it is due, and when 2**STATE_LOG2 cycles have passed without a numbered datagram or a state, so that a host
// misses a loss at the end of a burst for no longer. Nothing but ARP is sent before a host has opened the link.
//
// Latency: from a TLP's last beat in an empty store to the frame's first beat ten cycles; a beat every three at most.
module wt_link_tx #(
    parameter int unsigned WORDS_LOG2 = 12,
    parameter int unsigned STATE_LOG2 = 15
) (
    input  logic        clk_i,
    input  logic        rst_i,
    // Our addresses and port (wt_link_rx).
    input  logic [47:0] mac_i,
    input  logic [31:0] ip_i,
    input  logic [15:0] port_i,
    // Of wt_link_rx.
    input  logic        open_i,
    input  logic [47:0] host_mac_i,
    input  logic [31:0] host_ip_i,
    input  logic [15:0] host_port_i,
    input  logic [31:0] taken_i,
    input  logic        state_due_i,
    input  logic        repeat_i,
    input  logic [31:0] number_i,
    input  logic [7:0]  count_i,
    input  logic        arp_i,
    input  logic [47:0] sender_mac_i,
    input  logic [31:0] sender_ip_i,
    // wt_link_store.
    input  logic [31:0] oldest_i,
    input  logic [31:0] next_i,
    output logic [31:0] sent_o,
    output logic        ask_o,
    output logic [31:0] number_o,
    input  logic [WORDS_LOG2-1:0] start_i,
    input  logic [6:0]  words_i,
    output logic        in_use_o,
    output logic        read_o,
    output logic [WORDS_LOG2-1:0] read_at_o,
    input  logic [63:0] read_i,
    // Frames: first byte in [7:0], always whole words; the MAC pads.
    output logic        tx_valid_o,
    input  logic        tx_ready_i,
    output logic [63:0] tx_data_o,
    output logic        tx_last_o
);

  localparam logic [7:0] VERSION = 8'd1;
  localparam logic [7:0] K_DATA = 8'd4;
  localparam logic [7:0] K_STATE = 8'd5;

  localparam logic [3:0] S_IDLE = 4'd0;
  localparam logic [3:0] S_ASK = 4'd1;    // where the TLP is
  localparam logic [3:0] S_FIND = 4'd2;
  localparam logic [3:0] S_FOUND = 4'd3;
  localparam logic [3:0] S_SIZE = 4'd4;   // lengths
  localparam logic [3:0] S_SUM = 4'd5;    // header checksum
  localparam logic [3:0] S_FOLD = 4'd6;
  localparam logic [3:0] S_READ = 4'd7;   // a word of the frame
  localparam logic [3:0] S_LOAD = 4'd8;
  localparam logic [3:0] S_SEND = 4'd9;
  logic [3:0]  state_q;

  localparam logic [1:0] F_ARP = 2'd0;
  localparam logic [1:0] F_STATE = 2'd1;
  localparam logic [1:0] F_DATA = 2'd2;
  logic [1:0]  what_q;
  logic        fresh_q;    // it is sent for the first time

  logic        arp_due_q, state_due_q;
  logic [47:0] arp_mac_q;
  logic [31:0] arp_ip_q, again_q, sent_q, number_q;
  logic [7:0]  again_left_q;
  logic [STATE_LOG2:0] quiet_q;
  logic [6:0]  word_q, last_q;     // of the frame
  logic [WORDS_LOG2-1:0] at_q;
  logic [15:0] ip_length_q, udp_length_q;
  logic [18:0] sum_q;
  logic [15:0] fold_q;
  logic [63:0] data_q;

  assign sent_o = sent_q;
  assign number_o = number_q;
  assign ask_o = state_q == S_ASK;
  assign in_use_o = what_q == F_DATA && state_q != S_IDLE;
  assign read_o = state_q == S_READ;
  assign read_at_o = at_q;
  assign tx_valid_o = state_q == S_SEND;
  assign tx_data_o = data_q;
  assign tx_last_o = word_q == last_q;

  function automatic logic [15:0] swap(input logic [15:0] x);
    swap = {x[7:0], x[15:8]};
  endfunction

  // Sums of the header's words, which are big-endian.
  wire [17:0] sum_ours = {2'd0, swap(ip_i[15:0])} + {2'd0, swap(ip_i[31:16])} + 18'h0c511;  // 4500 4000 4011
  wire [16:0] sum_host = {1'b0, swap(host_ip_i[15:0])} + {1'b0, swap(host_ip_i[31:16])};
  wire [16:0] fold = {1'b0, sum_q[15:0]} + {14'd0, sum_q[18:16]};
  logic [18:0] addresses_q;

  wire arp = what_q == F_ARP;
  // What is asked for and not there (gone, or not sent yet) is answered with the state, which says so. A TLP may
  // be overwritten until it is in use: looked at behind that.
  // verilator lint_off UNUSEDSIGNAL
  wire [31:0] behind = number_q - oldest_i;
  wire [31:0] ahead = sent_q - again_q - 32'd1;
  // verilator lint_on UNUSEDSIGNAL
  wire again = again_left_q != 8'd0;

  always_ff @(posedge clk_i) begin
    addresses_q <= {1'b0, sum_ours} + {2'd0, sum_host};
    if (!quiet_q[STATE_LOG2]) quiet_q <= quiet_q + 1'b1;
    case (state_q)
      S_IDLE: begin
        word_q <= 7'd0;
        fresh_q <= 1'b0;
        if (arp_due_q) begin
          what_q <= F_ARP;
          arp_due_q <= 1'b0;
          last_q <= 7'd5;
          state_q <= S_READ;
        end else if (open_i && (state_due_q || quiet_q[STATE_LOG2])) begin
          what_q <= F_STATE;
          state_due_q <= 1'b0;
          state_q <= S_SIZE;
          last_q <= 7'd7;
          number_q <= sent_q;  // what still waits here is not missing at the host
        end else if (open_i && again) begin
          what_q <= F_DATA;
          number_q <= again_q;
          again_q <= again_q + 32'd1;
          again_left_q <= again_left_q - 8'd1;
          if (ahead[31]) begin
            again_left_q <= 8'd0;
            state_due_q <= 1'b1;
          end else state_q <= S_ASK;
        end else if (open_i && sent_q != next_i) begin
          what_q <= F_DATA;
          number_q <= sent_q;
          fresh_q <= 1'b1;
          state_q <= S_ASK;
        end
      end
      S_ASK: state_q <= S_FIND;
      S_FIND: state_q <= S_FOUND;
      S_FOUND: begin
        at_q <= start_i;
        last_q <= words_i + 7'd6;
        state_q <= S_SIZE;
        if (behind[31]) begin
          state_q <= S_IDLE;
          again_left_q <= 8'd0;
          state_due_q <= 1'b1;
        end
      end
      S_SIZE: begin
        // The frame's bytes less 14, and less 34.
        ip_length_q <= {6'd0, last_q, 3'd0} - 16'd6;
        udp_length_q <= {6'd0, last_q, 3'd0} - 16'd26;
        quiet_q <= '0;
        state_q <= S_SUM;
      end
      S_SUM: begin
        sum_q <= addresses_q + {3'd0, ip_length_q};
        state_q <= S_FOLD;
      end
      S_FOLD: begin
        fold_q <= ~(fold[15:0] + {15'd0, fold[16]});
        state_q <= S_READ;
      end
      S_READ: state_q <= S_LOAD;
      S_LOAD: begin
        case (word_q)
          7'd0: data_q <= {mac_i[15:0], arp ? arp_mac_q : host_mac_i};
          7'd1: data_q <= {arp ? 32'h01000608 : 32'h00450008, mac_i[47:16]};
          7'd2: data_q <= arp ? {mac_i[15:0], 48'h020004060008} : {48'h114000400000, swap(ip_length_q)};
          7'd3: data_q <= arp ? {ip_i, mac_i[47:16]} : {host_ip_i[15:0], ip_i, swap(fold_q)};
          7'd4: data_q <= arp ? {arp_ip_q[15:0], arp_mac_q} : {swap(udp_length_q), host_port_i, port_i, host_ip_i[31:16]};
          7'd5: data_q <= arp ? {48'd0, arp_ip_q[31:16]} : {16'd0, what_q == F_DATA ? K_DATA : K_STATE, VERSION, 16'h5457, 16'd0};
          7'd6: data_q <= {taken_i, number_q};
          default: data_q <= what_q == F_DATA ? read_i : {32'd0, oldest_i};
        endcase
        if (word_q >= 7'd7) at_q <= at_q + 1'b1;
        state_q <= S_SEND;
      end
      default:
        if (tx_ready_i) begin
          word_q <= word_q + 7'd1;
          state_q <= S_READ;
          if (tx_last_o) begin
            state_q <= S_IDLE;
            if (fresh_q) sent_q <= sent_q + 32'd1;
          end
        end
    endcase

    if (state_due_i) state_due_q <= 1'b1;
    if (repeat_i) begin
      again_q <= number_i;
      again_left_q <= count_i;
    end
    if (arp_i) begin
      arp_due_q <= 1'b1;
      arp_mac_q <= sender_mac_i;
      arp_ip_q <= sender_ip_i;
    end
    if (rst_i) begin
      state_q <= S_IDLE;
      arp_due_q <= 1'b0;
      state_due_q <= 1'b0;
      again_left_q <= 8'd0;
      sent_q <= 32'd0;
      quiet_q <= '0;
    end
  end

endmodule
