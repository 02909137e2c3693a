// wt_dma: every TLP on tlp_tx, whatever is pushed and however slowly it is taken, is a memory write
// of whole records of one ring: address right to the byte, header length equal to what follows it,
// no byte across 4 KB, at most max payload, never past the consumer index; or it is the completion.
// Each record's words and number arrive as pushed, in order, once. From reset, for the stated number
// of cycles; the arithmetic of rings is proven for ever by `ring`. Rings of 16 records.
//
// RTL: hdl/pcie/wt_dma.sv hdl/pcie/wt_ring.sv
// PROVE: bounded 18
// COVER: 20
// MUTANT 18: hdl/pcie/wt_dma.sv: {2'b01, four, 5'd0, 16'd0, start_n, 4'd0} => {2'b01, four, 5'd0, 16'd0, limit, 4'd0}
// MUTANT 18: hdl/pcie/wt_dma.sv: start_n = level > => start_n = level >=
// MUTANT 18: hdl/pcie/wt_dma.sv: left_q <= read_end ? start_n - 4'd1 : start_n => left_q <= start_n - 4'd1
// MUTANT 18: hdl/pcie/wt_dma.sv: record_end ? '0 : chunk_q + 1'b1 => chunk_q
// MUTANT 18: hdl/pcie/wt_dma.sv: if (push[0]) ev_mem[ev_wr] => if (push[1]) ev_mem[ev_wr]
module fv_dma (
    input logic         clk_i,
    input logic         rst_i,
    input logic         hold_i,
    input logic         ev_valid_i,
    input logic [479:0] ev_data_i,
    input logic         of_valid_i,
    input logic [479:0] of_data_i,
    input logic [4:0]   ev_cons_i,
    input logic [4:0]   of_cons_i,
    input logic         cpl_valid_i,
    input logic [159:0] cpl_data_i,
    input logic         tlp_tx_ready_i
);

  localparam int unsigned W = 256;
  localparam int unsigned DW = W / 32;

  // The host's settings rest; both rings are 1 KB, anywhere.
  (* anyconst *) reg [63:0] ev_base, of_base;
  (* anyconst *) reg [2:0] max_payload;
  (* anyconst *) reg [3:0] word;  // the word of each record that is followed, besides its number
  (* anyconst *) reg [3:0] nth;   // the record of each ring that is followed

  wire ev_ready, of_ready, cpl_ready, quiet, idle, tx_valid, tx_last;
  wire [W-1:0] tx_data;
  wire [DW-1:0] tx_keep;
  wire [31:0] ev_prod, of_prod;
  wire [63:0] n_ev, n_of, f_ev, f_of;

  reg started = 1'b0;
  reg [4:0] ev_cons_was, of_cons_was;
  wire changed = ev_cons_i != ev_cons_was || of_cons_i != of_cons_was;

  wt_dma #(.TLP_W(W), .FIFO_LOG2(4)) dut (
      .clk_i(clk_i), .rst_i(rst_i), .hold_i(hold_i), .flush_i(1'b0), .quiet_o(quiet), .ev_valid_i(ev_valid_i),
      .ev_ready_o(ev_ready), .ev_data_i(ev_data_i), .of_valid_i(of_valid_i), .of_ready_o(of_ready),
      .of_data_i(of_data_i), .ring_changed_i(changed), .ev_base_i(ev_base), .ev_size_log2_i(32'd4),
      .ev_cons_i({27'd0, ev_cons_i}), .of_base_i(of_base), .of_size_log2_i(32'd4), .of_cons_i({27'd0, of_cons_i}),
      .cfg_max_payload_i(max_payload), .cfg_bus_master_i(1'b1), .cfg_requester_id_i(16'h1234),
      .cpl_valid_i(cpl_valid_i), .cpl_ready_o(cpl_ready), .cpl_data_i(cpl_data_i), .cpl_dwords_i(3'd4),
      .tlp_tx_valid_o(tx_valid), .tlp_tx_ready_i(tlp_tx_ready_i), .tlp_tx_data_o(tx_data), .tlp_tx_keep_o(tx_keep),
      .tlp_tx_last_o(tx_last), .ev_prod_o(ev_prod), .of_prod_o(of_prod), .cnt_events_o(n_ev), .cnt_order_flow_o(n_of),
      .cnt_ev_full_o(f_ev), .cnt_of_full_o(f_of), .idle_o(idle));

  // ---- what was pushed
  reg [4:0] ev_pushed, of_pushed;
  reg [31:0] ev_word, of_word;
  reg cpl_was;
  reg [159:0] cpl_data_was, cpl_sent;
  reg stalled, last_was;
  reg [W-1:0] data_was;

  // ---- what leaves: the TLP under way, dword by dword
  reg [5:0] at_q;          // dwords of it that have left
  reg of_q, write_q, four_q;
  reg [9:0] length_q;
  reg [4:0] ev_written, of_written, first_q;

  wire out = tx_valid && tlp_tx_ready_i;
  wire head = at_q == 6'd0;
  wire write = head ? tx_data[31:24] == 8'h40 || tx_data[31:24] == 8'h60 : write_q;
  wire four = head ? tx_data[29] : four_q;
  wire [9:0] length = head ? tx_data[9:0] : length_q;
  wire [63:0] addr = four ? {tx_data[95:64], tx_data[127:96]} : {32'd0, tx_data[95:64]};
  // Which ring: bases differ in the assumptions below, so that the address tells.
  wire in_of = addr[63:10] == of_base[63:10];
  wire is_of = head ? in_of : of_q;
  wire [4:0] first = head ? (in_of ? of_written : ev_written) : first_q;
  wire [5:0] header = four ? 6'd4 : 6'd3;
  wire [3:0] kept = {3'd0, tx_keep[0]} + {3'd0, tx_keep[1]} + {3'd0, tx_keep[2]} + {3'd0, tx_keep[3]}
                  + {3'd0, tx_keep[4]} + {3'd0, tx_keep[5]} + {3'd0, tx_keep[6]} + {3'd0, tx_keep[7]};
  wire [7:0] total = {2'd0, at_q} + {4'd0, kept};
  wire [4:0] records = length[8:4];
  wire [4:0] written = is_of ? of_written : ev_written;
  wire [4:0] cons = is_of ? of_cons_i : ev_cons_i;
  wire [12:0] end_in_page = {1'b0, addr[11:0]} + {1'b0, length, 2'b00};

  always @(posedge clk_i) begin
    started <= 1'b1;
    ev_cons_was <= ev_cons_i;
    of_cons_was <= of_cons_i;
    if (ev_valid_i && ev_ready) begin
      if (ev_pushed == {1'b0, nth}) ev_word <= ev_data_i[{5'd0, word}*32+:32];
      ev_pushed <= ev_pushed + 5'd1;
    end
    if (of_valid_i && of_ready) begin
      if (of_pushed == {1'b0, nth}) of_word <= of_data_i[{5'd0, word}*32+:32];
      of_pushed <= of_pushed + 5'd1;
    end
    cpl_was <= cpl_valid_i && !cpl_ready;
    cpl_data_was <= cpl_data_i;
    if (cpl_valid_i && cpl_ready) cpl_sent <= cpl_data_i;
    stalled <= tx_valid && !tlp_tx_ready_i;
    data_was <= tx_data;
    last_was <= tx_last;
    if (out) begin
      at_q <= tx_last ? 6'd0 : at_q + {2'd0, kept};
      if (head) begin
        of_q <= in_of;
        write_q <= write;
        four_q <= four;
        length_q <= length;
        first_q <= first;
      end
      if (head && write && in_of) of_written <= of_written + records;
      if (head && write && !in_of) ev_written <= ev_written + records;
    end
    if (rst_i) begin
      at_q <= 6'd0;
      ev_pushed <= 5'd0;
      of_pushed <= 5'd0;
      ev_written <= 5'd0;
      of_written <= 5'd0;
      cpl_was <= 1'b0;
      stalled <= 1'b0;
    end
  end

  // The user: resets first, consumes no more than was written, keeps a completion until it is taken.
  always @* begin
    assume (rst_i == !started);
    assume (word < 4'd15 && ev_base[63:10] != of_base[63:10]);
    assume (ev_base[9:0] == 10'd0 && of_base[9:0] == 10'd0);
    if (!started) assume (ev_cons_i == 5'd0 && of_cons_i == 5'd0 && !cpl_valid_i);
    else begin
      assume (ev_cons_i >= ev_cons_was && ev_cons_i <= ev_written);
      assume (of_cons_i >= of_cons_was && of_cons_i <= of_written);
      if (cpl_was) assume (cpl_valid_i && cpl_data_i == cpl_data_was);
      assume (cpl_data_i[31:24] == 8'h4a);
    end
  end

  genvar i;
  generate
    for (i = 0; i < DW; i = i + 1) begin : g_dword
      // Payload dword p of the TLP is word p % 16 of record p / 16.
      wire [5:0] position = at_q + i - header;
      wire payload = started && !rst_i && out && write && tx_keep[i] && at_q + i >= {26'd0, header};
      wire [4:0] record = first + {3'd0, position[5:4]};
      always @* begin
        if (payload && position[3:0] == 4'd15) assert (tx_data[32*i+:32] == {27'd0, record} + 32'd1);
        if (payload && position[3:0] == word && record == {1'b0, nth})
          assert (tx_data[32*i+:32] == (is_of ? of_word : ev_word));
        if (payload) assert (record < (is_of ? of_pushed : ev_pushed));
      end
    end
  endgenerate

  always @* begin
    if (started && !rst_i) begin
      if (stalled) assert (tx_valid && tx_data == data_was && tx_last == last_was);
      if (out) begin
        assert (tx_keep != '0 && (tx_keep & (tx_keep + 1'b1)) == '0);
        assert (tx_last || &tx_keep);
        if (head && !write) assert (tx_last && kept == 4'd4 && tx_data[127:0] == cpl_sent[127:0]);
      end
      if (out && write) begin
        assert ((total == {2'd0, header} + {2'd0, length[5:0]}) == tx_last);
        assert (total <= {2'd0, header} + {2'd0, length[5:0]});
      end
      if (out && write && head) begin
        assert (length[3:0] == 4'd0 && records != 5'd0);
        assert (records <= (max_payload == 3'd0 ? 5'd2 : max_payload == 3'd1 ? 5'd4 : 5'd8));
        assert (end_in_page <= 13'd4096);
        assert (addr[63:10] == (in_of ? of_base[63:10] : ev_base[63:10]));
        assert (addr[9:0] == {written[3:0], 6'd0});
        assert (four == (addr[63:32] != 32'd0));
        assert (written - cons + records <= 5'd16);
        assert (tx_data[63:32] == 32'h123400ff);
      end
    end

    cover (started && out && write && head && records == 5'd3 && in_of);
    cover (started && out && write && tx_last && !is_of && four && ev_written == 5'd4);
    cover (started && out && !write && head && of_written != 5'd0);
    cover (started && out && write && !head && is_of && stalled);
  end

endmodule
