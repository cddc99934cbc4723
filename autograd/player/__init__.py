"""The step player, ``draw(y).save("graph.html")``: forward and backward, one node a step, on numbers one can change.

``snapshot`` keeps the numbers of a graph, ``page`` writes the file. The page computes with the same rule table:
``javascript`` prints the rules, ``wording`` has the textbook formulas. The scripts in ``assets`` are parts of one: float
functions, the two passes, sentences, steps, drawing, controls.
"""
