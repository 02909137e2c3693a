// GMII bytes to RGMII pins with the ECP5's primitives (hdl/net/wt_rgmii_ddr_tx says what they do), and their clock,
// delayed by DELAY steps of 25 ps into the data's middle.
module wt_ecp5_ddr_tx #(
    parameter int unsigned DELAY = 80
) (
    input  logic       clk_i,
    input  logic [7:0] gmii_d_i,
    input  logic       gmii_en_i,
    input  logic       gmii_er_i,
    output logic [3:0] td_o,
    output logic       tx_ctl_o,
    output logic       tx_clk_o
);

  wire [4:0] low = {gmii_en_i, gmii_d_i[3:0]};
  wire [4:0] high = {gmii_en_i ^ gmii_er_i, gmii_d_i[7:4]};
  wire [4:0] pin;
  wire clk;
  genvar g;
  generate
    for (g = 0; g < 5; g = g + 1) begin : g_pin
      ODDRX1F ddr (.D0(low[g]), .D1(high[g]), .SCLK(clk_i), .RST(1'b0), .Q(pin[g]));
    end
  endgenerate
  assign {tx_ctl_o, td_o} = pin;

  ODDRX1F ddr_clk (.D0(1'b1), .D1(1'b0), .SCLK(clk_i), .RST(1'b0), .Q(clk));
  // verilator lint_off PINCONNECTEMPTY
  DELAYF #(.DEL_MODE("USER_DEFINED"), .DEL_VALUE(DELAY)) delay (
      .A(clk), .LOADN(1'b1), .MOVE(1'b0), .DIRECTION(1'b0), .Z(tx_clk_o), .CFLAG());
  // verilator lint_on PINCONNECTEMPTY

endmodule
