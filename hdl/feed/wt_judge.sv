// What a datagram is to its channel's sequence. Combinational.
//
// A datagram of another session begins that session, unless the session is the one before the present one:
// then it is old. What the host injects belongs to the present session, or is old.
module wt_judge #(
    parameter bit INJECTED = 1'b0
) (
    // verilator lint_off UNUSEDSIGNAL
    input  wt_pkg::cand_t    cand_i,  // its times and its place are of no interest
    // verilator lint_on UNUSEDSIGNAL
    // Its channel, and that channel's state: a session is known, and another before it; {that, the present
    // one}; next sequence number expected.
    output logic [2:0]       channel_o,
    input  logic             known_i,
    input  logic             two_i,
    input  logic [159:0]     sessions_i,
    input  logic [63:0]      expected_i,
    // The verdict; how many of its messages are old.
    output wt_pkg::verdict_e verdict_o,
    output logic [15:0]      old_o
);

  assign channel_o = cand_i.channel;

  wire same = known_i && sessions_i[79:0] == cand_i.session;
  wire over = INJECTED || (two_i && sessions_i[159:80] == cand_i.session);
  wire [15:0] count = cand_i.behind[15:0] - cand_i.seq[15:0];

  always_comb begin
    old_o = 16'd0;
    if (cand_i.done) begin
      verdict_o = wt_pkg::IS_OLD;
    end else if (!same) begin
      verdict_o = over ? wt_pkg::IS_OLD : wt_pkg::IS_SESSION;
      if (over) old_o = count;
    end else if (cand_i.seq > expected_i) begin
      verdict_o = wt_pkg::IS_AHEAD;
    end else if (cand_i.marker) begin
      verdict_o = wt_pkg::IS_MARKER;
    end else if (cand_i.behind <= expected_i) begin
      verdict_o = wt_pkg::IS_OLD;
      old_o = count;
    end else begin
      verdict_o = wt_pkg::IS_NEXT;
      old_o = expected_i[15:0] - cand_i.seq[15:0];
    end
  end

endmodule
