"""Chains in their long form: what is read, and what is refused before anybody is asked."""

from __future__ import annotations

from typing import Any

import pytest

from signoff.core.asking import read_ask
from signoff.core.chain import Stage
from signoff.core.routing import Person
from signoff.core.task import Ask
from signoff.errors import InvalidTask
from tests.core.story import START, directory, fields, person, request

ANN = person("ann", "engineer", region="eu")
BEN = person("ben", "engineer", "manager")
CAT = person("cat", "manager", attributes={"level": "2"}, region="eu")
RITA = person("rita", "owner", aliases=("r.ita@acme.test",))
PEOPLE = (ANN, BEN, CAT, RITA)
NOBODY = ("role:lawyer", "group:board", "role:manager@region:us")


def ask(*people: Person, requesters: tuple[str, ...] = (), **asked: Any) -> Ask:
    known = directory(*(people or PEOPLE), asked=NOBODY)
    return read_ask(request(**asked), known, now=START, requesters=requesters)


def stage(link: dict[str, Any], **asked: Any) -> Stage:
    return ask(chain=[link], **asked).stages[0]


def refused(**asked: Any) -> tuple[str, str]:
    with pytest.raises(InvalidTask) as error:
        ask(**asked)
    (only,) = error.value.errors
    return only.field, only.message


# What is read


def test_quotas_say_whom_a_stage_asks_and_how_many_it_needs() -> None:
    found = stage({"need": {"role:engineer": 1, "role:manager": 1}})
    assert [selector.label for selector in found.who] == ["role:engineer", "role:manager"]
    assert (found.need, [quota.need for quota in found.quotas]) == (2, [1, 1])


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (None, None),
        (True, None),
        (False, ()),
        ([], ()),
        ("role:manager", ("role:manager",)),
        (["cat@acme.test"], ("cat@acme.test",)),
    ],
)
def test_a_veto_is_anybodys_nobodys_or_theirs(said: Any, read: tuple[str, ...] | None) -> None:
    veto = stage({"who": "role:engineer", "veto": said}).veto
    assert (veto if veto is None else tuple(selector.label for selector in veto)) == read


def test_attributes_narrow_whom_a_role_reaches() -> None:
    found = ask(assignee="role:manager@region:eu@level:2").stages[0].who[0]
    assert (found.value, found.where) == ("manager", (("region", "eu"), ("level", "2")))
    assert refused(assignee="role:manager@region:us")[0] == "task.assignee"
    where = "task.chain.0.need"
    assert refused(chain=[{"who": "role:manager@region:eu", "need": 2}])[0] == where


def test_a_stage_may_bring_its_own_ladder() -> None:
    rows = [{"after": "1h", "do": "fail"}]
    chain = ["role:engineer", {"who": "role:manager", "ladder": rows}]
    first, second = ask(chain=chain).stages
    assert first.ladder is None
    assert second.ladder is not None
    assert [rung.do for rung in second.ladder] == ["fail"]


# What makes no sense


@pytest.mark.parametrize(
    ("link", "field"),
    [
        ({"who": "role:engineer", "need": 0}, "need"),
        ({"who": "role:engineer", "need": -1}, "need"),
        ({"who": "role:engineer", "need": 51}, "need"),
        ({"who": "role:engineer", "need": True}, "need"),
        ({"who": "role:engineer", "need": "2"}, "need"),
        ({"who": "role:engineer", "need": {}}, "need"),
        ({"need": {"role:engineer": 0}}, "need"),
        ({"need": {"role:engineer": "1"}}, "need"),
        ({"need": {"ann@acme.test": 1}}, "need"),
        ({"need": {"role:": 1}}, "need"),
        ({"need": 2}, "who"),
        ({"who": "role:engineer", "veto": ["role:"]}, "veto.0"),
        ({"who": "role:engineer", "exclude": "role:"}, "exclude"),
        ({"who": "role:engineer", "pick": "random"}, "pick"),
        ({"who": "role:engineer", "when": "payload.x"}, "when"),
        ({"who": ["role:engineer", "role:engineer@region"]}, "who.1"),
        ({"who": "role:engineer", "ladder": [{"after": "1h", "do": "explode"}]}, "ladder.0.do"),
        ({"who": [f"role:r{n}" for n in range(51)]}, "who"),
    ],
    ids=str,
)
def test_a_stage_that_makes_no_sense_is_refused_with_its_place(
    link: dict[str, Any], field: str
) -> None:
    assert refused(chain=["role:engineer", link])[0] == f"task.chain.1.{field}"


