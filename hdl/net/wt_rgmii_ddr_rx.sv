// RGMII pins to GMII bytes, as behaviour: a board puts its DDR input primitives in place of this
// module (ECP5 IDDRX1F, UltraScale IDDRE1). clk_i is rxc, delayed so that it samples amid the data.
//
// Latency: a byte is there one cycle after its lower half was sampled.
module wt_rgmii_ddr_rx (
    input  logic       clk_i,
    input  logic [3:0] rd_i,
    input  logic       rx_ctl_i,
    output logic [7:0] gmii_d_o,
    output logic       gmii_dv_o,
    output logic       gmii_er_o
);

  logic [3:0] low_q, high_q;
  logic       dv_q, ctl_q;

  always_ff @(posedge clk_i) begin
    low_q <= rd_i;
    dv_q <= rx_ctl_i;
    gmii_d_o <= {high_q, low_q};
    gmii_dv_o <= dv_q;
    gmii_er_o <= dv_q ^ ctl_q;
  end

  always_ff @(negedge clk_i) begin
    high_q <= rd_i;
    ctl_q <= rx_ctl_i;
  end

endmodule
