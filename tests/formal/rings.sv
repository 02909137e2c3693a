// wt_rings: whatever the host's rings are and however slowly it consumes, a TLP that takes as many
// records of a ring as limit_o allows, or fewer, starts at the byte where its first record belongs, crosses
// neither 4 KB nor the ring's end, is within max payload and never writes past the consumer index.
// Proven of one ring alone.
//
// The host keeps its word: base, size and max payload rest outside reset; the consumer index only
// moves forward, and not past what was written.
//
// RTL: hdl/pcie/wt_rings.sv
// TOP: wt_rings -set RINGS 1 -set FIFO_LOG2 4
// INSIDE: hdl/pcie/wt_rings.sv
// ENGINE: abc
// PROVE: induction 1
// MAP: yes
// COVER: 13
// MUTANT 10: hdl/pcie/wt_rings.sv: to_page = 7'd64 - => to_page = 7'd65 -
// MUTANT 10: hdl/pcie/wt_rings.sv: used_q <= plan[k] - cons_i[32*k+:32] => used_q <= plan[k] - cons_i[32*k+:32] - 32'd1
// MUTANT 12: hdl/pcie/wt_rings.sv: settled_q[next_ring_i] <= 1'b0 => due_q[next_ring_i] <= 1'b1
// MUTANT 12: hdl/pcie/wt_rings.sv: if (!due_q[first_q]) => if (1'b1)
// MUTANT 18: hdl/pcie/wt_rings.sv: to_end_q < max_records_i ? to_end_q : max_records_i => max_records_i
// MUTANT 18: hdl/pcie/wt_rings.sv: plan[k][23:0] & (size[k][23:0] - 24'd1) => plan[k][23:0]

  wire f_ring = 1'b0;
  reg f_started = 1'b0;
  reg [63:0] f_base_was;
  reg [31:0] f_size_was;
  reg [31:0] f_cons_was;
  reg [3:0] f_max_was;
  wire [31:0] f_cons = cons_i[32*f_ring+:32];
  wire [31:0] f_log2 = size_log2_i[32*f_ring+:32];
  // Records that TLPs took since reset: the proof's own count, and what follows from it.
  reg [31:0] f_taken;
  wire [31:0] f_held = f_taken - f_cons;
  wire f_size_ok = f_log2 >= 32'd4 && f_log2 <= 32'd24;
  wire [31:0] f_size = f_size_ok ? 32'd1 << f_log2[4:0] : 32'd0;
  wire [31:0] f_index = f_taken & (f_size - 32'd1);
  wire [63:0] f_addr = {base_i[64*f_ring+6+:58], 6'd0} + {26'd0, f_index, 6'd0};
  wire f_start = start_i && next_ring_i == f_ring;
  wire f_first = first_valid_q && first_q == f_ring;
  wire [3:0] f_limit = limit[f_ring];
  wire [3:0] f_to_end = f_size - f_index >= 32'd8 ? 4'd8 : 4'(f_size - f_index);

  always @(posedge clk_i) begin
    f_started <= 1'b1;
    f_base_was <= base_i;
    f_size_was <= size_log2_i;
    f_cons_was <= f_cons;
    f_max_was <= max_records_i;
    if (f_start) f_taken <= f_taken + {28'd0, n_i};
    if (rst_i) f_taken <= 32'd0;
  end

  // The host, and wt_dma around it.
  always @* begin
    if (!f_started) assume (rst_i);
    assume (next_ring_i == 1'b0 && push_ring_i == 1'b0 && read_ring_i == 1'b0 && commit_ring_i == 1'b0);
    assume (max_records_i == 4'd2 || max_records_i == 4'd4 || max_records_i == 4'd8);
    if (rst_i) assume (f_cons == 32'd0);
    if (f_started && !rst_i) begin
      assume (base_i == f_base_was && size_log2_i == f_size_was && max_records_i == f_max_was);
      assume (f_cons - f_cons_was <= f_taken - f_cons_was);
    end
    if (start_i) assume (settled_o[next_ring_i] && n_i != 4'd0 && n_i <= limit_o && !rst_i);
  end

  always @* begin
    if (f_started && !rst_i && f_start) begin
      assert (addr_o == f_addr);
      assert ({1'b0, addr_o[11:0]} + {3'd0, n_i, 6'd0} <= 13'd4096);
      assert (f_index + {28'd0, n_i} <= f_size);
      assert (f_held + {28'd0, n_i} <= f_size);
      assert (n_i <= max_records_i);
    end

    // What makes it inductive: what each step has worked out holds until the next start.
    if (f_started && !rst_i) begin
      assert (first_q == 1'b0 || !first_valid_q);
      assert (plan[f_ring] == f_taken);
      assert (f_held <= f_size);
      if (due_q[f_ring] || settled_q[f_ring] || f_first) assert ({7'd0, size[f_ring]} == f_size);
      if (f_first && (!due_q[f_ring] || settled_q[f_ring])) begin
        assert ({7'd0, size_q} == f_size);
        assert (used_q >= f_held && used_q <= f_size);
        if (f_size_ok) assert (addr_q == f_addr && to_end_q == f_to_end);
      end
      if (settled_q[f_ring]) begin
        if (f_size_ok) assert (addr[f_ring] == f_addr);
        assert (f_limit <= max_records_i && (f_limit <= f_to_end || f_limit == 4'd0));
        assert (f_held + {28'd0, f_limit} <= f_size);
        if (f_size_ok) assert ({1'b0, f_addr[11:0]} + {3'd0, f_limit, 6'd0} <= 13'd4096);
        assert (room_q[f_ring] == (f_limit != 4'd0));
      end
    end

    cover (f_started && f_start && n_i == 4'd8);
    cover (f_started && f_start && addr_o[11:0] == 12'hfc0);
    cover (f_started && !rst_i && f_log2 == 32'd4 && f_held == 32'd16 && settled_o[f_ring] && f_limit == 4'd0);
    cover (f_started && !rst_i && f_start && f_held == 32'd9 && f_cons == 32'd7);
  end
