"""``python -m conductor.slate``: a ``cnode`` that writes slates."""

import sys

from conductor.slate.cnode import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
