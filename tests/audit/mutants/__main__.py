"""``python -m tests.audit.mutants NAME FOLDER`` makes a mutant again: its file, and what it is."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.audit.mutants import mutants

found = [each for members in mutants().values() for each in members if each.name == sys.argv[1]]
folder = Path(sys.argv[2] if len(sys.argv) > 2 else ".")
for each in found:
    made = each.make()
    (folder / "mutant").write_bytes(made.data)
    for name, text in (("policy", made.policy), ("since", made.since)):
        if text is not None:
            (folder / name).write_text(text)
    print(f"{folder / 'mutant'} (and its policy, since): entry {made.bad} is the first bad one")
