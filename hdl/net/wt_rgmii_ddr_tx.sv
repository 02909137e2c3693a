// GMII bytes to RGMII pins, as behaviour: a board puts its DDR output primitives in place of this
// module (ECP5 ODDRX1F, UltraScale ODDRE1), and makes txc of clk_i, delayed into the data's middle
// where the PHY does not do that.
module wt_rgmii_ddr_tx (
    input  logic       clk_i,
    input  logic [7:0] gmii_d_i,
    input  logic       gmii_en_i,
    input  logic       gmii_er_i,
    output logic [3:0] td_o,
    output logic       tx_ctl_o
);

  // While the clock is high the lower half of the byte and en, then the upper half and en ^ er.
  assign td_o = clk_i ? gmii_d_i[3:0] : gmii_d_i[7:4];
  assign tx_ctl_o = clk_i ? gmii_en_i : gmii_en_i ^ gmii_er_i;

endmodule
