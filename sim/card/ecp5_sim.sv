// What the ECP5's primitives do, for the simulation of a board's top level (sim/card/board.h). The PLL passes its
// clock through: the simulation gives the pin 125 MHz at once; a delay is none.
// verilator lint_off DECLFILENAME
// verilator lint_off UNUSEDSIGNAL
// verilator lint_off UNUSEDPARAM
module EHXPLLL #(
    parameter CLKI_DIV = 1, parameter CLKFB_DIV = 1, parameter CLKOP_DIV = 1, parameter CLKOP_CPHASE = 0,
    parameter CLKOP_ENABLE = "ENABLED", parameter FEEDBK_PATH = "CLKOP"
) (
    input logic CLKI, CLKFB, RST, STDBY, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP, PHASELOADREG, PLLWAKESYNC,
    input logic ENCLKOP, ENCLKOS, ENCLKOS2, ENCLKOS3,
    output logic CLKOP, CLKOS, CLKOS2, CLKOS3, LOCK, INTLOCK, REFCLK, CLKINTFB
);
  assign CLKOP = CLKI;
  assign {CLKOS, CLKOS2, CLKOS3, LOCK, INTLOCK, REFCLK, CLKINTFB} = 7'b0001000;
endmodule

module DELAYF #(
    parameter DEL_MODE = "USER_DEFINED", parameter DEL_VALUE = 0
) (
    input logic A, LOADN, MOVE, DIRECTION,
    output logic Z, CFLAG
);
  assign Z = A;
  assign CFLAG = 1'b0;
endmodule

// Q0: D at the rising edge; Q1: at the falling edge behind it; both from the next rising edge on.
module IDDRX1F (
    input logic D, SCLK, RST,
    output logic Q0, Q1
);
  logic rise_q, fall_q;
  always_ff @(posedge SCLK) begin
    rise_q <= D;
    Q0 <= rise_q;
    Q1 <= fall_q;
  end
  always_ff @(negedge SCLK) fall_q <= D;
endmodule

module ODDRX1F (
    input logic D0, D1, SCLK, RST,
    output logic Q
);
  logic d0_q, d1_q;
  always_ff @(posedge SCLK) begin
    d0_q <= D0;
    d1_q <= D1;
  end
  assign Q = SCLK ? d0_q : d1_q;
endmodule
