"""Our gradients beside those of JAX and PyTorch, on ten thousand random graphs.

- ``test_stored_graphs``: against the values of both kept in tests/data; needs neither and takes seconds.
- ``test_live_graphs``: against whichever is installed; ``pytest -m peers``, minutes.
- ``python -m tests.peers.make_graphs`` makes the kept values and prints the figures.

``graphs`` draws, ``libraries`` translates, ``verdicts`` compares and ``referee``, in mpmath, decides where they differ.
"""
