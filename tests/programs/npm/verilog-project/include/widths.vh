`ifndef WIDTHS_VH
`define WIDTHS_VH
`define COUNT_WIDTH 8
`define SEGMENTS 7
`endif
