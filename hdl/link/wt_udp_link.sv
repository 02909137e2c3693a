// The UDP link: the core's TLPs in datagrams over Ethernet, for a board without PCI Express (README.md beside this
// file). Stands where the shim of a PCIe hard block stands; frames come from and go to a MAC.
module wt_udp_link #(
    parameter logic [47:0] MAC = 48'h025754000002,  // as numbers
    parameter logic [31:0] IP = 32'hc0a83902,       // 192.168.57.2
    parameter logic [15:0] PORT = 16'd22356,
    parameter int unsigned WORDS_LOG2 = 12,         // the buffer of what was sent, in words of 8 bytes
    parameter int unsigned TLPS_LOG2 = 9,           // and in TLPs
    parameter int unsigned STATE_LOG2 = 15          // cycles of silence before the state is told
) (
    input  logic        clk_i,
    input  logic        rst_i,
    // Frames from the MAC, and to it: first byte in [7:0]; those to it in whole words.
    input  logic        rx_valid_i,
    output logic        rx_ready_o,
    input  logic [63:0] rx_data_i,
    input  logic        rx_last_i,
    input  logic        rx_error_i,
    output logic        tx_valid_o,
    input  logic        tx_ready_i,
    output logic [63:0] tx_data_o,
    output logic        tx_last_o,
    // TLPs of the core, and to it (wt_core, TLP_W 64).
    input  logic        tlp_tx_valid_i,
    output logic        tlp_tx_ready_o,
    input  logic [63:0] tlp_tx_data_i,
    input  logic        tlp_tx_last_i,
    output logic        tlp_rx_valid_o,
    input  logic        tlp_rx_ready_i,
    output logic [63:0] tlp_rx_data_o,
    output logic [1:0]  tlp_rx_keep_o,
    output logic        tlp_rx_last_o,
    // A host has opened the link.
    output logic        open_o
);

  // First byte on the wire lowest.
  localparam logic [47:0] MAC_WIRE = {MAC[7:0], MAC[15:8], MAC[23:16], MAC[31:24], MAC[39:32], MAC[47:40]};
  localparam logic [31:0] IP_WIRE = {IP[7:0], IP[15:8], IP[23:16], IP[31:24]};
  localparam logic [15:0] PORT_WIRE = {PORT[7:0], PORT[15:8]};

  wire [47:0] host_mac, sender_mac;
  wire [31:0] host_ip, sender_ip, taken, asked, oldest, next, sent, number;
  wire [15:0] host_port;
  wire [7:0] count;
  wire state_due, again, arp, ask, in_use, read;
  wire [WORDS_LOG2-1:0] start, read_at;
  wire [6:0] words;
  wire [63:0] word;

  wt_link_rx rx (
      .clk_i(clk_i), .rst_i(rst_i), .mac_i(MAC_WIRE), .ip_i(IP_WIRE), .port_i(PORT_WIRE), .rx_valid_i(rx_valid_i),
      .rx_ready_o(rx_ready_o), .rx_data_i(rx_data_i), .rx_last_i(rx_last_i), .rx_error_i(rx_error_i),
      .tlp_valid_o(tlp_rx_valid_o), .tlp_ready_i(tlp_rx_ready_i), .tlp_data_o(tlp_rx_data_o),
      .tlp_keep_o(tlp_rx_keep_o), .tlp_last_o(tlp_rx_last_o), .open_o(open_o), .host_mac_o(host_mac),
      .host_ip_o(host_ip), .host_port_o(host_port), .taken_o(taken), .state_due_o(state_due), .repeat_o(again),
      .number_o(asked), .count_o(count), .arp_o(arp), .sender_mac_o(sender_mac), .sender_ip_o(sender_ip));

  wt_link_store #(.WORDS_LOG2(WORDS_LOG2), .TLPS_LOG2(TLPS_LOG2)) store (
      .clk_i(clk_i), .rst_i(rst_i), .tlp_valid_i(tlp_tx_valid_i), .tlp_ready_o(tlp_tx_ready_o),
      .tlp_data_i(tlp_tx_data_i), .tlp_last_i(tlp_tx_last_i), .oldest_o(oldest), .next_o(next), .sent_i(sent),
      .ask_i(ask), .number_i(number), .start_o(start), .words_o(words), .in_use_i(in_use), .read_i(read),
      .read_at_i(read_at), .read_o(word));

  wt_link_tx #(.WORDS_LOG2(WORDS_LOG2), .STATE_LOG2(STATE_LOG2)) tx (
      .clk_i(clk_i), .rst_i(rst_i), .mac_i(MAC_WIRE), .ip_i(IP_WIRE), .port_i(PORT_WIRE), .open_i(open_o),
      .host_mac_i(host_mac), .host_ip_i(host_ip), .host_port_i(host_port), .taken_i(taken), .state_due_i(state_due),
      .repeat_i(again), .number_i(asked), .count_i(count), .arp_i(arp), .sender_mac_i(sender_mac),
      .sender_ip_i(sender_ip), .oldest_i(oldest), .next_i(next), .sent_o(sent), .ask_o(ask), .number_o(number),
      .start_i(start), .words_i(words), .in_use_o(in_use), .read_o(read), .read_at_o(read_at), .read_i(word),
      .tx_valid_o(tx_valid_o), .tx_ready_i(tx_ready_i), .tx_data_o(tx_data_o), .tx_last_o(tx_last_o));

endmodule
