"""What the command line does with an expression: draw it, explain a derivative, check all of them."""
