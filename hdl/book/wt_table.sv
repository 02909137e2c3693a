// Exact hash table of the book, in one of two builds: wt_hash, a lookup every cycle, or (STEPS above 1)
// wt_hash_stepped, one at a time in few cells. Of that the results take 8 cycles, two steps of four.
module wt_table #(
    parameter int unsigned STEPS = 1,
    parameter int unsigned KEY_W = 64,
    parameter int unsigned VAL_W = 32,
    parameter int unsigned SLOTS_LOG2 = 16,
    parameter int unsigned WAYS = 4,
    parameter int unsigned OWNER_W = 6,
    parameter int unsigned OWNER_LSB = 64,
    parameter bit URAM = 1'b0,  // not when stepped
    localparam int unsigned LOC_W = 2 * SLOTS_LOG2 - $clog2(2 * WAYS)
) (
    // As in wt_hash.
    input  logic                  clk_i,
    input  logic                  rst_i,
    output logic                  ready_o,
    input  logic [2**OWNER_W-1:0] dead_i,
    input  logic                  lookup_i,
    input  logic [KEY_W-1:0]      key_i,
    input  logic                  keep_i,   // 0 when stepped
    output logic                  hit_o,
    output logic                  full_o,
    output logic [VAL_W-1:0]      val_o,
    output logic [LOC_W-1:0]      loc_o,
    output logic                  stale_o,
    input  logic                  write_i,
    input  logic                  remove_i,
    input  logic                  kick_i,
    input  logic [LOC_W-1:0]      loc_i,
    input  logic [KEY_W-1:0]      wkey_i,
    input  logic [VAL_W-1:0]      wval_i,
    output logic                  busy_o,
    output logic                  fail_o
);

  generate
    if (STEPS > 1) begin : g_stepped
      wire unused = keep_i;
      assign stale_o = 1'b0;
      wt_hash_stepped #(
          .KEY_W(KEY_W), .VAL_W(VAL_W), .SLOTS_LOG2(SLOTS_LOG2), .WAYS(WAYS), .OWNER_W(OWNER_W), .OWNER_LSB(OWNER_LSB)
      ) u_hash (
          .clk_i(clk_i), .rst_i(rst_i), .ready_o(ready_o), .dead_i(dead_i), .lookup_i(lookup_i), .key_i(key_i),
          .hit_o(hit_o), .full_o(full_o), .val_o(val_o), .loc_o(loc_o), .write_i(write_i), .remove_i(remove_i),
          .kick_i(kick_i), .loc_i(loc_i), .wkey_i(wkey_i), .wval_i(wval_i), .busy_o(busy_o), .fail_o(fail_o));
    end else begin : g_fast
      wt_hash #(
          .KEY_W(KEY_W), .VAL_W(VAL_W), .SLOTS_LOG2(SLOTS_LOG2), .WAYS(WAYS), .OWNER_W(OWNER_W), .OWNER_LSB(OWNER_LSB),
          .URAM(URAM)
      ) u_hash (
          .clk_i(clk_i), .rst_i(rst_i), .ready_o(ready_o), .dead_i(dead_i), .lookup_i(lookup_i), .key_i(key_i),
          .keep_i(keep_i), .hit_o(hit_o), .full_o(full_o), .val_o(val_o), .loc_o(loc_o), .stale_o(stale_o),
          .write_i(write_i), .remove_i(remove_i), .kick_i(kick_i), .loc_i(loc_i), .wkey_i(wkey_i), .wval_i(wval_i),
          .busy_o(busy_o), .fail_o(fail_o));
    end
  endgenerate

endmodule
