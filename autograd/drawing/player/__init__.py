"""The step player, ``draw(y).save("graph.html")``: forward and backward, one node a step, on numbers one can change.

``snapshot`` keeps the numbers of a graph, ``page`` writes the file. The page computes with the same rule table: ``tracing``
runs a rule on symbols and ``javascript`` prints what it did; ``words`` has the textbook formulas. The .js files are
parts of one script: float functions, the two passes, sentences, steps, drawing, controls.
"""