@pytest.mark.parametrize(
    ("type_", "more"),
    [
        ("form", {}),
        ("clarification", {}),
        ("assignment", {}),
        ("approval", {"action": {"name": "refund", "arguments": {}}, "editable": True}),
    ],
)
def test_several_people_answer_only_what_several_can(type_: str, more: dict[str, Any]) -> None:
    chain = [{"who": ["role:engineer", "role:manager"], "need": 2}]
    assert refused(type=type_, chain=chain, **more)[0] == "task.chain.0.need"


@pytest.mark.parametrize("type_", ["approval", "review", "confirmation", "manual_action"])
def test_several_people_answer_what_several_can(type_: str) -> None:
    assert ask(type=type_, chain=[{"who": "role:manager", "need": 2}]).stages[0].need == 2


# What could never be gone through


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"assignee": "role:lawyer"}, "task.assignee", "role:lawyer has nobody"),
        ({"chain": ["role:lawyer"]}, "task.chain.0.need", "nobody may; missing: 1 more"),
        (
            {"chain": ["role:engineer", {"who": "role:manager", "need": 3}]},
            "task.chain.1.need",
            "3 have to answer and ben@acme.test, cat@acme.test may; missing: 1 more",
        ),
        (
            {"chain": [{"need": {"role:engineer": 2, "role:manager": 2}}]},
            "task.chain.0.need",
            "missing: 1 more of role:manager",
        ),
        (
            {"chain": [{"need": {"role:engineer": 1, "group:board": 1}}]},
            "task.chain.0.need",
            "missing: 1 more of group:board (group:board has nobody)",
        ),
        (
            {"chain": [{"who": "role:manager", "need": 2, "exclude": "cat@acme.test"}]},
            "task.chain.0.need",
            "cat@acme.test is excluded",
        ),
        (
            {"chain": [{"who": "role:owner"}], "requesters": ("R.ita@acme.test",)},
            "task.chain.0.need",
            "rita@acme.test requested this",
        ),
        (
            {"chain": ["ben@acme.test", {"who": "ben@acme.test", "distinct": True}]},
            "task.chain.1.need",
            "others than those who answer stage 1",
        ),
        (
            {"chain": [{"who": "role:manager", "need": 2}, {"who": BEN.id, "distinct": True}]},
            "task.chain.1.need",
            "only ben@acme.test may",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_more_people_than_there_are_is_refused_with_names(
    asked: dict[str, Any], field: str, said: str
) -> None:
    where, message = refused(**asked)
    assert where == field
    assert said in message


def test_a_stage_that_is_not_asked_needs_nobody() -> None:
    chain = [{"who": "role:lawyer", "when": "false"}, "role:manager"]
    assert [found.applies for found in ask(chain=chain).stages] == [False, True]


def test_what_was_not_loaded_is_not_said_to_be_missing() -> None:
    assert ask(chain=[{"who": "role:unheard-of", "need": 3}]).stages[0].need == 3


def test_others_than_before_may_be_just_enough() -> None:
    chain = ["role:manager", {"who": "role:manager", "distinct": True}]
    assert ask(chain=chain).stages[1].distinct


def test_fields_of_a_short_form_hold_for_one_stage() -> None:
    asked = fields(assignees=["role:manager", ANN.email], exclude=[BEN.email])
    found = read_ask(request(**asked), directory(*PEOPLE), now=START)
    assert [stage.need for stage in found.stages] == [1]
