"""From the arguments of a call to the fields of a task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import signoff
from signoff.client._json import duration, restore, to_json
from signoff.client._questions import FIELDS, TaskType, question
from signoff.client.results import KINDS
from signoff.core.durations import parse_elapsed
from signoff.core.words import TaskType as CoreTaskType
from signoff.errors import InvalidInput


class Colour(StrEnum):
    RED = "red"


class Refund(BaseModel):
    amount: int


@dataclass
class Line:
    name: str
    price: Decimal


def test_the_sdk_knows_the_same_types_as_the_core() -> None:
    assert set(FIELDS) == set(KINDS) == set(get_args(TaskType)) == set(CoreTaskType)


def test_an_unknown_argument_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"approval\(\).*'titel'"):
        question("approval", {"titel": "x"})


def test_an_argument_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="'checklist'"):
        question("approval", {"checklist": ["x"]})


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeError, match="no type of task"):
        question("poll", {})


def test_a_model_makes_the_form() -> None:
    found = question("form", {"assignee": "a@b.test"}, answer=Refund)
    assert found.task["schema"] == Refund.model_json_schema()
    assert found.model is Refund
    with pytest.raises(TypeError, match="makes a form"):
        question("approval", {}, answer=Refund)
    with pytest.raises(TypeError, match="Pydantic"):
        question("form", {}, answer=dict)


def test_revisions_come_with_the_function_that_makes_them() -> None:
    assert question("review", {"revise": lambda c, t: t}).task["revisions"] == 10
    assert question("review", {"revise": lambda c, t: t, "revisions": 2}).task["revisions"] == 2
    with pytest.raises(TypeError, match="revise="):
        question("review", {"revisions": 3})


@pytest.mark.parametrize(
    ("kind", "given", "title"),
    [
        ("approval", {}, "Approval requested"),
        ("approval", {"action": {"name": "refund"}}, "Run refund?"),
        ("clarification", {"question": "How much?"}, "How much?"),
        ("clarification", {"question": "How much?\nThe form does not say."}, "How much?…"),
        ("confirmation", {"statement": "The wire is here."}, "The wire is here."),
        ("manual_action", {"instructions": "x" * 400}, "x" * 299 + "…"),
        ("approval", {"title": "Mine"}, "Mine"),
    ],
)
def test_a_question_without_a_title_takes_its_own_words(
    kind: str, given: dict[str, Any], title: str
) -> None:
    assert question(kind, given).task["title"] == title


def test_times_are_sent_as_the_server_reads_them() -> None:
    given = {"deadline": timedelta(hours=36), "ladder": [{"after": timedelta(minutes=5)}]}
    found = question("approval", given)
    assert found.task["deadline"] == "129600s"
    assert found.task["ladder"] == [{"after": "300s"}]
    moment = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert question("approval", {"deadline": moment}).task["deadline"] == moment.isoformat()
    with pytest.raises(InvalidInput, match="no time zone"):
        question("approval", {"deadline": datetime(2026, 12, 1)})  # noqa: DTZ001


@pytest.mark.parametrize(
    "span", [timedelta(seconds=1.5), timedelta(days=3), timedelta(milliseconds=20)]
)
def test_a_duration_means_the_same_to_the_server(span: timedelta) -> None:
    assert parse_elapsed(duration(span), field="x") == span


def test_a_stage_and_a_rung_are_sent_as_they_are_written() -> None:
    stage = signoff.Stage(
        who=["role:engineer", "role:manager"],
        need={"role:engineer": 2, "role:manager": 1},
        veto=False,
        ladder=[signoff.Rung(after=timedelta(hours=1), do="remind"), {"after": "2h", "do": "fail"}],
        calendar=signoff.Calendar(zone="Europe/Berlin", hours="Mon-Fri 09:00-17:30"),
    )

    found = question("approval", {"chain": ["role:manager", stage]})

    assert found.task["chain"] == [
        "role:manager",
        {
            "who": ["role:engineer", "role:manager"],
            "need": {"role:engineer": 2, "role:manager": 1},
            "veto": False,
            "ladder": [{"after": "3600s", "do": "remind"}, {"after": "2h", "do": "fail"}],
            "calendar": {"zone": "Europe/Berlin", "hours": "Mon-Fri 09:00-17:30"},
        },
    ]


def test_what_is_said_about_the_clock_is_of_the_task() -> None:
    given = {
        "calendar": ["berlin", "person"],
        "start_deadline": timedelta(minutes=30),
        "pause": True,
        "outage": "strict",
        "watchers": ["role:audit"],
        "self_approval": True,
    }

    found = question("approval", given)

    assert found.task == {
        "type": "approval",
        "title": "Approval requested",
        **given,
        "start_deadline": "1800s",
    }


def test_what_is_of_the_call_is_not_of_the_task() -> None:
    found = question("approval", {"key": "k", "timeout": timedelta(minutes=1), "payload": {"a": 1}})
    assert set(found.task) == {"type", "title"}
    assert (found.key, found.timeout, found.payload) == ("k", 60.0, {"a": 1})


def test_what_produced_it_is_of_the_intent_and_the_credential_of_the_task() -> None:
    custody, provenance = {"subject": "customer:cus_1"}, {"model_name": "large"}
    given = {"credential": "session", "custody": custody, "provenance": provenance}
    found = question("approval", given)
    assert found.task == {
        "type": "approval",
        "title": "Approval requested",
        "credential": "session",
    }
    assert (found.custody, found.provenance) == (custody, provenance)


def test_the_slug_is_the_same_every_time_and_tells_titles_apart() -> None:
    one = question("approval", {"title": "Refund 240 € to 佐藤?"}).slug()
    assert one == question("approval", {"title": "Refund 240 € to 佐藤?", "risk": "high"}).slug()
    assert one != question("approval", {"title": "Refund 240 € to 田中?"}).slug()
    assert one.isascii()
    assert " " not in one


# JSON


def test_rich_values_become_json_at_any_depth() -> None:
    value = {
        "lines": (Line("a", Decimal("1.50")),),
        "model": Refund(amount=3),
        "day": date(2026, 1, 2),
        "colour": Colour.RED,
    }
    assert to_json(value, field="x") == {
        "lines": [{"name": "a", "price": "1.50"}],
        "model": {"amount": 3},
        "day": "2026-01-02",
        "colour": "red",
    }


@pytest.mark.parametrize("value", [{1: "a"}, {1, 2}, object(), float("nan"), b"x", Refund])
def test_what_is_no_json_is_refused_with_its_path(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"payload\.deep") as caught:
        to_json({"deep": value}, field="payload")
    assert caught.value.errors[0].field == "payload.deep"


def test_values_come_back_as_the_type_that_is_wanted() -> None:
    assert restore({"amount": 3}, Refund, field="x") == Refund(amount=3)
    assert restore({"name": "a", "price": "1.50"}, Line, field="x") == Line("a", Decimal("1.50"))
    with pytest.raises(InvalidInput, match="x is no Line"):
        restore({"name": "a"}, Line, field="x")
