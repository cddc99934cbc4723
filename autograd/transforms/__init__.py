"""Derivatives of functions: ``reverse`` and ``forward`` mode, ``call`` which runs the function, ``trees`` of its arguments."""
