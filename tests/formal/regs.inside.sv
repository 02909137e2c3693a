  // At rest; the registers hold anything.
  initial assume (state_q == S_RECV && dwords_q == 12'd0 && !bad_keep_q && sweep_q == 11'd1024);

  localparam logic [2:0] F_TLP = 3'd0;   // the TLP comes in
  localparam logic [2:0] F_WORK = 3'd1;  // the card works on it
  localparam logic [2:0] F_DONE = 3'd2;  // answered, or known to need no answer
  reg [2:0] f_phase;
  reg [3:0] f_beats;
  reg [7:0] f_age;
  reg [159:0] f_head;  // its first five dwords
  reg [4:0] f_dwords;
  reg f_hole;
  reg [2:0] f_answers;
  reg [31:0] f_of_cons, f_symbols;
  initial assume (f_phase == F_TLP && f_beats == 4'd0 && f_age == 8'd0 && f_dwords == 5'd0 && !f_hole && f_answers == 3'd0);
  initial assume (f_of_cons == of_cons_q && f_symbols == sym_count_q);

  // The request, read off its dwords by the PCIe tables.
  wire [31:0] f_dw0 = f_head[31:0];
  wire f_write = f_dw0[31:24] == 8'h40;
  wire f_read = f_dw0[31:24] == 8'h00;
  wire f_any_write = f_dw0[31:30] == 2'b01 && f_dw0[28:24] == 5'd0;
  wire f_torn = f_write && !f_dw0[15] && {6'd0, f_dwords} != 11'd3 + {f_dw0[9:0] == 10'd0, f_dw0[9:0]};
  wire f_one = f_dw0[9:0] == 10'd1 && f_head[39:36] == 4'd0;  // one dword
  wire f_plain = f_dw0[15:14] == 2'd0 && f_dw0[11:10] == 2'd0 && !f_hole && f_one;
  wire f_good_read = f_read && f_plain && f_dwords == 5'd3 && f_head[95:79] == 17'd0;
  wire f_good_write = f_write && f_plain && f_dwords == 5'd4 && f_head[95:79] == 17'd0;
  wire [14:0] f_addr = {f_head[78:66], 2'b00};
  wire [3:0] f_be = f_head[35:32];
  wire [31:0] f_mask = {{8{f_be[3]}}, {8{f_be[2]}}, {8{f_be[1]}}, {8{f_be[0]}}};
  wire f_answer = cpl_valid_o && cpl_ready_i;

  (* anyconst *) reg [15:0] f_id;
  always @* begin
    assume (!rst_i && !flush_i && cfg_requester_id_i == f_id);
    // One TLP, and then none.
    if (f_phase != F_TLP) assume (!tlp_rx_valid_i);
    if (f_beats == 4'd4) assume (!tlp_rx_valid_i || tlp_rx_last_i);
    if (f_phase == F_TLP) assume (tlp_rx_valid_i || f_age < 8'd2);
    // The way out is busy for a few cycles at most.
    if (f_phase == F_WORK && f_age >= 8'd7) assume (cpl_ready_i);
  end

  always @(posedge clk_i) begin
    f_age <= f_age + 8'd1;
    if (tlp_rx_valid_i && tlp_rx_ready_o) begin
      if (f_beats == 4'd0) f_head[63:0] <= tlp_rx_data_i;
      if (f_beats == 4'd1) f_head[127:64] <= tlp_rx_data_i;
      if (f_beats == 4'd2) f_head[159:128] <= tlp_rx_data_i[31:0];
      f_beats <= f_beats + 4'd1;
      f_dwords <= f_dwords + {4'd0, tlp_rx_keep_i[0]} + {4'd0, tlp_rx_keep_i[1]};
      if (tlp_rx_keep_i != 2'b11 && !(tlp_rx_last_i && tlp_rx_keep_i == 2'b01)) f_hole <= 1'b1;
      if (tlp_rx_last_i) begin
        f_phase <= F_WORK;
        f_age <= 8'd0;
      end
    end
    if (f_phase == F_WORK && state_q == S_RECV) f_phase <= F_DONE;
    if (f_answer) f_answers <= f_answers + 3'd1;
    // What the registers must hold afterwards.
    if (f_phase == F_WORK && f_age == 8'd0 && f_good_write) begin
      if (f_addr == 15'(wt_schema_pkg::REG_OF_CONS)) f_of_cons <= (f_of_cons & ~f_mask) | (f_head[127:96] & f_mask);
      if (f_addr == 15'(wt_schema_pkg::REG_SYM_COUNT)) f_symbols <= (f_symbols & ~f_mask) | (f_head[127:96] & f_mask);
    end
  end

  always @* begin
    // Nothing before there is something to answer; no hang.
    if (f_phase == F_TLP) assert (!cpl_valid_o && tlp_rx_ready_o);
    if (f_phase == F_WORK) assert (f_age < 8'd12);
    if (f_phase == F_WORK && f_beats == 4'd2 && f_answers != 3'd0) assert (!f_good_write);
    assert (f_answers <= 3'd1);
    if (f_answer && f_answers == 3'd0 && f_good_read) begin
      assert (cpl_dwords_o == 3'd4);
      assert (cpl_data_o[31:24] == 8'h4a && cpl_data_o[9:0] == 10'd1);
      assert (cpl_data_o[47:45] == 3'd0 && cpl_data_o[63:48] == cfg_requester_id_i);
      assert (cpl_data_o[95:80] == f_head[63:48] && cpl_data_o[79:72] == f_head[47:40]);
      if (f_addr == 15'(wt_schema_pkg::REG_OF_CONS)) assert (cpl_data_o[127:96] == f_of_cons);
      if (f_addr == 15'(wt_schema_pkg::REG_SYM_COUNT)) assert (cpl_data_o[127:96] == f_symbols);
      if (f_addr == 15'(wt_schema_pkg::REG_MAGIC)) assert (cpl_data_o[127:96] == wt_schema_pkg::MAGIC);
    end
    if (f_phase == F_DONE) begin
      assert (state_q == S_RECV && dwords_q == 12'd0 && !bad_keep_q && sweep_q == 11'd1024);  // at rest
      if (f_good_read) assert (f_answers == 3'd1);
      if (f_good_write) assert (f_answers == 3'd0);
      if (f_dwords < 5'd3 && !f_hole) assert (f_answers == 3'd0);
    end
    // Nothing else changes them: no write at all, or one with more or fewer dwords than it says.
    if (f_phase == F_TLP || (f_phase == F_DONE && (f_good_write || !f_any_write || f_torn))) assert (of_cons_q == f_of_cons && sym_count_q == f_symbols);

    cover (f_phase == F_DONE && f_good_read && f_addr == 15'(wt_schema_pkg::REG_OF_CONS));
    cover (f_phase == F_DONE && f_good_write && f_be == 4'd6 && f_addr == 15'(wt_schema_pkg::REG_OF_CONS));
    cover (f_phase == F_DONE && f_answers == 3'd1 && !f_good_read);
    cover (f_phase == F_DONE && f_beats == 4'd5 && f_answers == 3'd0);
  end

