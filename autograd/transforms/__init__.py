"""Derivatives of functions: ``reverse`` and ``forward`` mode; ``call`` runs the function, ``trees`` holds its arguments."""
