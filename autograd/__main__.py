"""``python -m autograd …``: the command line, see ``autograd.cli.parser``."""

import sys

from autograd.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
