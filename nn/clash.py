"""The ``autograd`` that ``nn`` is built on is ours; HIPS autograd has the same import name: ``autograd.interop.clash``."""

import autograd

if not hasattr(autograd, "Value"):
    found = getattr(autograd, "__file__", None) or list(autograd.__path__)
    raise ImportError(
        f"nn is built on the autograd of the distribution chainrule, but `import autograd` found {found}, probably HIPS "
        "autograd, which has the same name. To mend it: pip uninstall autograd chainrule, then pip install . in a clone of "
        "chainrule"
    )
