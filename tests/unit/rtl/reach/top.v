/* top -- not the module other. */
module top (input wire i, output wire o);
    // other u_other ();
    wire [15:0] code = 16'hface;
    wire not_other = code[0];
    initial if (not_other) $display("other \" other");
    leaf u_leaf (.i(i), .o(o));
endmodule
