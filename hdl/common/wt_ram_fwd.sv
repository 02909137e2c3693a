// Simple dual-port RAM that forwards: one write and one read port, one clock.
//
// Latency: rd_data_o is valid in the cycle after rd_addr_i with rd_en_i, and holds its value while
// rd_en_i is 0. A read of the address that is written in the same cycle returns the NEW content.
// No reset and no initial contents: the user sweeps it. For small tables: the address compare and the
// multiplexer are in front of the output register. A user that never reads an address in the cycle in which
// it is written says so with FORWARD = 0: then they are not there.
module wt_ram_fwd #(
    parameter int unsigned WIDTH = 32,
    parameter int unsigned ADDR_W = 8,
    parameter bit FORWARD = 1'b1
) (
    input  logic              clk_i,
    input  logic              wr_en_i,
    input  logic [ADDR_W-1:0] wr_addr_i,
    input  logic [WIDTH-1:0]  wr_data_i,
    input  logic              rd_en_i,
    input  logic [ADDR_W-1:0] rd_addr_i,
    output logic [WIDTH-1:0]  rd_data_o
);

  logic [WIDTH-1:0] mem [0:2**ADDR_W-1];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
    if (rd_en_i) begin
      if (FORWARD && wr_en_i && wr_addr_i == rd_addr_i) rd_data_o <= wr_data_i;
      else rd_data_o <= mem[rd_addr_i];
    end
  end

endmodule
