"""All families of mutants."""

from __future__ import annotations

from collections.abc import Mapping

from tests.audit.mutants import answers, histories, lines, members, notes, receipts
from tests.audit.mutants.mutant import Family, Mutant

FAMILIES: Mapping[str, Family] = {
    **lines.FAMILIES,
    **members.FAMILIES,
    **notes.FAMILIES,
    **histories.FAMILIES,
    **answers.FAMILIES,
    **receipts.FAMILIES,
}


def mutants() -> dict[str, list[Mutant]]:
    """Every mutant, by family."""
    return {name: list(family()) for name, family in FAMILIES.items()}
