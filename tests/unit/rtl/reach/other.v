// other -- through top to leaf.
module other (input wire i, output wire o);
    top u_top (.i(i), .o(o));
endmodule
