"""What there is to see in a picture: boxes, edges, groups, and the words and numbers on them."""
