// NASDAQ TotalView-ITCH 5.0 message to normalized operation. The only module that knows ITCH.
//
//   A F -> ADD   E C X -> REDUCE   D -> DELETE   U -> REPLACE   P Q -> TRADE
//   H -> STATE   R -> DIRECTORY    S -> SYSTEM   other types -> NOP
//   length disagrees with the type, type touches books (A F E C X D U), or side neither B nor S:
//     BAD, counted; whole_channel when the locate is cut off (length under 3)
//   length disagrees, other types: NOP, counted as bad length
//   unknown type (an empty message too): NOP, counted as unknown
// The locate is taken when length >= 3 and the timestamp when length >= 11, whatever the type;
// else they are 0. Fields that an operation does not name keep what an earlier one left.
// OP_GAP, OP_GAP_NOTE, OP_HEARTBEAT and OP_SESSION pass through, with an empty raw message.
//
// Latency: one cycle. One message a cycle.
module wt_itch_decode (
    input  logic         clk_i,
    input  logic         rst_i,
    // From wt_arbiter: OP_NOP means a message to decode.
    input  logic         in_valid_i,
    output logic         in_ready_o,
    input  wt_pkg::op_e  in_op_i,
    // Of the host, for a symbol that is being loaded; OP_JOIN has its fields in the message (wt_inject).
    input  logic         in_load_i,
    // It was injected, not received.
    input  logic         in_recovered_i,
    input  logic [2:0]   in_channel_i,
    input  wt_pkg::raw_t in_raw_i,
    input  logic [63:0]  in_seq_i,
    input  logic [63:0]  in_ns_i,
    input  logic [31:0]  in_cycle_i,
    input  logic [63:0]  in_first_i,
    input  logic [63:0]  in_missing_i,
    input  logic [79:0]  in_session_i,
    input  logic [7:0]   in_event_i,
    // Operation and message, one handshake.
    output logic         op_valid_o,
    input  logic         op_ready_i,
    output wt_pkg::op_t  op_o,
    output wt_pkg::raw_t raw_o
);

  // Numbers are big endian on the wire, and byte 0 is bits [7:0] here.
  function automatic logic [15:0] be16(input logic [15:0] v);
    be16 = {v[7:0], v[15:8]};
  endfunction
  function automatic logic [31:0] be32(input logic [31:0] v);
    be32 = {v[7:0], v[15:8], v[23:16], v[31:24]};
  endfunction
  function automatic logic [63:0] be64(input logic [63:0] v);
    be64 = {v[7:0], v[15:8], v[23:16], v[31:24], v[39:32], v[47:40], v[55:48], v[63:56]};
  endfunction

  // Length of each type; 0: unknown.
  function automatic logic [7:0] type_length(input logic [7:0] kind);
    case (kind)
      "S", "W":      type_length = 8'd12;
      "R":           type_length = 8'd39;
      "H":           type_length = 8'd25;
      "Y", "N":      type_length = 8'd20;
      "L":           type_length = 8'd26;
      "V", "J", "U": type_length = 8'd35;
      "K":           type_length = 8'd28;
      "h":           type_length = 8'd21;
      "A", "C":      type_length = 8'd36;
      "F", "Q":      type_length = 8'd40;
      "E":           type_length = 8'd31;
      "X":           type_length = 8'd23;
      "D", "B":      type_length = 8'd19;
      "P":           type_length = 8'd44;
      "I":           type_length = 8'd50;
      "O":           type_length = 8'd48;
      default:       type_length = 8'd0;
    endcase
  endfunction

  function automatic logic touches_books(input logic [7:0] kind);
    case (kind)
      "A", "F", "E", "C", "X", "D", "U": touches_books = 1'b1;
      default:                           touches_books = 1'b0;
    endcase
  endfunction

  // verilator lint_off UNUSEDSIGNAL
  wire [399:0] m = in_raw_i.raw;  // tracking number and the last bytes of I mean nothing to the book
  // verilator lint_on UNUSEDSIGNAL
  wire [7:0]   kind = m[7:0];
  wire [7:0]   length = in_raw_i.length;
  wire [7:0]   right_length = type_length(kind);  // an empty message is all zeros: type 0
  wire         unknown = right_length == 8'd0;
  wire         bad_side = (kind == "A" || kind == "F") && m[159:152] != "B" && m[159:152] != "S";

  logic         op_valid_q;
  wt_pkg::op_t  op_q;
  wt_pkg::raw_t raw_q;

  assign in_ready_o = !op_valid_q || op_ready_i;
  assign op_valid_o = op_valid_q;
  assign op_o = op_q;
  assign raw_o = raw_q;

  always_ff @(posedge clk_i) begin
    if (in_ready_o) op_valid_q <= in_valid_i;
    if (in_ready_o && in_valid_i) begin
      op_q.channel <= in_channel_i;
      op_q.load <= in_load_i;
      op_q.recovered <= in_load_i || in_recovered_i;
      op_q.seq <= in_seq_i;
      op_q.ingress_ns <= in_ns_i;
      op_q.ingress_cycle <= in_cycle_i;
      op_q.whole_channel <= 1'b0;
      op_q.counts_as_bad_length <= 1'b0;
      op_q.counts_as_unknown_type <= 1'b0;

      if (in_op_i != wt_pkg::OP_NOP) begin
        op_q.op <= in_op_i;
        op_q.exch_ns <= '0;
        op_q.locate <= '0;
        op_q.order_ref <= in_first_i;
        op_q.big_shares <= in_missing_i;
        op_q.session <= in_session_i;
        op_q.state <= in_event_i;
        raw_q <= '0;
        if (in_op_i == wt_pkg::OP_JOIN) begin
          op_q.locate <= m[15:0];
          op_q.seq <= m[79:16];
          op_q.order_ref <= m[143:80];
        end
      end else begin
        raw_q <= in_raw_i;
        op_q.locate <= length >= 8'd3 ? be16(m[23:8]) : 16'd0;
        op_q.exch_ns <= length >= 8'd11 ? {be16(m[55:40]), be32(m[87:56])} : 48'd0;
        if (unknown) begin
          op_q.op <= wt_pkg::OP_NOP;
          op_q.counts_as_unknown_type <= 1'b1;
        end else if (length != right_length || bad_side) begin
          op_q.op <= touches_books(kind) ? wt_pkg::OP_BAD : wt_pkg::OP_NOP;
          op_q.whole_channel <= touches_books(kind) && length < 8'd3;
          op_q.counts_as_bad_length <= 1'b1;
        end else
          case (kind)
            "A", "F": begin
              op_q.op <= wt_pkg::OP_ADD;
              op_q.order_ref <= be64(m[151:88]);
              op_q.sell <= m[159:152] == "S";
              op_q.shares <= be32(m[191:160]);
              op_q.name <= m[255:192];
              op_q.price <= be32(m[287:256]);
            end
            "E", "C": begin
              op_q.op <= wt_pkg::OP_REDUCE;
              op_q.order_ref <= be64(m[151:88]);
              op_q.shares <= be32(m[183:152]);
              op_q.big_shares <= {32'd0, be32(m[183:152])};
              op_q.match <= be64(m[247:184]);
              op_q.is_exec <= 1'b1;
              op_q.cross_type <= 8'd0;
              op_q.exec_price <= kind == "C";
              op_q.print <= kind == "C" ? wt_schema_pkg::TRADE_KIND_EXECUTION_PRICE
                                        : wt_schema_pkg::TRADE_KIND_EXECUTION;
              op_q.printable <= kind == "E" || m[255:248] == "Y";
              op_q.price <= kind == "C" ? be32(m[287:256]) : 32'd0;
            end
            "X": begin
              op_q.op <= wt_pkg::OP_REDUCE;
              op_q.order_ref <= be64(m[151:88]);
              op_q.shares <= be32(m[183:152]);
              op_q.is_exec <= 1'b0;
              op_q.exec_price <= 1'b0;
            end
            "D": begin
              op_q.op <= wt_pkg::OP_DELETE;
              op_q.order_ref <= be64(m[151:88]);
            end
            "U": begin
              op_q.op <= wt_pkg::OP_REPLACE;
              op_q.order_ref <= be64(m[151:88]);
              op_q.new_ref <= be64(m[215:152]);
              op_q.shares <= be32(m[247:216]);
              op_q.price <= be32(m[279:248]);
            end
            "P": begin
              op_q.op <= wt_pkg::OP_TRADE;
              op_q.order_ref <= be64(m[151:88]);
              op_q.sell <= m[159:152] == "S";
              op_q.big_shares <= {32'd0, be32(m[191:160])};
              op_q.name <= m[255:192];
              op_q.price <= be32(m[287:256]);
              op_q.match <= be64(m[351:288]);
              op_q.print <= wt_schema_pkg::TRADE_KIND_NON_DISPLAYED;
              op_q.printable <= 1'b1;
              op_q.cross_type <= 8'd0;
            end
            "Q": begin
              op_q.op <= wt_pkg::OP_TRADE;
              op_q.sell <= 1'b0;
              op_q.big_shares <= be64(m[151:88]);
              op_q.name <= m[215:152];
              op_q.price <= be32(m[247:216]);
              op_q.match <= be64(m[311:248]);
              op_q.cross_type <= m[319:312];
              op_q.print <= wt_schema_pkg::TRADE_KIND_CROSS;
              op_q.printable <= 1'b1;
            end
            "H": begin
              op_q.op <= wt_pkg::OP_STATE;
              op_q.name <= m[151:88];
              op_q.state <= m[159:152];
              op_q.reason <= m[199:168];
            end
            "R": begin
              op_q.op <= wt_pkg::OP_DIRECTORY;
              op_q.name <= m[151:88];
            end
            "S": begin
              op_q.op <= wt_pkg::OP_SYSTEM;
              op_q.state <= m[95:88];
            end
            default: op_q.op <= wt_pkg::OP_NOP;
          endcase
      end
    end
    if (rst_i) op_valid_q <= 1'b0;
  end

endmodule
