// The card's side of the UDP link, receiving: Ethernet frames in; out come what a host asks for (README.md beside
// this file) and its TLPs.
//
// Taken are ARP requests for our address, and datagrams to it and our port with the link's magic number and version.
// Everything else, and every frame with an error, changes nothing. The header's and UDP's checksums are not
// looked at: the frame's FCS covers the same bytes.
//
// A TLP is taken when it has the number behind the last one's, and comes from the host that opened the link; so each
// is taken once, and in order. Frames wait while one is handed to the core.
//
// Latency: what a frame says, three cycles after its last beat.
module wt_link_rx (
    input  logic        clk_i,
    input  logic        rst_i,
    // Our addresses and UDP port, first byte on the wire in [7:0].
    input  logic [47:0] mac_i,
    input  logic [31:0] ip_i,
    input  logic [15:0] port_i,
    // Frames: first byte in [7:0].
    input  logic        rx_valid_i,
    output logic        rx_ready_o,
    input  logic [63:0] rx_data_i,
    input  logic        rx_last_i,
    input  logic        rx_error_i,
    // TLPs to the core.
    output logic        tlp_valid_o,
    input  logic        tlp_ready_i,
    output logic [63:0] tlp_data_o,
    output logic [1:0]  tlp_keep_o,
    output logic        tlp_last_o,
    // The host that opened the link, first byte on the wire in [7:0].
    output logic        open_o,
    output logic [47:0] host_mac_o,
    output logic [31:0] host_ip_o,
    output logic [15:0] host_port_o,
    // Number of the last TLP taken.
    output logic [31:0] taken_o,
    // For one cycle: our state is to be told; TLPs from number_o on are asked for again, count_o of them; an ARP
    // answer is due to the sender of the frame.
    output logic        state_due_o,
    output logic        repeat_o,
    output logic [31:0] number_o,
    output logic [7:0]  count_o,
    output logic        arp_o,
    output logic [47:0] sender_mac_o,
    output logic [31:0] sender_ip_o
);

  localparam logic [7:0] VERSION = 8'd1;
  localparam logic [7:0] K_OPEN = 8'd1;
  localparam logic [7:0] K_TLP = 8'd2;
  localparam logic [7:0] K_REPEAT = 8'd3;

  localparam logic [1:0] S_FRAME = 2'd0;    // comes in
  localparam logic [1:0] S_JUDGE = 2'd1;
  localparam logic [1:0] S_ACT = 2'd2;
  localparam logic [1:0] S_PLAY = 2'd3;     // its TLP goes to the core
  logic [1:0]  state_q;
  logic [4:0]  beat_q;    // stops at 31
  logic        us_q, all_q, ip_ok_q, arp_ok_q, error_q;
  logic [47:0] mac_q;     // of the sender
  logic [31:0] from_q;    // its address
  logic [15:0] port_q, dwords_q;
  logic [7:0]  kind_q;
  logic [31:0] number_q;
  logic [7:0]  count_q;
  logic        host_q, next_q, fits_q;  // judged: of the host; the next TLP; all of it is there
  logic [63:0] tlp [0:15];
  logic [3:0]  at_q;
  logic [3:0]  end_q;     // word of the TLP that is its last

  logic        open_q;
  logic [47:0] host_mac_q;
  logic [31:0] host_ip_q, taken_q;
  logic [15:0] host_port_q;
  logic        state_due_q, repeat_q, arp_q;

  assign rx_ready_o = state_q == S_FRAME;
  assign tlp_valid_o = state_q == S_PLAY;
  assign tlp_data_o = tlp[at_q];
  assign tlp_last_o = at_q == end_q;
  assign tlp_keep_o = {!(tlp_last_o && dwords_q[0]), 1'b1};
  assign open_o = open_q;
  assign host_mac_o = host_mac_q;
  assign host_ip_o = host_ip_q;
  assign host_port_o = host_port_q;
  assign taken_o = taken_q;
  assign state_due_o = state_due_q;
  assign repeat_o = repeat_q;
  assign number_o = number_q;
  assign count_o = count_q;
  assign arp_o = arp_q;
  assign sender_mac_o = mac_q;
  assign sender_ip_o = from_q;

  wire take = rx_valid_i && rx_ready_o;

  always_ff @(posedge clk_i) begin
    state_due_q <= 1'b0;
    repeat_q <= 1'b0;
    arp_q <= 1'b0;
    if (take) begin
      beat_q <= rx_last_i ? 5'd0 : &beat_q ? beat_q : beat_q + 5'd1;
      tlp[beat_q[3:0] - 4'd7] <= rx_data_i;  // of words 7 to 22 the last ones stay
      case (beat_q)
        5'd0: begin
          us_q <= rx_data_i[47:0] == mac_i;
          all_q <= rx_data_i[47:0] == 48'hffffffffffff;
          mac_q[15:0] <= rx_data_i[63:48];
        end
        5'd1: begin
          mac_q[47:16] <= rx_data_i[31:0];
          ip_ok_q <= us_q && rx_data_i[55:32] == 24'h450008;
          arp_ok_q <= (us_q || all_q) && rx_data_i[63:32] == 32'h01000608;
        end
        5'd2: begin
          // UDP, not a fragment.
          if (rx_data_i[63:56] != 8'h11 || rx_data_i[37:32] != 6'd0 || rx_data_i[47:40] != 8'd0) ip_ok_q <= 1'b0;
          if (rx_data_i[47:0] != 48'h010004060008) arp_ok_q <= 1'b0;
        end
        5'd3: begin
          from_q <= arp_ok_q ? rx_data_i[63:32] : rx_data_i[47:16];
          if (rx_data_i[63:48] != ip_i[15:0]) ip_ok_q <= 1'b0;
        end
        5'd4: begin
          port_q <= rx_data_i[31:16];
          if (rx_data_i[15:0] != ip_i[31:16] || rx_data_i[47:32] != port_i) ip_ok_q <= 1'b0;
          if (rx_data_i[63:48] != ip_i[15:0]) arp_ok_q <= 1'b0;
        end
        5'd5: begin
          if (rx_data_i[31:16] != 16'h5457 || rx_data_i[39:32] != VERSION) ip_ok_q <= 1'b0;
          kind_q <= rx_data_i[47:40];
          dwords_q <= rx_data_i[63:48];
          if (rx_data_i[15:0] != ip_i[31:16]) arp_ok_q <= 1'b0;
        end
        5'd6: begin
          number_q <= rx_data_i[31:0];
          count_q <= rx_data_i[39:32];
        end
        default: ;
      endcase
      if (rx_last_i) begin
        state_q <= S_JUDGE;
        error_q <= rx_error_i;
        at_q <= 4'd0;
        // Word of the frame that came last; with 23 words and more there is no such TLP.
        end_q <= beat_q > 5'd22 || beat_q < 5'd7 ? 4'd0 : beat_q[3:0] - 4'd7;
        if (beat_q < 5'd6) ip_ok_q <= 1'b0;
        if (beat_q < 5'd5) arp_ok_q <= 1'b0;
        fits_q <= beat_q >= 5'd7 && beat_q <= 5'd22;
      end
    end

    case (state_q)
      S_FRAME: ;
      S_JUDGE: begin
        host_q <= open_q && from_q == host_ip_q && port_q == host_port_q;
        next_q <= number_q == taken_q + 32'd1;
        // A frame is padded to 60 bytes: one word may be more than the TLP has. A header has 3 dwords.
        fits_q <= fits_q && dwords_q >= 16'd3 && dwords_q <= 16'd32 && {1'b0, end_q} + 5'd1 >= {dwords_q[5:1]} + {4'd0, dwords_q[0]};
        state_q <= S_ACT;
      end
      S_ACT: begin
        state_q <= S_FRAME;
        end_q <= dwords_q[4:1] - {3'd0, !dwords_q[0]};
        if (!error_q && arp_ok_q) arp_q <= 1'b1;
        if (!error_q && ip_ok_q)
          case (kind_q)
            K_OPEN: begin
              open_q <= 1'b1;
              host_mac_q <= mac_q;
              host_ip_q <= from_q;
              host_port_q <= port_q;
              taken_q <= number_q;
              state_due_q <= 1'b1;
            end
            K_TLP:
              if (host_q && fits_q) begin
                if (next_q) state_q <= S_PLAY;
                else state_due_q <= 1'b1;
              end
            K_REPEAT: repeat_q <= host_q;
            default: ;
          endcase
      end
      default:
        if (tlp_ready_i) begin
          at_q <= at_q + 4'd1;
          if (tlp_last_o) begin
            state_q <= S_FRAME;
            taken_q <= taken_q + 32'd1;
            state_due_q <= 1'b1;
          end
        end
    endcase

    if (rst_i) begin
      state_q <= S_FRAME;
      beat_q <= 5'd0;
      open_q <= 1'b0;
      ip_ok_q <= 1'b0;
      arp_ok_q <= 1'b0;
      taken_q <= 32'd0;
      state_due_q <= 1'b0;
      repeat_q <= 1'b0;
      arp_q <= 1'b0;
    end
  end

endmodule
