// wt_regs, from any state at rest: whatever one TLP of up to five beats of 64 bits contains, it is
// taken, answered by exactly one completion if it is a good read and by none if it is a write, and
// the card is at rest again; a read returns the register's value, with the requester's id and tag; a
// one-dword write changes exactly the enabled bytes of exactly the addressed register, anything but a
// write nothing. At rest again means
// that the same holds for the next one: so for every sequence of such TLPs.
//
// The symbol window is cut out: its RAM answers anything.
//
// RTL: hdl/pcie/wt_regs.sv
// TOP: wt_regs -set TLP_W 64 -set SYMBOLS 8
// INSIDE: hdl/pcie/wt_regs.sv
// EDIT: hdl/pcie/wt_regs.sv: assign ring_o = ring_map[ring_sym_i]; => assign ring_o = 3'd0;
// ENGINE: abc
// PROVE: bounded 15
// COVER: 15
// MUTANT 15: hdl/pcie/wt_regs.sv: S_RESP: if (cpl_ready_i) state_q <= S_RECV => S_RESP: state_q <= S_RECV
// MUTANT 15: hdl/pcie/wt_regs.sv: REG_OF_CONS):      of_cons_q[8*w+:8] <= wr_dw[8*w+:8] => REG_OF_CONS):      of_cons_q <= wr_dw
// MUTANT 15: hdl/pcie/wt_regs.sv: wr_dw = second_q ? => wr_dw = !second_q ?
// MUTANT 15: hdl/pcie/wt_regs.sv: cpl_q[79:72] <= head_q[47:40] => cpl_q[79:72] <= head_q[39:32]
// MUTANT 15: hdl/pcie/wt_regs.sv: !bad_keep_q && dwords_q == expected => !bad_keep_q
module wt_ram_1rw1r #(
    parameter int unsigned WIDTH = 32,
    parameter int unsigned ADDR_W = 8
) (
    input  logic              clk_i,
    input  logic              wr_en_i,
    input  logic              rd_en_i,
    input  logic [ADDR_W-1:0] addr_i,
    input  logic [WIDTH-1:0]  wr_data_i,
    output logic [WIDTH-1:0]  rd_data_o,
    input  logic [ADDR_W-1:0] b_addr_i,
    output logic [WIDTH-1:0]  b_data_o
);
  (* anyseq *) reg [WIDTH-1:0] f_data, f_b_data;
  assign rd_data_o = f_data;
  assign b_data_o = f_b_data;
endmodule
