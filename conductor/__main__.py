"""``python -m conductor`` and the ``conductor`` command."""

import sys

if sys.version_info < (3, 10):
    sys.exit(
        "conductor: the command line needs Python 3.10 or newer, this is %d.%d; "
        "conductor.lib and the Clarisse plugin work here" % sys.version_info[:2]
    )

from conductor.cli.main import main

if __name__ == "__main__":
    main()
