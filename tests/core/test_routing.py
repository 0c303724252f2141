"""Selectors and eligibility: how people are named, and whom a stage reaches."""

from __future__ import annotations

import pytest

from signoff.core.chain import Stage, require_eligible
from signoff.core.routing import (
    Selector,
    SelectorKind,
    names,
    names_person,
    resolve,
    selected,
    tokens,
)
from signoff.errors import InvalidTask, NotEligible
from tests.core.story import EVERYBODY, GONE, JONAS, MARA


def stage(*references: str, exclude: tuple[str, ...] = ()) -> Stage:
    who = tuple(resolve(reference, EVERYBODY, field="f") for reference in references)
    out = tuple(resolve(reference, EVERYBODY, field="f") for reference in exclude)
    return Stage(who=who, exclude=out)


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("mara@acme.test", "mara@acme.test"),
        ("  Mara@Acme.Test ", "mara@acme.test"),
        ("person:Mara@acme.test", "mara@acme.test"),
        ("per_mara", "per_mara"),
        ("role:manager", None),
        ("group:payments", None),
        ("team:payments", "team:payments"),
    ],
)
def test_a_reference_names_a_person_or_nobody_in_particular(
    reference: str, named: str | None
) -> None:
    assert names_person(reference) == named


def test_a_person_is_named_by_id_or_mail_however_written() -> None:
    for reference in ("MARA@acme.test", "per_mara", "person:per_mara"):
        assert names(reference, MARA)
    for reference in ("", "role:manager", "mara", "jonas@acme.test"):
        assert not names(reference, MARA)


def test_tokens_are_what_the_assignment_index_holds() -> None:
    assert tokens(JONAS) == ("person:per_jonas", "role:manager", "role:operator", "group:payments")
    manager = Selector(kind=SelectorKind.ROLE, value="manager", label="role:manager")
    assert manager.token == "role:manager"


@pytest.mark.parametrize(
    ("reference", "reached"),
    [
        ("jonas@acme.test", True),
        ("role:operator", True),
        ("group:payments", True),
        ("role:payments", False),
        ("group:operator", False),
        ("role:Manager", False),
        ("mara@acme.test", False),
    ],
)
def test_a_selector_reaches_a_person_by_name_role_or_group(reference: str, reached: bool) -> None:
    assert selected(stage(reference).who, JONAS) is reached


@pytest.mark.parametrize("reference", ["role:", "role: x", "group:a:b", "role:" + "x" * 101])
def test_what_is_no_role_or_group_is_refused(reference: str) -> None:
    with pytest.raises(InvalidTask):
        resolve(reference, EVERYBODY, field="f")


def test_eligible_is_who_is_asked_enabled_and_neither_excluded_nor_barred() -> None:
    asked = stage("role:manager")
    require_eligible(asked, MARA)
    for person, where, barred in (
        (GONE, asked, ()),
        (MARA, stage("role:manager", exclude=(MARA.email,)), ()),
        (MARA, asked, ("Mara@acme.test",)),
        (MARA, asked, (MARA.id,)),
        (MARA, stage("role:operator"), ()),
    ):
        with pytest.raises(NotEligible):
            require_eligible(where, person, barred=barred)
