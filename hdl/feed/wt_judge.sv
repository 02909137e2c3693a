// What a datagram is to its channel's sequence. Combinational.
//
// A datagram of another session begins that session, unless the session is the one before the present one:
// then it is old. What the host injects belongs to the present session, or is old.
module wt_judge #(
    parameter bit INJECTED = 1'b0
) (
    // There is one to be judged (else the outputs mean nothing).
    input  logic             valid_i,
    // verilator lint_off UNUSEDSIGNAL
    input  wt_pkg::cand_t    cand_i,  // its times are of no interest
    // verilator lint_on UNUSEDSIGNAL
    // Its channel's state: a session is known, and another before it; {that, the present one}; next sequence
    // number expected; datagrams are held, the earliest from this number on.
    input  logic             known_i,
    input  logic             two_i,
    input  logic [159:0]     sessions_i,
    input  logic [63:0]      expected_i,
    input  logic             held_i,
    input  logic [63:0]      held_seq_i,
    // The verdict; its messages, unless it is dealt with; it is earlier than what is held.
    output wt_pkg::verdict_e verdict_o,
    output logic [15:0]      count_o,
    output logic             earlier_o,
    // If it is next: how many of its messages are old, how many new, and where the first of these is.
    output logic [15:0]      old_o,
    output logic [15:0]      new_o,
    output logic [15:0]      addr_o
);

  logic same, over, ahead, behind;
  always_comb begin
    {same, over, ahead, behind} = 'x;
    earlier_o = 'x;
    new_o = 'x;
    addr_o = 'x;
    old_o = 'x;
    count_o = 'x;
    verdict_o = wt_pkg::IS_NEXT;
    if (valid_i) begin
      count_o = '0;
      same = known_i && sessions_i[79:0] == cand_i.session;
      over = INJECTED || (two_i && sessions_i[159:80] == cand_i.session);
      ahead = cand_i.seq > expected_i;
      behind = cand_i.behind <= expected_i;
      earlier_o = !held_i || cand_i.seq < held_seq_i;
      new_o = cand_i.behind[15:0] - expected_i[15:0];
      addr_o = cand_i.addr + expected_i[15:0] - cand_i.seq[15:0];
      old_o = expected_i[15:0] - cand_i.seq[15:0];
      if (!cand_i.done) count_o = cand_i.behind[15:0] - cand_i.seq[15:0];
      if (cand_i.done) verdict_o = wt_pkg::IS_OLD;
      else if (!same) verdict_o = over ? wt_pkg::IS_OLD : wt_pkg::IS_SESSION;
      else if (ahead) verdict_o = wt_pkg::IS_AHEAD;
      else if (cand_i.marker) verdict_o = wt_pkg::IS_MARKER;
      else if (behind) verdict_o = wt_pkg::IS_OLD;
    end
  end

endmodule
