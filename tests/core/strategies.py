"""What Hypothesis may ask for: requests that are mostly legal, answers that may not be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from signoff.core.words import TaskType
from tests.core.story import BIRGIT, JONAS, MARA, REQUESTER

PEOPLE = (MARA, JONAS, BIRGIT, REQUESTER)

_REFERENCES = st.sampled_from(
    [*(somebody.email for somebody in PEOPLE), "role:manager", "group:payments"]
)
_MINUTES = st.integers(1, 300).map("{}m".format)
_LATE = st.integers(200, 900).map("{}m".format)

_RUNGS = st.one_of(
    st.fixed_dictionaries({"after": _MINUTES, "do": st.just("remind")}),
    st.fixed_dictionaries(
        {
            "after": _MINUTES,
            "do": st.just("remind"),
            "every": _MINUTES,
            "max": st.integers(1, 5),
        }
    ),
    st.fixed_dictionaries({"after": _MINUTES, "do": st.just("escalate"), "to": _REFERENCES}),
    st.fixed_dictionaries({"after": _LATE, "do": st.just("fail")}),
)
_REFUSALS = {
    TaskType.APPROVAL: "rejected",
    TaskType.REVIEW: "changes_requested",
    TaskType.CONFIRMATION: "denied",
    TaskType.ASSIGNMENT: "declined",
    TaskType.FORM: "declined",
    TaskType.CLARIFICATION: "declined",
    TaskType.MANUAL_ACTION: "failed",
    TaskType.OVERRIDE: "refused",
}


_LINKS = _REFERENCES | st.fixed_dictionaries(
    {"who": st.lists(_REFERENCES, min_size=1, max_size=3)},
    optional={
        "need": st.sampled_from([1, 2, 2, 3, {"role:manager": 1, "group:payments": 1}]),
        "veto": st.sampled_from([True, False, False, ["role:operator"]]),
        "distinct": st.booleans(),
        "exclude": st.sampled_from([MARA.email, JONAS.email, "group:payments"]),
        "pick": st.sampled_from(["everybody", "least_loaded"]),
        "when": st.sampled_from(["true", "true", "false", "risk == 'medium'"]),
        "ladder": st.lists(_RUNGS, max_size=2),
    },
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """The fields of a request for a task of any type; too few people may be left for it."""
    kind = draw(st.sampled_from([*TaskType, TaskType.REVIEW, TaskType.REVIEW]))
    asked: dict[str, Any] = {"type": kind, "title": "Please decide"}
    who = draw(st.lists(_REFERENCES, min_size=1, max_size=3))
    if draw(st.booleans()):
        asked["chain"] = draw(st.lists(_LINKS, min_size=1, max_size=3))
    else:
        asked["assignees"] = who
    asked["pause"] = draw(st.booleans())
    if kind is TaskType.REVIEW:
        asked |= {"content": "v1", "revisions": draw(st.integers(0, 3))}
    if draw(st.booleans()):
        concluding = {"after": draw(_LATE), "conclude": _REFUSALS[kind]}
        asked["ladder"] = draw(st.lists(_RUNGS | st.just(concluding), max_size=5))
    if draw(st.booleans()):
        asked["deadline"] = draw(_LATE)
    return asked


OUTCOMES = st.sampled_from(
    [
        "approved", "rejected", "changes_requested", "confirmed", "denied", "assigned", "declined",
        "submitted", "answered", "completed", "failed", "overridden", "refused",
    ]
)  # fmt: skip

DATA = st.sampled_from(
    [
        None,
        {},
        "group:billing",
        {"assignee": "group:billing", "answer": "yes"},
        {"action": "stop"},
        {"action": "replace", "result": 1},
        {"action": "hand_over", "to": BIRGIT.email},
        {"arguments": {"amount": 1}},
    ]
)
COMMENTS = st.sampled_from([None, "because"])
