  (* anyseq *) reg [511:0] f_record;
  reg f_started = 1'b0;
  reg f_was_waiting = 1'b0;  // a beat was refused in the cycle before
  reg [TLP_W-1:0] f_data_was;
  reg [DW-1:0] f_keep_was;
  reg f_last_was;
  // The TLP whose beats leave: dwords that have left (0: none yet), and all of them.
  reg [9:0] f_left, f_all;
  reg f_write;
  reg [2:0] f_payload_was, f_dwords_was;
  reg [159:0] f_cpl_was;
  reg f_cpl_waited = 1'b0;
  reg [2:0] f_cpl_dwords;  // of the completion that was taken last

  wire [3:0] f_most = cfg_max_payload_i == 3'd0 ? 4'd2 : cfg_max_payload_i == 3'd1 ? 4'd4 : 4'd8;
  wire f_beat = tlp_tx_valid_o && tlp_tx_ready_i;
  wire f_first = f_left == 10'd0;
  wire f_is_write = tlp_tx_data_o[31:24] == 8'h40 || tlp_tx_data_o[31:24] == 8'h60;
  wire [9:0] f_header = tlp_tx_data_o[29] ? 10'd4 : 10'd3;
  wire [9:0] f_length = tlp_tx_data_o[9:0];
  wire [63:0] f_addr = tlp_tx_data_o[29] ? {tlp_tx_data_o[95:64], tlp_tx_data_o[127:96]} : {32'd0, tlp_tx_data_o[95:64]};
  wire [9:0] f_total = f_first ? f_header + f_length : f_all;
  // Dwords of this beat; keep has no hole.
  integer i;
  reg [9:0] f_count;
  reg f_hole;
  always @* begin
    f_count = 10'd0;
    f_hole = 1'b0;
    for (i = 0; i < DW; i = i + 1) begin
      f_count = f_count + {9'd0, tlp_tx_keep_o[i]};
      if (i > 0 && tlp_tx_keep_o[i] && !tlp_tx_keep_o[i-1]) f_hole = 1'b1;
    end
  end

  always @(posedge clk_i) begin
    f_started <= 1'b1;
    f_was_waiting <= tlp_tx_valid_o && !tlp_tx_ready_i && !rst_i;
    f_data_was <= tlp_tx_data_o;
    f_keep_was <= tlp_tx_keep_o;
    f_last_was <= tlp_tx_last_o;
    f_payload_was <= cfg_max_payload_i;
    f_cpl_waited <= cpl_valid_i && !cpl_ready_o;
    f_cpl_was <= cpl_data_i;
    f_dwords_was <= cpl_dwords_i;
    if (cpl_ready_o) f_cpl_dwords <= cpl_dwords_i;
    if (f_beat) begin
      f_left <= tlp_tx_last_o ? 10'd0 : f_left + f_count;
      if (f_first) begin
        f_all <= f_total;
        f_write <= f_is_write;
      end
    end
    if (rst_i) f_left <= 10'd0;
  end

  // Around it: a completion (3 to 5 dwords, its length field 1 or 2 or none) rests until it is taken; max payload rests.
  always @* begin
    if (!f_started) assume (rst_i);
    if (f_started) assume (!rst_i && cfg_max_payload_i == f_payload_was);
    if (f_cpl_waited) assume (cpl_valid_i && cpl_data_i == f_cpl_was && cpl_dwords_i == f_dwords_was);
    assume (cpl_dwords_i >= 3'd3 && cpl_dwords_i <= 3'd5);
    assume (cpl_data_i[31:24] == (cpl_dwords_i == 3'd3 ? 8'h0a : 8'h4a));
    assume (cpl_data_i[9:0] == (cpl_dwords_i == 3'd5 ? 10'd2 : cpl_dwords_i == 3'd4 ? 10'd1 : 10'd0));
  end

  always @* if (f_started) begin
    // What the link may rely on.
    if (f_was_waiting)
      assert (tlp_tx_valid_o && tlp_tx_data_o == f_data_was && tlp_tx_keep_o == f_keep_was && tlp_tx_last_o == f_last_was);
    if (tlp_tx_valid_o) begin
      assert (!f_hole && tlp_tx_keep_o[0]);
      if (!tlp_tx_last_o) assert (&tlp_tx_keep_o);
      // The last beat, and no other, brings the dwords to their number.
      assert (tlp_tx_last_o == (f_left + f_count == f_total));
      assert (f_left + f_count <= f_total);
      if (f_first && f_is_write) begin
        assert (f_length != 10'd0 && f_length[3:0] == 4'd0 && f_length[9:4] <= {2'd0, f_most});
        assert (f_addr[5:0] == 6'd0);
        assert ({1'b0, f_addr[11:0]} + {1'b0, f_length, 2'b00} <= 13'd4096);
        assert (tlp_tx_data_o[29] == (f_addr[63:32] != 32'd0));
      end
      if (f_first && !f_is_write) assert (tlp_tx_last_o && f_count == {7'd0, f_cpl_dwords});
    end

    // What makes it inductive: the dwords still to be made are those that are missing.
    if (writing_q) begin
      assert (valid_q && !completing_q);
      assert (left_q <= records_q && records_q != 4'd0 && records_q <= f_most);
      assert (chunk_q <= 2'd1 && (left_q != 4'd0 || chunk_q == 2'd0));
      assert (!last_q && &keep_q);
      if (f_first) assert (f_is_write && f_length == {2'd0, records_q, 4'd0} && tlp_tx_data_o[29] == four_q);
      else assert (f_write && f_all == (four_q ? 10'd4 : 10'd3) + {2'd0, records_q, 4'd0});
      assert (f_left < f_total && f_left + 10'd8 + {2'd0, left_q, 4'd0} - {6'd0, chunk_q[0], 3'd0} + (four_q ? 10'd4 : 10'd3) == f_total);
    end else if (valid_q) assert (last_q);
    if (!valid_q) assert (f_first);
    if (completing_q) assert (1'b0);  // at 256 bits a completion is one beat
    if (!f_first) assert (f_write);

    cover (f_beat && tlp_tx_last_o && !f_first && f_total == 10'd68);
    cover (f_beat && tlp_tx_last_o && !f_first && f_total == 10'd35);
    cover (f_beat && f_first && !f_is_write && f_count == 10'd5);
    cover (f_beat && f_first && f_is_write && f_addr[11:0] == 12'hf80 && f_length == 10'd32);
  end
