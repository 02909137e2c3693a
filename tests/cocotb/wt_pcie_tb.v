// What a simulation in Python would be slow at: clock, stalls of the streams at random, records to put in. Icarus runs it
// around wt_pcie_dut, of which yosys made a netlist. cocotb drives the regs that nothing here assigns.
`timescale 1ns / 1ps
module wt_pcie_tb;
  parameter W = 256;

  reg clk = 0, slow_clk = 0, rst = 1;
  always #2 clk = !clk;
  always #16 slow_clk = !slow_clk;

  // Stalls, percent of the time; the seed of all that is random here.
  reg [6:0] busy = 0;
  integer seed = 1;

  // ---- streams of the hard block, as the model drives them
  wire [W-1:0] rq_tdata, cc_tdata;
  wire [W/32-1:0] rq_tkeep, cc_tkeep;
  wire rq_tlast, rq_tvalid, cc_tlast, cc_tvalid, rc_tready, cq_tready;
  wire [61:0] rq_tuser;
  wire [32:0] cc_tuser;
  reg [W-1:0] rc_tdata, cq_tdata;
  reg [W/32-1:0] rc_tkeep, cq_tkeep;
  reg rc_tlast, rc_tvalid, cq_tlast, cq_tvalid, rq_tready, cc_tready;
  reg [74:0] rc_tuser;
  reg [87:0] cq_tuser;
  reg [1:0] cfg_max_payload = 0;
  reg [15:0] cfg_function_status = 0;
  reg [7:0] cfg_bus_number = 0;
  reg [3:0] cfg_msix_enable = 0, cfg_msix_mask = 0;  // a bit of each function

  // The model reads dwords that are not kept, too, and takes no X for an answer. (Bit by bit in one expression: what
  // has more than one driver is slow in Icarus.)
  wire [W-1:0] rq_raw, cc_raw;
  assign rq_tdata = rq_raw & {{32{rq_tkeep[7]}}, {32{rq_tkeep[6]}}, {32{rq_tkeep[5]}}, {32{rq_tkeep[4]}},
                              {32{rq_tkeep[3]}}, {32{rq_tkeep[2]}}, {32{rq_tkeep[1]}}, {32{rq_tkeep[0]}}};
  assign cc_tdata = cc_raw & {{32{cc_tkeep[7]}}, {32{cc_tkeep[6]}}, {32{cc_tkeep[5]}}, {32{cc_tkeep[4]}},
                              {32{cc_tkeep[3]}}, {32{cc_tkeep[2]}}, {32{cc_tkeep[1]}}, {32{cc_tkeep[0]}}};

  wire rq_valid, cc_valid, rc_ready, cq_ready;
  wire rq_stall, cc_stall, rc_stall, cq_stall, np_stall;
  assign rq_tvalid = rq_valid && !rq_stall;
  assign cc_tvalid = cc_valid && !cc_stall;
  assign rc_tready = rc_ready && !rc_stall;
  assign cq_tready = cq_ready && !cq_stall;
  stall rq_s (clk, busy, rq_tvalid && !rq_tready, rq_stall);
  stall cc_s (clk, busy, cc_tvalid && !cc_tready, cc_stall);
  stall rc_s (clk, busy, rc_tvalid && !rc_stall && !rc_ready, rc_stall);
  stall cq_s (clk, busy, cq_tvalid && !cq_stall && !cq_ready, cq_stall);
  stall np_s (clk, busy, 1'b0, np_stall);

  // ---- records
  integer events = 0, flow = 0;  // how many to put in, from the start of the files
  reg load = 0;                  // 1: read the files again, start at their beginning
  reg [6:0] duty = 100;          // percent of them that the next one follows at once
  reg [15:0] gap = 20;           // else it comes up to so many cycles later
  wire [31:0] events_in, flow_in;
  wire ev_valid, ev_ready, of_valid, of_ready;
  wire [3:0] ev_ring, of_ring;
  wire [479:0] ev_data, of_data;
  feeder #("events.hex") ev_f (clk, load, duty, gap, events, events_in, ev_valid, ev_ready, ev_ring, ev_data);
  feeder #("flow.hex") of_f (clk, load, duty, gap, flow, flow_in, of_valid, of_ready, of_ring, of_data);

  // ---- lines to read, as Python asks for them
  reg addr_valid = 0, line_ready = 0;
  reg [63:0] addr = 0;
  wire addr_ready, line_valid;
  wire [511:0] line;
  reg [15:0] sweep_cycles = 50;
  wire run, idle;

  wt_pcie_dut dut (
      .clk_i(clk), .rst_i(rst), .rq_tdata(rq_raw), .rq_tkeep(rq_tkeep), .rq_tlast(rq_tlast), .rq_tvalid(rq_valid),
      .rq_tuser(rq_tuser), .rq_tready(rq_tready && !rq_stall), .rc_tdata(rc_tdata), .rc_tkeep(rc_tkeep),
      .rc_tlast(rc_tlast), .rc_tvalid(rc_tvalid && !rc_stall), .rc_tuser(rc_tuser), .rc_tready(rc_ready),
      .cq_tdata(cq_tdata), .cq_tkeep(cq_tkeep), .cq_tlast(cq_tlast), .cq_tvalid(cq_tvalid && !cq_stall),
      .cq_tuser(cq_tuser), .cq_tready(cq_ready), .cc_tdata(cc_raw), .cc_tkeep(cc_tkeep), .cc_tlast(cc_tlast),
      .cc_tvalid(cc_valid), .cc_tuser(cc_tuser), .cc_tready(cc_tready && !cc_stall), .tfc_nph_av(np_stall ? 4'd0 : 4'd3),
      .cfg_max_payload(cfg_max_payload), .cfg_function_status(cfg_function_status), .cfg_bus_number(cfg_bus_number), .cfg_msix_enable(cfg_msix_enable[0]),
      .cfg_msix_mask(cfg_msix_mask[0]),
      .sweep_cycles(sweep_cycles), .ev_valid(ev_valid), .ev_ready(ev_ready), .ev_ring(ev_ring[2:0]), .ev_data(ev_data),
      .of_valid(of_valid), .of_ready(of_ready), .of_data(of_data), .addr_valid(addr_valid), .addr_ready(addr_ready),
      .addr(addr), .line_valid(line_valid), .line_ready(line_ready), .line(line), .run(run), .idle(idle));
endmodule

// A stream pauses at random, often shortly, seldom long; never in the middle of a transfer that waits.
module stall (input clk, input [6:0] busy, input waits, output reg now);
  integer left = 0, n;
  initial now = 0;
  always @(posedge clk)
    if (left > 0) left <= left - 1;
    else if (!waits) begin
      n = $unsigned($random(wt_pcie_tb.seed)) % 16;
      left <= n == 0 ? 40 : n < 3 ? 6 : n < 6 ? 1 : 0;
      now <= $unsigned($random(wt_pcie_tb.seed)) % 100 < busy;
    end
endmodule

// Records of a file, each with its ring in front, offered in order.
module feeder #(parameter FILE = "") (
    input clk, input load, input [6:0] duty, input [15:0] most, input [31:0] count, output reg [31:0] taken, output reg valid, input ready,
    output reg [3:0] ring, output reg [479:0] data);
  reg [483:0] records [0:131071];
  integer next = 0, gap = 0;
  initial begin
    valid = 0;
    taken = 0;
  end
  always @(posedge load) $readmemh(FILE, records);
  always @(posedge clk) begin
    if (valid && ready) taken <= taken + 1;
    if (load) begin
      next <= 0;
      taken <= 0;
      valid <= 0;
    end else if (!valid || ready) begin
      valid <= 0;
      if (gap > 0) gap <= gap - 1;
      else if (next < count) begin
        valid <= 1;
        {ring, data} <= records[next];
        next <= next + 1;
        if ($unsigned($random(wt_pcie_tb.seed)) % 100 >= duty) gap <= $unsigned($random(wt_pcie_tb.seed)) % most;
      end
    end
  end
endmodule
