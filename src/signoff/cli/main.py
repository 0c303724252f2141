"""The entry point of the `signoff` command, importable where only the SDK is installed."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line in ``sys.argv`` and exit with its code.

    The verifier is run by itself: it needs nothing of the rest, and is done before that is loaded.
    """
    if sys.argv[1:3] == ["audit", "verify"]:
        from signoff.audit.command import main as verify

        sys.exit(verify(sys.argv[2:]))
    try:
        from signoff.cli.program import run
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("signoff"):
            raise
        print(f"error: the `signoff` command needs {missing.name}", file=sys.stderr)
        print("next: pip install 'signoff[server]'", file=sys.stderr)
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))
