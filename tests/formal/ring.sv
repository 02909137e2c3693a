// wt_ring: whatever the host's ring is and however slowly it consumes, a TLP that takes as many
// records as limit_o allows, or fewer, starts at the byte where its first record belongs, crosses
// neither 4 KB nor the ring's end, is within max payload and never writes past the consumer index.
//
// The host keeps its word: base, size and max payload rest outside reset; the consumer index only
// moves forward, and not past what was written.
//
// RTL: hdl/pcie/wt_ring.sv
// TOP: wt_ring -set FIFO_LOG2 4
// INSIDE: hdl/pcie/wt_ring.sv
// PROVE: induction 1
// COVER: 12
// MUTANT 8: hdl/pcie/wt_ring.sv: to_page = 7'd64 - => to_page = 7'd65 -
// MUTANT 8: hdl/pcie/wt_ring.sv: used_q <= plan_q - cons_i => used_q <= plan_q - cons_i - 32'd1
// MUTANT 8: hdl/pcie/wt_ring.sv: settle_q <= 2'd2 => settle_q <= 2'd1
// MUTANT 16: hdl/pcie/wt_ring.sv: to_end_q < max_records_i ? to_end_q : max_records_i => max_records_i
// MUTANT 16: hdl/pcie/wt_ring.sv: plan_q[23:0] & (size_q[23:0] - 24'd1) => plan_q[23:0]

  reg f_started = 1'b0;
  reg f_rst_was;
  reg [63:0] f_base_was;
  reg [31:0] f_size_was, f_cons_was;
  reg [3:0] f_max_was;
  // Records that TLPs took since reset: the proof's own count, and what follows from it.
  reg [31:0] f_taken;
  wire [31:0] f_held = f_taken - cons_i;
  wire f_size_ok = size_log2_i >= 32'd4 && size_log2_i <= 32'd24;
  wire [31:0] f_size = f_size_ok ? 32'd1 << size_log2_i[4:0] : 32'd0;
  wire [31:0] f_index = f_taken & (f_size - 32'd1);
  wire [63:0] f_addr = {base_i[63:6], 6'd0} + {26'd0, f_index, 6'd0};

  always @(posedge clk_i) begin
    f_started <= 1'b1;
    f_rst_was <= rst_i;
    f_base_was <= base_i;
    f_size_was <= size_log2_i;
    f_cons_was <= cons_i;
    f_max_was <= max_records_i;
    if (start_i) f_taken <= f_taken + {28'd0, n_i};
    if (rst_i) f_taken <= 32'd0;
  end

  // The host, and wt_dma around it.
  always @* begin
    if (!f_started) assume (rst_i);
    assume (max_records_i == 4'd2 || max_records_i == 4'd4 || max_records_i == 4'd8);
    if (rst_i) assume (cons_i == 32'd0);
    if (f_started && !rst_i) begin
      assume (base_i == f_base_was && size_log2_i == f_size_was && max_records_i == f_max_was);
      assume (cons_i - f_cons_was <= f_taken - f_cons_was);
      assume (changed_i == (cons_i != f_cons_was));
    end
    if (push_i) assume (ready_o);
    if (start_i) assume (settled_o && n_i != 4'd0 && n_i <= limit_o && !rst_i);
  end

  always @* begin
    if (f_started && !rst_i && start_i) begin
      assert (addr_o == f_addr);
      assert ({1'b0, addr_o[11:0]} + {3'd0, n_i, 6'd0} <= 13'd4096);
      assert (f_index + {28'd0, n_i} <= f_size);
      assert (f_held + {28'd0, n_i} <= f_size);
      assert (n_i <= max_records_i);
    end

    // What makes it inductive: what each step has worked out holds until the next start.
    if (f_started && !rst_i) begin
      assert (plan_q == f_taken);
      assert (f_held <= f_size);
      assert (settle_q <= refresh_q || settle_q == 2'd0);
      if (settle_q != 2'd3) assert ({7'd0, size_q} == f_size);
      if (settle_q < 2'd2) begin
        assert (used_q >= f_held && used_q <= f_size);
        if (f_size_ok) assert (addr_q == f_addr);
        if (f_size_ok) assert (to_end_q == (f_size - f_index >= 32'd8 ? 4'd8 : 4'(f_size - f_index)));
      end
      if (settle_q == 2'd0) begin
        if (f_size_ok) assert (addr2_q == f_addr);
        assert (limit_q <= max_records_i && limit_q <= to_end_q);
        assert (f_held + {28'd0, limit_q} <= f_size);
        if (f_size_ok) assert ({1'b0, addr_q[11:0]} + {3'd0, limit_q, 6'd0} <= 13'd4096);
      end
    end

    cover (f_started && start_i && n_i == 4'd8);
    cover (f_started && start_i && addr_o[11:0] == 12'hfc0);
    cover (f_started && !rst_i && size_log2_i == 32'd4 && f_held == 32'd16 && settled_o && limit_o == 4'd0);
    cover (f_started && !rst_i && start_i && f_held == 32'd9 && cons_i == 32'd7);
  end

