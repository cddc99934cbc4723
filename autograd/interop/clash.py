"""Another package that is called ``autograd`` too: HIPS autograd, of that name on PyPI.

pip overwrites the files of one with the other's and says nothing; uninstalling either then breaks both. So importing
ours looks for the other one, by listing the folders of ``sys.path``: 0.3 ms, where ``importlib.metadata`` takes 30 ms to
import.
"""

import os
import sys
from collections.abc import Iterable

MEND = "pip uninstall autograd chainrule, then pip install . in a clone of chainrule"


def other_autograd(folders: Iterable[str]) -> str | None:
    """The metadata folder of an installed HIPS autograd in one of ``folders``, None where there is none.

    >>> other_autograd([])
    """
    for folder in folders:
        try:
            names = os.listdir(folder or os.curdir)
        except OSError:  # a zip file, or a folder that isn't there
            continue
        for name in names:
            if name.startswith("autograd-") and name.endswith((".dist-info", ".egg-info")):
                return os.path.join(folder, name)
    return None


def warn_of_clash() -> None:
    """Warn, at the line that imports ``autograd``, if HIPS autograd is installed as well.

    >>> warn_of_clash()
    """
    other = other_autograd(sys.path)
    if other:
        import warnings

        warnings.warn(
            "two packages named autograd are installed: this one, of the distribution chainrule, and HIPS autograd "
            f"({other}). They overwrite each other's files. To keep this one: {MEND}. "
            "To have both, give each a virtual environment of its own.",
            RuntimeWarning,
            stacklevel=3,
        )
