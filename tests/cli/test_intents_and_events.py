"""Intents are listed, shown, watched, ended and taken over; their events are printed in order."""

from __future__ import annotations

import json
import re
import threading
import time
from typing import Any

import httpx2
import pytest

from signoff.cli.failures import REFUSED
from tests.cli.asking import asked
from tests.cli.conftest import Terminal


def submitted(signoff: Terminal, agent: str, **fields: Any) -> str:
    """A handled intent, as an agent's run would submit one."""
    response = httpx2.post(
        f"{signoff.server.url}/v1/intents",
        json={"type": "demo", "title": "A demo", **fields},
        headers={"Authorization": f"Bearer {agent}"},
    )
    assert response.status_code == 201, response.text
    return str(response.json()["intent"]["id"])


def test_intents_are_listed_newest_first_and_by_status(signoff: Terminal) -> None:
    agent = signoff.agent()
    first, second = submitted(signoff, agent), submitted(signoff, agent)
    signoff("intents", "complete", first, key=agent)

    everything = signoff("intents", "list", "--json", key=agent).json["intents"]
    done = signoff("intents", "list", "--status", "completed", "--json", key=agent).json["intents"]

    assert [row["id"] for row in everything] == [second, first]
    assert [row["id"] for row in done] == [first]
    assert "COMPLETED" in signoff("intents", "list", key=agent).out


def test_show_says_what_an_intent_waits_on(signoff: Terminal) -> None:
    email, _ = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")

    shown = signoff("intents", "show", task["intent_id"])

    assert "WAITING_FOR_HUMAN" in shown.out
    assert f"waits on {task['id']}  approval: May I?" in shown.out
    assert signoff("intents", "show", task["intent_id"], "--json").json["tasks"][0] == task


def test_an_agent_completes_its_intent_with_a_result(signoff: Terminal) -> None:
    agent = signoff.agent()
    intent = submitted(signoff, agent)

    done = signoff("intents", "complete", intent, "--result", '{"paid": "5 EUR"}', key=agent)

    assert done.out == "A demo: COMPLETED\n"
    assert signoff("intents", "show", intent, "--json").json["intent"]["result"] == {
        "paid": "5 EUR"
    }


def test_cancelling_withdraws_what_is_asked(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")

    gone = signoff("intents", "cancel", task["intent_id"], "--reason", "sold out", "--json").json

    assert gone["intent"]["status"] == "CANCELED"
    assert signoff("tasks", "list", "--json", key=key).json["tasks"] == []


def test_an_ended_intent_never_changes(signoff: Terminal) -> None:
    agent = signoff.agent()
    intent = submitted(signoff, agent)
    signoff("intents", "complete", intent, key=agent)

    for verb in ("complete", "cancel"):
        late = signoff("intents", verb, intent, "--json", key=agent)
        assert (late.code, late.problem["code"]) == (REFUSED, "intent_closed")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--action", "stop"], "CANCELED"),
        (["--action", "replace", "--result", '{"paid": null}'], "COMPLETED"),
        (["--action", "hand_over", "--to", "role:operator"], "WAITING"),
    ],
)
def test_an_operator_takes_a_run_over(signoff: Terminal, words: list[str], status: str) -> None:
    _, key = signoff.person("operator")
    intent = submitted(signoff, signoff.agent())

    done = signoff(
        "intents", "override", intent, "--justification", "it loops", *words, "--json", key=key
    )

    assert done.json["intent"]["status"] == status


def test_taking_over_needs_the_role_and_a_reason(signoff: Terminal) -> None:
    _, key = signoff.person("approver")
    _, operator = signoff.person("operator")
    intent = submitted(signoff, signoff.agent())
    line = ("intents", "override", intent, "--json", "--justification")

    assert signoff(*line, "mine now", key=key).problem["code"] == "forbidden"
    assert signoff(*line, "  ", key=operator).problem["code"] == "invalid_input"
    assert signoff("intents", "show", intent, "--json").json["intent"]["status"] == "SUBMITTED"


def test_events_are_counted_from_one_without_a_gap(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")
    signoff("tasks", "approve", task["id"], "--comment", "fine", key=key)

    events = signoff("events", task["intent_id"], "--json").json["events"]
    later = signoff("events", task["intent_id"], "--after", "2", "--json").json["events"]
    plain = signoff("events", task["intent_id"]).out.splitlines()

    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "intent.submitted"
    assert events[-1]["type"] == "intent.completed"
    assert later == events[2:]
    assert len(plain) == len(events)
    assert email in "\n".join(plain)


def test_following_ends_with_the_intent_and_prints_a_document_a_line(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")
    approve = threading.Thread(target=_approve_once_watched, args=(signoff, task["id"], key))

    approve.start()
    followed = signoff("events", task["intent_id"], "--follow", "--json")
    approve.join()

    lines = [json.loads(line) for line in followed.out.splitlines()]
    assert lines[-1]["type"] == "intent.completed"
    assert lines == signoff("events", task["intent_id"], "--json").json["events"]


def test_watching_prints_each_status_until_the_end(signoff: Terminal) -> None:
    email, key = signoff.person()
    task = asked(signoff, agent=signoff.agent(), assignee=email, type="approval")
    approve = threading.Thread(target=_approve_once_watched, args=(signoff, task["id"], key))

    approve.start()
    watched = signoff("intents", "watch", task["intent_id"], "--json")
    approve.join()

    statuses = [json.loads(line)["intent"]["status"] for line in watched.out.splitlines()]
    assert statuses[0] == "WAITING"
    assert statuses[-1] == "COMPLETED"


def test_what_is_not_there_is_not_found(signoff: Terminal) -> None:
    lines = (
        ("intents", "show", "int_1"),
        ("intents", "watch", "int_1"),
        ("intents", "cancel", "int_1"),
        ("intents", "complete", "int_1"),
        ("events", "int_1"),
        ("events", "int_1", "--follow"),
        ("tasks", "show", "task_1"),
        ("tasks", "withdraw", "task_1"),
    )
    for line in lines:
        refused = signoff(*line, "--json")
        assert (line, refused.code) == (line, REFUSED)
        assert refused.problem["code"] == "not_found"


def test_people_see_what_they_are_asked_and_agents_only_their_own(signoff: Terminal) -> None:
    owner, other = signoff.agent(), signoff.agent()
    intent = submitted(signoff, owner)

    refused = signoff("intents", "show", intent, "--json", key=other)

    assert refused.problem["code"] == "not_found"
    assert signoff("intents", "list", "--json", key=other).json["intents"] == []


def _approve_once_watched(signoff: Terminal, task: str, key: str) -> None:
    admin = {"Authorization": f"Bearer {signoff.server.admin_key}"}
    for _ in range(1_000):
        metrics = httpx2.get(f"{signoff.server.url}/metrics", headers=admin).text
        if re.search(r"^signoff_waiting_clients [1-9]", metrics, re.MULTILINE):
            break
        time.sleep(0.02)
    httpx2.post(
        f"{signoff.server.url}/v1/tasks/{task}/answer",
        json={"outcome": "approved"},
        headers={"Authorization": f"Bearer {key}"},
    ).raise_for_status()
