// RAM with two ports, one clock: one that reads or writes, one that only reads.
//
// Latency: data in the cycle after the address with rd_en, held while rd_en is 0. A cycle that writes does not read. What a
// read of the other port's address returns in the cycle in which it is written, nobody may look at: block RAMs promise
// nothing, and so need nothing beside them.
// No reset and no initial contents: the user sweeps it.
module wt_ram_1rw1r #(
    parameter int unsigned WIDTH = 32,
    parameter int unsigned ADDR_W = 8
) (
    input  logic              clk_i,
    // Reads or writes.
    input  logic              wr_en_i,
    input  logic              rd_en_i,
    input  logic [ADDR_W-1:0] addr_i,
    input  logic [WIDTH-1:0]  wr_data_i,
    output logic [WIDTH-1:0]  rd_data_o,
    // Only reads.
    input  logic [ADDR_W-1:0] b_addr_i,
    output logic [WIDTH-1:0]  b_data_o
);

  (* no_rw_check *) logic [WIDTH-1:0] mem [0:2**ADDR_W-1];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) mem[addr_i] <= wr_data_i;
    else if (rd_en_i) rd_data_o <= mem[addr_i];
    b_data_o <= mem[b_addr_i];
  end

endmodule
