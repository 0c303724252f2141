"""What may be asked of whom: names, chains, ladders and their limits, refused at creation."""

from __future__ import annotations

from typing import Any

import pytest

from signoff.core.asking import DEFAULT_LADDER, AskRequest, people_named, read_ask
from signoff.core.ladder import Do
from signoff.core.task import Ask
from signoff.core.words import TaskId
from signoff.errors import InvalidTask, UnknownPerson
from tests.core.story import BIRGIT, EVERYBODY, GONE, JONAS, MARA, START, fields, request


def ask(**asked: Any) -> Ask:
    return read_ask(request(**asked), EVERYBODY, now=START)


def refused(**asked: Any) -> str:
    with pytest.raises(InvalidTask) as error:
        ask(**asked)
    assert error.value.errors[0].message == error.value.message
    return error.value.errors[0].field


def labels(asked: Ask) -> list[list[str]]:
    return [[selector.label for selector in stage.who] for stage in asked.stages]


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ({"assignee": MARA.email}, [[MARA.email]]),
        ({"assignee": MARA.id}, [[MARA.email]]),
        ({"assignee": "  MARA@acme.test"}, [[MARA.email]]),
        ({"assignee": f"person:{MARA.email}"}, [[MARA.email]]),
        ({"assignee": "role:manager"}, [["role:manager"]]),
        ({"assignees": [MARA.email, "group:pay"]}, [[MARA.email, "group:pay"]]),
        ({"assignees": [MARA.email, MARA.id]}, [[MARA.email]]),
        (
            {"assignee": MARA.email, "assignees": [JONAS.email]},
            [[MARA.email, JONAS.email]],
        ),
        (
            {"chain": [MARA.email, {"who": JONAS.email}, {"who": ["role:a", "role:b"]}]},
            [[MARA.email], [JONAS.email], ["role:a", "role:b"]],
        ),
    ],
)
def test_who_is_asked_can_be_said_in_a_short_form_or_a_long_one(
    asked: dict[str, Any], who: list[list[str]]
) -> None:
    found = AskRequest(id=TaskId("task_1"), fields={"type": "form", "title": "t", **asked})
    assert labels(read_ask(found, EVERYBODY, now=START)) == who


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"assignee": None}, "task.assignee"),
        ({"assignees": []}, "task.assignee"),
        ({"chain": ["role:a"], "assignee": MARA.email}, "task.chain"),
        ({"chain": ["role:a"] * 11}, "task.chain"),
        ({"chain": [{"who": []}]}, "task.chain.0.who"),
        ({"chain": ["role:a", {"exclude": [MARA.email]}]}, "task.chain.1.who"),
        ({"assignees": [f"role:r{n}" for n in range(51)]}, "task.assignees"),
        ({"assignee": "role:"}, "task.assignee"),
        ({"assignee": "group:a b"}, "task.assignee"),
        ({"exclude": ["role:"]}, "task.exclude.0"),
        ({"exclude": [MARA.email]}, "task.assignee"),
        ({"chain": [{"who": MARA.id, "exclude": [MARA.email]}]}, "task.chain.0.need"),
        ({"outcomes": ["approved", "perhaps"]}, "task.outcomes"),
        ({"title": " "}, "task.title"),
        ({"title": None}, "task.title"),
        ({"type": "vote"}, "task.type"),
        ({"risk": "huge"}, "task.risk"),
        ({"comment": "please"}, "task.comment"),
        ({"evidence": "please"}, "task.evidence"),
        ({"schema": {"type": "x"}}, "task.schema"),
    ],
    ids=str,
)
def test_a_request_that_makes_no_sense_is_refused(asked: dict[str, Any], field: str) -> None:
    assert refused(**asked) == field


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"assignee": "nobody@acme.test"}, "task.assignee"),
        ({"assignee": GONE.email}, "task.assignee"),
        ({"assignee": "manager"}, "task.assignee"),
        ({"exclude": "nobody@acme.test"}, "task.exclude"),
        ({"chain": ["role:a", "nobody@acme.test"]}, "task.chain.1"),
        ({"chain": ["role:a", {"who": "nobody@acme.test"}]}, "task.chain.1.who"),
        ({"chain": [{"who": ["role:a", "nobody@acme.test"]}]}, "task.chain.0.who.1"),
        ({"chain": [{"who": "role:a", "veto": ["nobody@acme.test"]}]}, "task.chain.0.veto.0"),
        ({"watchers": ["role:a", "nobody@acme.test"]}, "task.watchers.1"),
        (
            {"ladder": [{"after": "1h", "do": "escalate", "to": "nobody@acme.test"}]},
            "task.ladder.0.to",
        ),
    ],
    ids=str,
)
def test_a_request_that_names_somebody_unknown_is_refused(
    asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(UnknownPerson) as error:
        ask(**asked)
    assert error.value.errors[0].field == field


def test_an_exclusion_holds_in_every_stage_and_for_the_disabled_too() -> None:
    chain = ["role:a", {"who": "role:b", "exclude": [JONAS.email]}]
    found = ask(chain=chain, exclude=[MARA.email, GONE.email])
    assert [[selector.label for selector in stage.exclude] for stage in found.stages] == [
        [MARA.email, GONE.email],
        [MARA.email, GONE.email, JONAS.email],
    ]


def test_outcomes_are_narrowed_in_the_order_of_the_type() -> None:
    assert ask(type="review", outcomes=["rejected", "approved", "rejected"]).outcomes == (
        "approved",
        "rejected",
    )


def test_everybody_a_request_names_is_loaded() -> None:
    asked = fields(
        chain=[MARA.email, {"who": ["role:a", JONAS.email.upper()], "exclude": ["per_x"]}],
        ladder=[{"after": "1h", "do": "escalate", "to": ["group:g", BIRGIT.email]}],
        exclude=["per_y"],
    )
    assert set(people_named(asked)) == {MARA.email, JONAS.email, BIRGIT.email, "per_x", "per_y"}


# Ladders


def test_the_default_ladder_is_the_one_that_is_documented() -> None:
    assert ask().ladder == ask(ladder=list(DEFAULT_LADDER)).ladder
    assert [rung.do for rung in ask().ladder] == [Do.REMIND, Do.ESCALATE, Do.FAIL]


@pytest.mark.parametrize(
    ("rung", "field"),
    [
        ({"after": "1h", "do": "explode"}, "do"),
        ({"after": "1h"}, "do"),
        ({"after": "1h", "do": "conclude"}, "do"),
        ({"after": "1h", "do": "fail", "outcome": "rejected"}, "do"),
        ({"after": "1h", "do": "escalate"}, "to"),
        ({"after": "1h", "do": "escalate", "to": []}, "to"),
        ({"do": "remind"}, "after"),
        ({"after": "0s", "do": "remind"}, "after"),
        ({"after": "-1h", "do": "remind"}, "after"),
        ({"after": "soon", "do": "remind"}, "after"),
        ({"after": "11y", "do": "remind"}, "after"),
        ({"after": "9999d", "do": "remind"}, "after"),
        ({"after": "9" * 400 + "d", "do": "remind"}, "after"),
        ({"after": "1h", "do": "remind", "every": "0s"}, "every"),
        ({"after": "1h", "do": "remind", "every": ""}, "every"),
        ({"after": "1h", "do": "remind", "every": "1h", "max": 0}, "max"),
        ({"after": "1h", "do": "remind", "every": "1h", "max": -1}, "max"),
        ({"after": "1h", "do": "remind", "every": "1h", "max": 101}, "max"),
        ({"after": "1h", "do": "fail", "every": "1h"}, "every"),
        ({"after": "1h", "conclude": "perhaps"}, "conclude"),
        ({"after": "1h", "conclude": "approved"}, "conclude"),
        ({"after": "1h", "do": "conclude", "outcome": "approved"}, "conclude"),
    ],
    ids=str,
)
def test_a_rung_that_makes_no_sense_is_refused(rung: dict[str, Any], field: str) -> None:
    assert refused(ladder=[rung]) == f"task.ladder.0.{field}"


def test_a_ladder_has_ten_rungs_at_most() -> None:
    rungs = [{"after": f"{n}h", "do": "remind"} for n in range(1, 12)]
    assert refused(ladder=rungs) == "task.ladder"
    assert len(ask(ladder=rungs[:10]).ladder) == 11


@pytest.mark.parametrize("type_", ["approval", "review", "confirmation", "form", "override"])
def test_running_out_of_time_never_means_go_ahead(type_: str) -> None:
    go_ahead = ask(type=type_).outcomes[0]
    assert refused(type=type_, ladder=[{"after": "1h", "conclude": go_ahead}])


def test_a_rung_concludes_only_with_an_outcome_the_task_can_have() -> None:
    rung = {"after": "1h", "conclude": "rejected"}
    assert refused(ladder=[rung], outcomes=["approved"]) == "task.ladder.0.conclude"
