// An 8-bit counter that may be loaded, and a seven-segment display of its low digit.
module counter(input clk, input reset, input load, input enable, input [7:0] value, output reg [7:0] count, output reg [6:0] segments);
  always @(posedge clk)
    if (reset) count <= 8'd0;
    else if (load) count <= value;
    else if (enable) count <= count + 8'd1;

  always @*
    case (count[3:0])
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
