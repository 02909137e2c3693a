// wt_level_nodes, the bits of a trie node, for any node, price and side, at full width: setting and clearing change the
// level's bit alone, and a node without a bit is told as gone; of the bits searched exactly those remain that are beyond
// the level on its side; what is chosen is set, nothing that is set is better, and the bits left are those without
// it. At depth 0 (a plane of whole pennies, one of pennies with sub-penny levels) a price is better by its penny, then
// by its plane: at one penny the whole one is the lowest. Combinational: proven in one cycle.
//
// RTL: hdl/common/wt_settle.sv hdl/book/wt_level_nodes.sv
// TOP: wt_level_nodes
// INSIDE: hdl/book/wt_level_nodes.sv
// ENGINE: abc
// PROVE: bounded 1
// COVER: 1
// MUTANT 1: hdl/book/wt_level_nodes.sv: beyond16 = sell ? 16'hfffe << n => beyond16 = sell ? 16'hffff << n
// MUTANT 1: hdl/book/wt_level_nodes.sv: beyond8 = sell ? 8'hfe << n : ~(8'hff << n) => beyond8 = sell ? 8'hfe << n : ~(8'hfe << n)
// MUTANT 1: hdl/book/wt_level_nodes.sv: if (depth_i == 2'd0 && !sell_i && code_i[6:0] != 7'd0) => if (1'b0)
// MUTANT 1: hdl/book/wt_level_nodes.sv: above = {1'b0, v[7], |v[7:6], => above = {1'b0, v[7], |v[6:5],
// MUTANT 1: hdl/book/wt_level_nodes.sv: {8{!(sell_i && groups[7:0] != 8'd0)}} => 8'hff
// MUTANT 1: hdl/book/wt_level_nodes.sv: sub   = sell_i ? ~map_i[63:0] : map_i[127:64] => sub   = map_i[127:64]
// MUTANT 1: hdl/book/wt_level_nodes.sv: left_o = map_i & (depth_i == 2'd0 ? ~{one[63:0] & sub, one[63:0] & ~sub} : ~one) => left_o = map_i & ~one
// MUTANT 1: hdl/book/wt_level_nodes.sv: gone_o   = new_o == 128'd0 => gone_o   = new_o[63:0] == 64'd0
// MUTANT 1: hdl/book/wt_level_nodes.sv: root_past[8*g+:8] = {8{root_beyond8[g]}} | => root_past[8*g+:8] =

  // Any bit of a node, and where it stands among the prices: {penny, plane}. At other depths a bit is its own place.
  (* anyconst *) reg [6:0] f_bit;
  (* anyconst *) reg [5:0] f_root;
  function automatic [7:0] f_place(input [6:0] bit_at, input [1:0] depth);
    f_place = depth == 2'd0 ? {1'b0, bit_at[5:0], bit_at[6]} : {1'b0, bit_at};
  endfunction
  // Further from the best than another.
  function automatic f_worse(input [7:0] x, input [7:0] y, input sell);
    f_worse = sell ? x > y : x < y;
  endfunction

  // The level's bit, by the header of wt_levels.
  wire [6:0] f_level = depth_i == 2'd0 ? (code_i[6:0] == 7'd0 ? {1'b0, code_i[12:7]} : {1'b1, code_i[12:7]}) :
                       depth_i == 2'd1 ? code_i[19:13] : depth_i == 2'd2 ? code_i[26:20] : code_i[6:0];
  // What was chosen: at depth 0 the penny, and in which plane.
  wire [6:0] f_found = depth_i == 2'd0 ? {found_sub_o, found_o[5:0]} : found_o;

  always @* begin
    assume (!(set_i && clear_i));
    if (set_i || clear_i) assume (!beyond_i);
    if (clear_i) assume (val_i[f_level]);
    if (pick_i) assume (map_i != 128'd0);
    assume (!(root_set_i && root_clear_i));
  end

  always @* begin
    // A level that comes or goes.
    if (set_i || clear_i) assert (new_o[f_bit] == (f_bit == f_level ? set_i : val_i[f_bit]));
    assert (kick_o == (set_i && !hit_i && full_i));
    assert (!(write_o && remove_o) && (write_o || remove_o || kick_o) == (set_i || clear_i));
    if (clear_i && remove_o && f_bit != f_level) assert (!val_i[f_bit]);
    if (clear_i && !remove_o) assert (new_o != 128'd0);
    assert (gone_o == remove_o);

    // The bits to be searched.
    if (beyond_i) assert (map_o[f_bit] == (val_i[f_bit] && f_worse(f_place(f_bit, depth_i), f_place(f_level, depth_i), sell_i)));
    else if (clear_i) assert (map_o[f_bit] == (val_i[f_bit] && f_bit != f_level));
    else assert (map_o[f_bit] == val_i[f_bit]);
    if (root_use_i)
      assert (root_new_o[f_root] == (root_set_i ? root_i[f_root] || f_root == code_i[32:27] :
                                     root_clear_i ? root_i[f_root] && f_root != code_i[32:27] :
                                     root_i[f_root] && f_worse({2'd0, f_root}, {2'd0, code_i[32:27]}, sell_i)));

    // The best of them.
    if (pick_i) begin
      assert (map_i[f_found]);
      if (map_i[f_bit] && f_bit != f_found) assert (f_worse(f_place(f_bit, depth_i), f_place(f_found, depth_i), sell_i));
      assert (left_o[f_bit] == (map_i[f_bit] && f_bit != f_found));
    end

    cover (pick_i && depth_i == 2'd0 && f_found == 7'd77 && left_o[13]);
    cover (pick_i && sell_i && depth_i == 2'd1 && f_found == 7'd127);
    cover (beyond_i && depth_i == 2'd0 && !sell_i && code_i[6:0] != 7'd0 && f_bit == f_level - 7'd64 && map_o[f_bit]);
    cover (clear_i && gone_o && depth_i == 2'd3 && code_i[6:0] == 7'd99);
    cover (root_use_i && !root_set_i && !root_clear_i && sell_i && f_root == 6'd63 && root_new_o[f_root]);
  end
