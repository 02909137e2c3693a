// CRC-32 of Ethernet, eight bytes at a time: a table for each four bits, a LUT4 a bit, and an XOR of sixteen.
//
// fold(x): what 64 bits, the first on the wire in bit 0, leave in a register that was 0. With it
//   eight bytes:        next = fold(data ^ {32'd0, state})
//   the last n bytes:   the same with the bytes moved up to end at byte 7, as leading zeros change
//                       nothing; of a state of more than n bytes the rest is only moved down
// The register starts at all ones; the FCS is its complement, lowest byte first. Over a whole frame
// with its FCS the register ends at 32'hdebb20e3; good(n) is that after 8 - n more bytes of zero, so
// that a receiver may fill a last word of n bytes with zeros.
//
// Tn is what bits 4n+3 to 4n leave, the entry for all ones first (simulation reads tables ten times as
// fast as it takes parities); tests/hdl/xgmii_model.h has the polynomial itself, bit by bit.
package wt_crc_pkg;

  localparam logic [511:0] T0 = {
    32'hd92012ac, 32'h158a1232, 32'h9b0515d1, 32'h57af154f, 32'h5d6a1c56, 32'h91c01cc8, 32'h1f4f1b2b, 32'hd3e51bb5,
    32'h0ac50919, 32'hc66f0987, 32'h48e00e64, 32'h844a0efa, 32'h8e8f07e3, 32'h4225077d, 32'hccaa009e, 32'h00000000
  };
  localparam logic [511:0] T1 = {
    32'hff6b144a, 32'h83d02561, 32'h061d761c, 32'h7aa64737, 32'hd6f6d6a7, 32'haa4de78c, 32'h2f80b4f1, 32'h533b85da,
    32'hac509190, 32'hd0eba0bb, 32'h5526f3c6, 32'h299dc2ed, 32'h85cd537d, 32'hf9766256, 32'h7cbb312b, 32'h00000000
  };
  localparam logic [511:0] T2 = {
    32'hf64870e9, 32'h503f7b5d, 32'h61d761c0, 32'hc7a06a74, 32'h020754fa, 32'ha4705f4e, 32'h959845d3, 32'h33ef4e67,
    32'hc5a73e8e, 32'h63d0353a, 32'h52382fa7, 32'hf44f2413, 32'h31e81a9d, 32'h979f1129, 32'ha6770bb4, 32'h00000000
  };
  localparam logic [511:0] T3 = {
    32'h647e3ad9, 32'h03a0a617, 32'habc30345, 32'hcc1d9f8b, 32'h20754fa0, 32'h47abd36e, 32'hefc8763c, 32'h8816eaf2,
    32'hec68d02b, 32'h8bb64ce5, 32'h23d5e9b7, 32'h440b7579, 32'ha863a552, 32'hcfbd399c, 32'h67de9cce, 32'h00000000
  };
  localparam logic [511:0] T4 = {
    32'hf156b2d5, 32'h3a0a6170, 32'hbc9e13de, 32'h77c2c07b, 32'h6ac7f0c3, 32'ha19b2366, 32'h270f51c8, 32'hec53826d,
    32'h1d0530b8, 32'hd659e31d, 32'h50cd91b3, 32'h9b914216, 32'h869472ae, 32'h4dc8a10b, 32'hcb5cd3a5, 32'h00000000
  };
  localparam logic [511:0] T5 = {
    32'h15921919, 32'h16441b82, 32'h123e1c2f, 32'h11e81eb4, 32'h1aca1375, 32'h191c11ee, 32'h1d661643, 32'h1eb014d8,
    32'h0b220dc1, 32'h08f40f5a, 32'h0c8e08f7, 32'h0f580a6c, 32'h047a07ad, 32'h07ac0536, 32'h03d6029b, 32'h00000000
  };
  localparam logic [511:0] T6 = {
    32'h825097d1, 32'hbf30be61, 32'hf890c4b1, 32'hc5f0ed01, 32'h77d03111, 32'h4ab018a1, 32'h0d106271, 32'h30704bc1,
    32'hb220dc10, 32'h8f40f5a0, 32'hc8e08f70, 32'hf580a6c0, 32'h47a07ad0, 32'h7ac05360, 32'h3d6029b0, 32'h00000000
  };
  localparam logic [511:0] T7 = {
    32'h4834505d, 32'h28d4c7df, 32'h89f57f59, 32'he915e8db, 32'h10c70814, 32'h70279f96, 32'hd1062710, 32'hb1e6b092,
    32'hf9d2e0cf, 32'h9932774d, 32'h3813cfcb, 32'h58f35849, 32'ha121b886, 32'hc1c12f04, 32'h60e09782, 32'h00000000
  };
  localparam logic [511:0] T8 = {
    32'h58631056, 32'he0df7733, 32'hf26ad8dd, 32'h4ad6bfb8, 32'hd7018701, 32'h6fbde064, 32'h7d084f8a, 32'hc5b428ef,
    32'h9dd738b9, 32'h256b5fdc, 32'h37def032, 32'h8f629757, 32'h12b5afee, 32'haa09c88b, 32'hb8bc6765, 32'h00000000
  };
  localparam logic [511:0] T9 = {
    32'h866616a7, 32'hd67f4138, 32'h2654b999, 32'h764dee06, 32'h1d724e9a, 32'h4d6b1905, 32'hbd40e1a4, 32'hed59b63b,
    32'h6b3fa09c, 32'h3b26f703, 32'hcb0d0fa2, 32'h9b14583d, 32'hf02bf8a1, 32'ha032af3e, 32'h5019579f, 32'h00000000
  };
  localparam logic [511:0] T10 = {
    32'h0b5c473d, 32'h0a9e2d0a, 32'h08d89353, 32'h091af964, 32'h0c55efe1, 32'h0d9785d6, 32'h0fd13b8f, 32'h0e1351b8,
    32'h054f1685, 32'h048d7cb2, 32'h06cbc2eb, 32'h0709a8dc, 32'h0246be59, 32'h0384d46e, 32'h01c26a37, 32'h00000000
  };
  localparam logic [511:0] T11 = {
    32'hb5c473d0, 32'ha9e2d0a0, 32'h8d893530, 32'h91af9640, 32'hc55efe10, 32'hd9785d60, 32'hfd13b8f0, 32'he1351b80,
    32'h54f16850, 32'h48d7cb20, 32'h6cbc2eb0, 32'h709a8dc0, 32'h246be590, 32'h384d46e0, 32'h1c26a370, 32'h00000000
  };
  localparam logic [511:0] T12 = {
    32'h87981ccf, 32'h9e832d8e, 32'hb5ae7e4d, 32'hacb54f0c, 32'he3f4d9cb, 32'hfaefe88a, 32'hd1c2bb49, 32'hc8d98a08,
    32'h4f4196c7, 32'h565aa786, 32'h7d77f445, 32'h646cc504, 32'h2b2d53c3, 32'h32366282, 32'h191b3141, 32'h00000000
  };
  localparam logic [511:0] T13 = {
    32'h14bce1bd, 32'h5e7ef3ec, 32'h8138c51f, 32'hcbfad74e, 32'he4c5aeb8, 32'hae07bce9, 32'h71418a1a, 32'h3b83984b,
    32'h2f3f79f6, 32'h65fd6ba7, 32'hbabb5d54, 32'hf0794f05, 32'hdf4636f3, 32'h958424a2, 32'h4ac21251, 32'h00000000
  };
  localparam logic [511:0] T14 = {
    32'h90bf1d91, 32'he7b82d07, 32'h7eb17cbd, 32'h09b64c2b, 32'h97d2d988, 32'he0d5e91e, 32'h79dcb8a4, 32'h0edb8832,
    32'h9e6495a3, 32'he963a535, 32'h706af48f, 32'h076dc419, 32'h990951ba, 32'hee0e612c, 32'h77073096, 32'h00000000
  };
  localparam logic [511:0] T15 = {
    32'hbdbdf21c, 32'ha00ae278, 32'h86d3d2d4, 32'h9b64c2b0, 32'hcb61b38c, 32'hd6d6a3e8, 32'hf00f9344, 32'hedb88320,
    32'h5005713c, 32'h4db26158, 32'h6b6b51f4, 32'h76dc4190, 32'h26d930ac, 32'h3b6e20c8, 32'h1db71064, 32'h00000000
  };

  function automatic logic [31:0] fold(input logic [63:0] x);
    fold = T0[{x[3:0], 5'd0}+:32] ^ T1[{x[7:4], 5'd0}+:32] ^ T2[{x[11:8], 5'd0}+:32] ^ T3[{x[15:12], 5'd0}+:32]
        ^ T4[{x[19:16], 5'd0}+:32] ^ T5[{x[23:20], 5'd0}+:32] ^ T6[{x[27:24], 5'd0}+:32] ^ T7[{x[31:28], 5'd0}+:32]
        ^ T8[{x[35:32], 5'd0}+:32] ^ T9[{x[39:36], 5'd0}+:32] ^ T10[{x[43:40], 5'd0}+:32] ^ T11[{x[47:44], 5'd0}+:32]
        ^ T12[{x[51:48], 5'd0}+:32] ^ T13[{x[55:52], 5'd0}+:32] ^ T14[{x[59:56], 5'd0}+:32] ^ T15[{x[63:60], 5'd0}+:32];
  endfunction

  function automatic logic [31:0] good(input logic [2:0] n);
    case (n)
      3'd0:    good = 32'h842a3990;
      3'd1:    good = 32'h94784e13;
      3'd2:    good = 32'h1c759789;
      3'd3:    good = 32'h19f6eb51;
      3'd4:    good = 32'h9add2096;
      3'd5:    good = 32'h62932081;
      3'd6:    good = 32'h4e3d5e5c;
      default: good = 32'h39dd08e2;
    endcase
  endfunction

endpackage
