"""Checkpoints with what witnesses have put below them; pure.

A quorum is of one checkpoint, so an export or a receipt that is to satisfy a policy is made for one
that enough witnesses have cosigned, which is rarely the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from signoff.engine.log.ports import Anchored

WITNESS = "witness"

Enough = Callable[[str], bool]
"""Whether those who have cosigned a note are a quorum."""


def anybody(note: str) -> bool:
    """One cosignature is enough, where nobody has said how many are."""
    return True


def cosigned(rows: Sequence[Anchored]) -> list[tuple[int, str]]:
    """Every checkpoint that a witness has cosigned, with its size: the newest first.

    Each is the note as it was published, with the lines of all who have cosigned it.

    :param rows: of one workspace, the newest first, as a store gives them.
    """
    notes: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for row in rows:
        if row.kind == WITNESS and row.evidence is not None:
            signed = row.checkpoint.partition("\n\n")[0]
            sizes[signed] = row.size
            note = notes.setdefault(signed, row.checkpoint)
            if row.evidence not in note:
                notes[signed] = note + row.evidence
    return [
        (sizes[each], notes[each]) for each in sorted(sizes, key=sizes.__getitem__, reverse=True)
    ]
