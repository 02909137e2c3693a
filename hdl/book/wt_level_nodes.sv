// The bits of a trie node of the price levels: setting, clearing, and choosing (see wt_levels).
//
// Combinational, or (STEPPED) with two registers on the way: its outputs are those of inputs that have rested for
// three cycles. Where its enable is 0 an output means nothing, but gone_o, write_o, remove_o and kick_o are 0.
module wt_level_nodes #(
    parameter bit STEPPED = 1'b0
) (
    input  logic         clk_i,
    // The node's depth, and the level that comes, goes, or is to be left behind.
    input  logic [1:0]   depth_i,
    input  logic [32:0]  code_i,
    input  logic         sell_i,
    // Set or clear the level's bit: what the table found, and what is to be committed to it.
    input  logic         set_i,
    input  logic         clear_i,
    input  logic         hit_i,
    input  logic         full_i,
    input  logic [127:0] val_i,
    output logic [127:0] new_o,
    output logic         gone_o,
    output logic         write_o,
    output logic         remove_o,
    output logic         kick_o,
    // The root: bit set, cleared, or else only the bits beyond the level's.
    input  logic [63:0]  root_i,
    input  logic         root_use_i,
    input  logic         root_set_i,
    input  logic         root_clear_i,
    output logic [63:0]  root_new_o,
    // The node's bits to be searched: those that are beyond the level, those that stay (clear_i), or all.
    input  logic         beyond_i,
    output logic [127:0] map_o,
    // The best of the bits in map; found_sub: it stands for sub-penny levels (depth 0).
    input  logic         pick_i,
    input  logic [127:0] map_i,
    output logic [6:0]   found_o,
    output logic         found_sub_o,
    output logic [127:0] left_o           // the bits without it
);

  // The highest (high) or lowest of the bits set, alone.
  function automatic logic [7:0] alone8(input logic [7:0] v, input logic high);
    logic [7:0] below, above;  // some bit below, above this one is set
    below = {|v[6:0], |v[5:0], |v[4:0], |v[3:0], |v[2:0], |v[1:0], v[0], 1'b0};
    above = {1'b0, v[7], |v[7:6], |v[7:5], |v[7:4], |v[7:3], |v[7:2], |v[7:1]};
    alone8 = v & ~(high ? above : below);
  endfunction

  // Number of the one bit set.
  function automatic logic [2:0] number8(input logic [7:0] v);
    number8 = {|(v & 8'hf0), |(v & 8'hcc), |(v & 8'haa)};
  endfunction

  // Of what lies beyond a number, the groups of eight bits and the bits within: put together in one level of logic.
  function automatic logic [15:0] one16(input logic [3:0] n);
    one16 = 16'd1 << n;
  endfunction
  function automatic logic [7:0] one8(input logic [2:0] n);
    one8 = 8'd1 << n;
  endfunction
  // Those that are further from the best: below n for bids, above it for offers.
  function automatic logic [15:0] beyond16(input logic [3:0] n, input logic sell);
    beyond16 = sell ? 16'hfffe << n : ~(16'hffff << n);
  endfunction
  function automatic logic [7:0] beyond8(input logic [2:0] n, input logic sell);
    beyond8 = sell ? 8'hfe << n : ~(8'hff << n);
  endfunction

  logic [6:0] bit_number;
  always_comb begin
    case (depth_i)
      2'd0:    bit_number = {code_i[6:0] != 7'd0, code_i[12:7]};
      2'd1:    bit_number = code_i[19:13];
      2'd2:    bit_number = code_i[26:20];
      default: bit_number = code_i[6:0];
    endcase
  end

  // What the table found is 0 when it found nothing.
  generate
    if (STEPPED) begin : g_change
      logic [127:0] at_q;
      logic         empty_q;
      wire [127:0] changed = set_i ? val_i | at_q : val_i & ~at_q;
      always_ff @(posedge clk_i) begin
        at_q    <= 128'd1 << bit_number;
        new_o   <= changed;
        empty_q <= changed == 128'd0;
      end
      assign gone_o = clear_i && empty_q;
      assign kick_o = set_i && !hit_i && full_i;
      assign remove_o = gone_o;
      assign write_o = set_i ? !kick_o : clear_i && !gone_o;
    end else begin : g_change_now
      logic [127:0] at;
      always_comb begin
        at       = 'x;
        new_o    = 'x;
        gone_o   = 1'b0;
        write_o  = 1'b0;
        remove_o = 1'b0;
        kick_o   = 1'b0;
        if (set_i || clear_i) begin
          at = 128'd1 << bit_number;
          if (set_i) begin
            new_o   = val_i | at;
            kick_o  = !hit_i && full_i;
            write_o = !kick_o;
          end else begin
            new_o    = val_i & ~at;
            gone_o   = new_o == 128'd0;
            remove_o = gone_o;
            write_o  = !gone_o;
          end
        end
      end
    end
  endgenerate

  logic [7:0]  root8, root_beyond8, root_past8;
  logic [63:0] root_at, root_past, root_then;
  always_comb begin
    root8        = 'x;
    root_beyond8 = 'x;
    root_past8   = 'x;
    root_at      = 'x;
    root_past    = 'x;
    root_then    = 'x;
    if (STEPPED || root_use_i) begin
      root_at = 64'd1 << code_i[32:27];
      if (root_set_i) root_then = root_i | root_at;
      else if (root_clear_i) root_then = root_i & ~root_at;
      else begin
        root8        = one8(code_i[32:30]);
        root_beyond8 = beyond8(code_i[32:30], sell_i);
        root_past8   = beyond8(code_i[29:27], sell_i);
        for (int unsigned g = 0; g < 8; g++)
          root_past[8*g+:8] = {8{root_beyond8[g]}} | ({8{root8[g]}} & root_past8);
        root_then = root_i & root_past;
      end
    end
  end
  wt_settle #(.WIDTH(64), .ON(STEPPED)) u_root (.clk_i(clk_i), .d_i(root_then), .q_o(root_new_o));

  // The bits to search: those beyond the level, those that stay, or all. At depth 0, of bits of the same q: r = 0 is its
  // lowest price.
  logic [6:0]   from;
  logic [15:0]  from16, past16;
  logic [7:0]   from8, past8;
  logic [127:0] past, past_q;
  always_comb begin
    from   = 'x;
    from16 = 'x;
    from8  = 'x;
    past16 = 'x;
    past8  = 'x;
    past   = 'x;
    map_o  = clear_i ? new_o : val_i;
    if (STEPPED || beyond_i) begin
      from   = depth_i == 2'd0 ? {1'b0, code_i[12:7]} : bit_number;
      from16 = one16(from[6:3]);
      from8  = one8(from[2:0]);
      past16 = beyond16(from[6:3], sell_i);
      past8  = beyond8(from[2:0], sell_i);
      if (depth_i == 2'd0) begin
        from16[15:8] = from16[7:0];
        past16[15:8] = past16[7:0];
      end
      for (int unsigned g = 0; g < 16; g++) past[8*g+:8] = {8{past16[g]}} | ({8{from16[g]}} & past8);
      if (depth_i == 2'd0 && sell_i && code_i[6:0] == 7'd0)
        for (int unsigned g = 8; g < 16; g++) past[8*g+:8] = past[8*g+:8] | ({8{from16[g]}} & from8);
      if (depth_i == 2'd0 && !sell_i && code_i[6:0] != 7'd0)
        for (int unsigned g = 0; g < 8; g++) past[8*g+:8] = past[8*g+:8] | ({8{from16[g]}} & from8);
      if (beyond_i) map_o = val_i & (STEPPED ? past_q : past);
    end
  end
  generate
    if (STEPPED) begin : g_past
      always_ff @(posedge clk_i) past_q <= past;
    end else begin : g_past_now
      assign past_q = '0;
    end
  endgenerate

  // At depth 0 of both planes together; at one q a bid prefers the sub-penny levels, an offer the other. In groups of
  // eight, all at the same time, and which of the groups it is: the bit to be cleared waits for no number.
  logic [127:0] some, one, alone;
  logic [15:0]  groups, group;
  logic [63:0]  sub;
  logic [2:0]   inner;
  logic [127:0] alone_q, one_q;
  logic [15:0]  groups_q, group_q;
  always_comb begin
    found_o     = 'x;
    found_sub_o = 'x;
    left_o      = 'x;
    some        = 'x;
    one         = 'x;
    alone       = 'x;
    groups      = 'x;
    group       = 'x;
    sub         = 'x;
    inner       = 'x;
    if (STEPPED || pick_i) begin
      some = depth_i == 2'd0 ? {64'd0, map_i[63:0] | map_i[127:64]} : map_i;
      for (int unsigned g = 0; g < 16; g++) begin
        groups[g]     = |some[8*g+:8];
        alone[8*g+:8] = alone8(some[8*g+:8], !sell_i);
      end
      if (STEPPED) begin
        one   = alone_q;
        group = {alone8(groups_q[15:8], !sell_i) & {8{!(sell_i && groups_q[7:0] != 8'd0)}},
                 alone8(groups_q[7:0], !sell_i) & {8{!(!sell_i && groups_q[15:8] != 8'd0)}}};
      end else begin
        one   = alone;
        group = {alone8(groups[15:8], !sell_i) & {8{!(sell_i && groups[7:0] != 8'd0)}},
                 alone8(groups[7:0], !sell_i) & {8{!(!sell_i && groups[15:8] != 8'd0)}}};
      end
      for (int unsigned g = 0; g < 16; g++) one[8*g+:8] = one[8*g+:8] & {8{group[g]}};
      inner = 3'd0;
      sub   = sell_i ? ~map_i[63:0] : map_i[127:64];
      if (STEPPED) begin
        for (int unsigned g = 0; g < 16; g++) inner = inner | number8(one_q[8*g+:8]);
        found_o = {|group_q[15:8], number8(group_q[15:8] | group_q[7:0]), inner};
        found_sub_o = depth_i == 2'd0 && (one_q[63:0] & sub) != 64'd0;
        left_o = map_i & (depth_i == 2'd0 ? ~{one_q[63:0] & sub, one_q[63:0] & ~sub} : ~one_q);
      end else begin
        for (int unsigned g = 0; g < 16; g++) inner = inner | number8(one[8*g+:8]);
        found_o = {|group[15:8], number8(group[15:8] | group[7:0]), inner};
        found_sub_o = depth_i == 2'd0 && (one[63:0] & sub) != 64'd0;
        left_o = map_i & (depth_i == 2'd0 ? ~{one[63:0] & sub, one[63:0] & ~sub} : ~one);
      end
    end
  end
  generate
    if (STEPPED) begin : g_pick
      always_ff @(posedge clk_i) begin
        alone_q  <= alone;
        groups_q <= groups;
        one_q    <= one;
        group_q  <= group;
      end
    end else begin : g_pick_now
      assign {alone_q, groups_q, one_q, group_q} = '0;
    end
  endgenerate

endmodule
