// Simple dual-port RAM: one write and one read port, one clock.
//
// Latency: rd_data_o is valid in the cycle after rd_addr_i with rd_en_i, and holds its value while
// rd_en_i is 0. A read of the address that is written in the same cycle returns the OLD content.
// A user that never looks at what such a read returns says so with COLLIDES = 0: block RAMs that do not
// promise the old content then need no logic beside them. With URAM = 1, which wants COLLIDES = 0, it is made of UltraRAM.
// No reset and no initial contents (UltraRAM has none): the user sweeps it.
module wt_ram_1r1w #(
    parameter int unsigned WIDTH = 32,
    parameter int unsigned ADDR_W = 8,
    parameter bit COLLIDES = 1'b1,
    parameter bit URAM = 1'b0
) (
    input  logic              clk_i,
    input  logic              wr_en_i,
    input  logic [ADDR_W-1:0] wr_addr_i,
    input  logic [WIDTH-1:0]  wr_data_i,
    input  logic              rd_en_i,
    input  logic [ADDR_W-1:0] rd_addr_i,
    output logic [WIDTH-1:0]  rd_data_o
);

  generate
    if (COLLIDES) begin : g_old
      logic [WIDTH-1:0] mem [0:2**ADDR_W-1];
      always_ff @(posedge clk_i) begin
        if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
        if (rd_en_i) rd_data_o <= mem[rd_addr_i];
      end
    end else if (URAM) begin : g_uram
      (* no_rw_check, rw_addr_collision = "no", ram_style = "ultra" *) logic [WIDTH-1:0] mem [0:2**ADDR_W-1];
      always_ff @(posedge clk_i) begin
        if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
        if (rd_en_i) rd_data_o <= mem[rd_addr_i];
      end
    end else begin : g_any
      (* no_rw_check *) logic [WIDTH-1:0] mem [0:2**ADDR_W-1];
      always_ff @(posedge clk_i) begin
        if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
        if (rd_en_i) rd_data_o <= mem[rd_addr_i];
      end
    end
  endgenerate

endmodule
