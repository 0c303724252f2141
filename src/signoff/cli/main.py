"""The entry point of the `signoff` command, importable where only the SDK is installed."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line in ``sys.argv`` and exit with its code."""
    try:
        from signoff.cli.program import run
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("signoff"):
            raise
        print(f"error: the `signoff` command needs {missing.name}", file=sys.stderr)
        print("next: pip install 'signoff[server]'", file=sys.stderr)
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))
