"""What programs written for micrograd ask of a node: its names, one step of the backward pass, operations by closure."""
