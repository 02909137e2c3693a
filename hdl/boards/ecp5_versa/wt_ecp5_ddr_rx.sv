// RGMII pins to GMII bytes with the ECP5's primitives (hdl/net/wt_rgmii_ddr_rx says what they do). The data are
// delayed by DELAY steps of 25 ps, against the clock that comes with them.
module wt_ecp5_ddr_rx #(
    parameter int unsigned DELAY = 80
) (
    input  logic       clk_i,
    input  logic [3:0] rd_i,
    input  logic       rx_ctl_i,
    output logic [7:0] gmii_d_o,
    output logic       gmii_dv_o,
    output logic       gmii_er_o
);

  wire [4:0] pin = {rx_ctl_i, rd_i};
  wire [4:0] late, low, high;
  genvar g;
  generate
    for (g = 0; g < 5; g = g + 1) begin : g_pin
      // verilator lint_off PINCONNECTEMPTY
      DELAYF #(.DEL_MODE("USER_DEFINED"), .DEL_VALUE(DELAY)) delay (
          .A(pin[g]), .LOADN(1'b1), .MOVE(1'b0), .DIRECTION(1'b0), .Z(late[g]), .CFLAG());
      // verilator lint_on PINCONNECTEMPTY
      IDDRX1F ddr (.D(late[g]), .SCLK(clk_i), .RST(1'b0), .Q0(low[g]), .Q1(high[g]));
    end
  endgenerate
  assign gmii_d_o = {high[3:0], low[3:0]};
  assign gmii_dv_o = low[4];
  assign gmii_er_o = low[4] ^ high[4];

endmodule
