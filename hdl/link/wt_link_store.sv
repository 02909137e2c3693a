// The datagrams of the UDP link: TLPs from the core, numbered, in a ring of words that keeps them for repetition as
// long as it can. What is overwritten is the oldest, never a TLP that has not been sent.
//
// At most two TLPs wait to be sent: what else is to leave gathers in the core, and leaves in larger TLPs.
//
// Latency: a TLP may be looked up one cycle after its last beat; found_o two cycles after ask_i; words one
// cycle after read_i.
module wt_link_store #(
    parameter int unsigned WORDS_LOG2 = 12,  // of 8 bytes
    parameter int unsigned TLPS_LOG2 = 9,    // TLPs that are kept at most
    parameter int unsigned TLP_WORDS = 66    // of the longest TLP: header of 4 dwords, 512 bytes
) (
    input  logic        clk_i,
    input  logic        rst_i,
    // TLPs, 64 bits a beat (wt_core). A dword that is missing in the last beat is kept as it comes.
    input  logic        tlp_valid_i,
    output logic        tlp_ready_o,
    input  logic [63:0] tlp_data_i,
    input  logic        tlp_last_i,
    // Numbers: of the oldest TLP that is kept; of the next one that will come; of the first that is not sent yet.
    output logic [31:0] oldest_o,
    output logic [31:0] next_o,
    input  logic [31:0] sent_i,
    // Where a TLP is, and how long: ask_i for one cycle, start and words two cycles later, until the next ask.
    input  logic        ask_i,
    input  logic [31:0] number_i,
    output logic [WORDS_LOG2-1:0] start_o,
    output logic [6:0]  words_o,
    // It is in use: it stays, number_i with it.
    input  logic        in_use_i,
    input  logic        read_i,
    input  logic [WORDS_LOG2-1:0] read_at_i,
    output logic [63:0] read_o
);

  localparam logic [2:0] S_WAIT = 3'd0;   // for few to wait to be sent
  localparam logic [2:0] S_SUM = 3'd1;    // what room is there?
  localparam logic [2:0] S_ROOM = 3'd2;   // enough for the longest TLP?
  localparam logic [2:0] S_EVICT = 3'd3;  // no: the oldest goes
  localparam logic [2:0] S_TAKE = 3'd4;   // one TLP comes in
  logic [2:0] state_q;
  logic [WORDS_LOG2-1:0] wr_q, start_q, oldest_at_q;
  logic [31:0] next_q, oldest_q;
  logic [6:0]  words_q;
  logic        room_q, ask_q;
  logic [WORDS_LOG2+6:0] found_q;

  assign tlp_ready_o = state_q == S_TAKE;
  assign oldest_o = oldest_q;
  assign next_o = next_q;

  wire take = tlp_valid_i && tlp_ready_o;
  wire [31:0] second = oldest_q + 32'd1;
  wire [31:0] kept = next_q - oldest_q;
  wire [31:0] unsent = next_q - sent_i;
  wire [WORDS_LOG2-1:0] free = oldest_at_q - wr_q;
  wire evict = state_q == S_ROOM && !room_q && !ask_i && !(in_use_i && number_i == oldest_q);
  wire [WORDS_LOG2+6:0] entry;

  wt_ram_1r1w #(.WIDTH(WORDS_LOG2 + 7), .ADDR_W(TLPS_LOG2), .COLLIDES(1'b0)) places (
      .clk_i(clk_i), .wr_en_i(take && tlp_last_i), .wr_addr_i(next_q[TLPS_LOG2-1:0]),
      .wr_data_i({words_q + 7'd1, start_q}), .rd_en_i(ask_i || evict),
      .rd_addr_i(ask_i ? number_i[TLPS_LOG2-1:0] : second[TLPS_LOG2-1:0]), .rd_data_o(entry));
  wt_ram_1r1w #(.WIDTH(64), .ADDR_W(WORDS_LOG2), .COLLIDES(1'b0)) words (
      .clk_i(clk_i), .wr_en_i(take), .wr_addr_i(wr_q), .wr_data_i(tlp_data_i),
      .rd_en_i(read_i), .rd_addr_i(read_at_i), .rd_data_o(read_o));

  assign {words_o, start_o} = found_q;

  always_ff @(posedge clk_i) begin
    ask_q <= ask_i;
    if (ask_q) found_q <= entry;
    case (state_q)
      S_WAIT: if (unsent < 32'd2) state_q <= S_SUM;
      S_SUM: begin
        room_q <= kept == 32'd0 || (free >= WORDS_LOG2'(TLP_WORDS) && kept < 32'(2**TLPS_LOG2 - 1));
        state_q <= S_ROOM;
      end
      S_ROOM:
        if (room_q) state_q <= S_TAKE;
        else if (evict) state_q <= S_EVICT;
      S_EVICT: begin
        oldest_q <= second;
        oldest_at_q <= entry[WORDS_LOG2-1:0];
        state_q <= S_SUM;
      end
      default:
        if (take) begin
          wr_q <= wr_q + 1'b1;
          words_q <= words_q + 7'd1;
          if (tlp_last_i) begin
            state_q <= S_WAIT;
            words_q <= 7'd0;
            next_q <= next_q + 32'd1;
            start_q <= wr_q + 1'b1;
            if (kept == 32'd0) oldest_at_q <= start_q;
          end
        end
    endcase
    if (rst_i) begin
      state_q <= S_WAIT;
      wr_q <= '0;
      start_q <= '0;
      next_q <= 32'd0;
      oldest_q <= 32'd0;
      words_q <= 7'd0;
    end
  end

endmodule
