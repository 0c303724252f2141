"""Whatever is changed in what proves, the verifier refutes it, and names the first bad entry.

``python -m tests.audit.mutants NAME`` says what a mutant is that fails here, and writes its file.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest

from signoff.audit.command import REFUTED, UNCHECKED, VERIFIED, main
from tests.audit.mutants import FAMILIES, Made, mutants
from tests.audit.mutants.mutant import stored
from tests.audit.mutants.specimens import SPECIMENS, Specimen

AT_LEAST = 5_000
_ALL = mutants()
_EACH = 50
_PARTS = [
    pytest.param(family, at, id=f"{family.replace(' ', '-')}-{at // _EACH}")
    for family, members in _ALL.items()
    for at in range(0, len(members), _EACH)
]


@pytest.mark.parametrize(("family", "start"), _PARTS)
def test_a_mutant_is_refuted_and_its_first_bad_entry_named(
    family: str, start: int, tmp_path: Path
) -> None:
    survivors = []
    for mutant in _ALL[family][start : start + _EACH]:
        made = mutant.make()
        wanted = made.bad
        code, index = verified(made, tmp_path)
        if code == UNCHECKED and made.unreadable:
            continue
        if (code, index) != (REFUTED, wanted):
            survivors.append(f"{mutant.name!r}: exit {code}, entry {index}, but {wanted} is bad")
    assert not survivors, "\n".join(survivors)


def test_there_are_enough_of_them() -> None:
    names = [each.name for members in _ALL.values() for each in members]
    assert len(names) >= AT_LEAST
    assert len(set(names)) == len(names)
    assert _ALL.keys() == FAMILIES.keys()
    assert all(_ALL.values())


@pytest.mark.parametrize("specimen", SPECIMENS.values(), ids=SPECIMENS)
def test_what_was_changed_is_verified_as_it_was(specimen: Specimen, tmp_path: Path) -> None:
    whole = Made(stored(specimen.members), policy=specimen.policy)
    assert verified(whole, tmp_path) == (VERIFIED, None)
    assert verified(whole._replace(policy=None), tmp_path) == (VERIFIED, None)


def verified(made: Made, folder: Path) -> tuple[int, int | None]:
    """What the command says of it: the exit code, and the first bad index."""
    arguments = ["verify", str(folder / "file"), "--json"]
    (folder / "file").write_bytes(made.data)
    for name, text in (("policy", made.policy), ("since", made.since)):
        if text is not None:
            (folder / name).write_text(text)
            arguments += [f"--{name}", str(folder / name)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        code = main(arguments)
    refuted = json.loads(said.getvalue())["refuted"] if said.getvalue() else None
    return code, refuted["index"] if refuted else None
