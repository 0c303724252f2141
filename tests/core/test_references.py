"""Everybody a request names: loaded by person and by token, or named by the payload."""

from __future__ import annotations

from typing import Any

import pytest

from signoff.core.asking import expand, people_named, picks_named, references, tokens_named
from signoff.core.routing import names_token
from signoff.core.words import JSON
from signoff.errors import InvalidTask

PAYLOAD: JSON = {
    "owner": "mara@acme.test",
    "team": {"leads": ["role:lead@region:eu", "jonas@acme.test"]},
    "rows": [{"by": "group:billing"}],
    "none": [],
    "number": 7,
    "blank": " ",
    "loop": "payload:owner",
}


def test_every_place_that_can_name_somebody_is_read() -> None:
    fields = {
        "assignee": "a@x.test",
        "assignees": ["b@x.test"],
        "exclude": "c@x.test",
        "watchers": ["d@x.test"],
        "ladder": [{"to": "e@x.test"}, {"after": "1h"}],
        "chain": [
            "f@x.test",
            {"who": "g@x.test", "exclude": ["h@x.test"], "veto": ["i@x.test"]},
            {"need": {"role:j": 1}, "veto": False, "ladder": [{"to": ["k@x.test"]}]},
            {"who": ["l@x.test"], "veto": True, "need": 2},
        ],
    }
    found = [reference[0] if "@" in reference else reference[5] for reference in references(fields)]
    assert sorted(found) == list("abcdefghijkl")


def test_people_are_loaded_by_name_and_members_by_token() -> None:
    fields = {
        "chain": [
            "role:manager",
            {"who": ["Mara@acme.test", "role:lead@region:eu@level:2"]},
            {"need": {"group:ops": 2}, "pick": "least_loaded"},
            {"who": "jonas@acme.test", "pick": "least_loaded"},
        ]
    }
    assert set(people_named(fields)) == {"mara@acme.test", "jonas@acme.test"}
    assert set(tokens_named(fields)) == {"role:manager", "role:lead@region:eu", "group:ops"}
    assert set(picks_named(fields)) == {"group:ops", "person:jonas@acme.test"}


def test_a_token_holds_the_first_attribute_alone() -> None:
    assert names_token("role:x@a:b@c:d") == "role:x@a:b"
    assert names_token("mara@acme.test") is None


@pytest.mark.parametrize(
    ("fields", "expanded"),
    [
        ({"assignee": "payload:owner"}, {"assignee": "mara@acme.test"}),
        (
            {"assignee": "payload:team.leads"},
            {"assignees": ["role:lead@region:eu", "jonas@acme.test"]},
        ),
        (
            {"assignee": "payload:team.leads", "assignees": ["role:a"]},
            {"assignees": ["role:lead@region:eu", "jonas@acme.test", "role:a"]},
        ),
        (
            {"assignees": ["role:a", "payload:team.leads"]},
            {"assignees": ["role:a", "role:lead@region:eu", "jonas@acme.test"]},
        ),
        ({"exclude": "payload:owner"}, {"exclude": "mara@acme.test"}),
        ({"watchers": ["payload:rows.0.by"]}, {"watchers": ["group:billing"]}),
        (
            {"ladder": [{"after": "1h", "to": "payload:owner"}]},
            {"ladder": [{"after": "1h", "to": "mara@acme.test"}]},
        ),
        (
            {"chain": ["payload:owner", {"who": "payload:rows.0.by", "need": 2}]},
            {"chain": ["mara@acme.test", {"who": "group:billing", "need": 2}]},
        ),
        (
            {"chain": ["payload:team.leads"]},
            {"chain": [{"who": ["role:lead@region:eu", "jonas@acme.test"]}]},
        ),
        (
            {"chain": [{"who": "role:a", "veto": False, "ladder": [{"to": ["payload:owner"]}]}]},
            {"chain": [{"who": "role:a", "veto": False, "ladder": [{"to": ["mara@acme.test"]}]}]},
        ),
    ],
    ids=str,
)
def test_whom_the_payload_names_is_put_where_it_is_asked_for(
    fields: dict[str, Any], expanded: dict[str, Any]
) -> None:
    before = repr(fields)
    assert expand(fields, PAYLOAD) == expanded
    assert repr(fields) == before


def test_a_request_that_names_everybody_itself_is_left_as_it_is() -> None:
    fields = {"assignee": "role:a", "title": "payload:owner"}
    assert expand(fields, None) is fields


@pytest.mark.parametrize(
    "path",
    ["nobody", "owner.name", "none", "number", "blank", "loop", "rows.1.by", "rows.x", "", "team"],
)
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"assignee": "{}"}, "task.assignee"),
        ({"assignees": ["role:a", "{}"]}, "task.assignees.1"),
        ({"chain": ["role:a", "{}"]}, "task.chain.1"),
        ({"chain": [{"who": ["{}"]}]}, "task.chain.0.who.0"),
        ({"chain": [{"who": "role:a", "exclude": "{}"}]}, "task.chain.0.exclude"),
        ({"ladder": [{"to": "{}"}]}, "task.ladder.0.to"),
    ],
    ids=str,
)
def test_a_payload_that_names_nobody_there_is_refused_with_the_place(
    fields: dict[str, Any], field: str, path: str
) -> None:
    filled = _filled(fields, f"payload:{path}")
    for payload in (PAYLOAD, None, [], "text"):
        with pytest.raises(InvalidTask) as refused:
            expand(filled, payload)
        assert refused.value.errors[0].field == field


def _filled(value: Any, reference: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, reference) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, reference) for each in value]
    return reference if value == "{}" else value
