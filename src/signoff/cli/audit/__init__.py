"""``signoff audit``: the tamper-evident log: take from it, verify it, erase from it, keep its keys.

``verify`` is not here: it runs without any of this (``signoff.cli.main``).
"""

from __future__ import annotations

import typer

from signoff.cli.audit import erasing, fsck, holds, keys, reading, taking, witness

app = typer.Typer(
    help="The tamper-evident log: exports, receipts, erasure, keys.", no_args_is_help=True
)

app.command("status")(reading.status)
app.command("export")(taking.export)
app.command(
    "verify",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    add_help_option=False,
)(taking.verify)
app.command("receipt")(taking.receipt)
app.command("fsck")(fsck.fsck)
app.command("erase")(erasing.erase)
app.command("anchors")(reading.anchors)
app.command("policy")(reading.policy)
app.add_typer(holds.app, name="hold")
app.add_typer(keys.app, name="keys")
app.add_typer(witness.app, name="witness")
