// One decimal digit on seven segments; anything else is a dash.
`include "widths.vh"
module display(input [3:0] digit, output reg [`SEGMENTS-1:0] segments);
  always @*
    case (digit)
      4'h0: segments = 7'b0111111;
      4'h1: segments = 7'b0000110;
      4'h2: segments = 7'b1011011;
      4'h3: segments = 7'b1001111;
      4'h4: segments = 7'b1100110;
      4'h5: segments = 7'b1101101;
      4'h6: segments = 7'b1111101;
      4'h7: segments = 7'b0000111;
      4'h8: segments = 7'b1111111;
      4'h9: segments = 7'b1101111;
      default: segments = 7'b1000000;
    endcase
endmodule
