"""``python -m signoff.cli`` is the `signoff` command."""

from signoff.cli.main import main

main()
