// A counter with a display for each of its digits.
`include "widths.vh"
module board(input clk, input reset, input load, input enable, input [`COUNT_WIDTH-1:0] value, output [2*`SEGMENTS-1:0] segments);
  wire [`COUNT_WIDTH-1:0] count;
  counter #(.WIDTH(`COUNT_WIDTH)) counter_0(.clk(clk), .reset(reset), .load(load), .enable(enable), .value(value), .count(count));
  genvar i;
  generate
    for (i = 0; i < 2; i = i + 1) begin : digits
      display display_0(.digit(count[4*i +: 4]), .segments(segments[`SEGMENTS*i +: `SEGMENTS]));
    end
  endgenerate
endmodule
