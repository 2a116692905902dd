// A counter that may be loaded.
`include "widths.vh"
module counter #(parameter WIDTH = `COUNT_WIDTH) (
  input clk, input reset, input load, input enable, input [WIDTH-1:0] value, output reg [WIDTH-1:0] count);
  always @(posedge clk)
    if (reset) count <= 0;
    else if (load) count <= value;
    else if (enable) count <= count + 1'b1;
endmodule
