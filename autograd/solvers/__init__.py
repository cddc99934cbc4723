"""Solvers: what an equation, an optimum or a differential equation defines, with its derivatives."""
