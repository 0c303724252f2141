"""The verifier as a command: ``python -m audit verify FILE``, wherever this directory was copied.

Exit codes: 0 verified, 1 refuted, 2 could not be checked. It ends in one of them whatever the file
holds.
"""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:  # run as a directory: python path/to/audit FILE
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    __package__ = Path(__file__).resolve().parent.name
    __import__(__package__)

from .command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
