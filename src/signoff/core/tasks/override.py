"""Override: emergency takeover of an agent's run by a person, always with a justification.

A takeover stops the run, replaces its result, or hands what is left to a person as manual work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from signoff.core.task import RawAnswer
from signoff.core.words import JSON
from signoff.errors import InvalidAnswer

OVERRIDDEN = "overridden"
REFUSED = "refused"
OUTCOMES = (OVERRIDDEN, REFUSED)
FAVOURABLE = frozenset({OVERRIDDEN})
NEEDS_COMMENT = frozenset(OUTCOMES)


class Takeover(StrEnum):
    """What the person does with the run."""

    STOP = "stop"
    REPLACE = "replace"
    HAND_OVER = "hand_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """``reason`` is why the agent, or somebody watching it, asks for a takeover."""

    reason: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Spec:
        return cls(reason=fields.get("reason") or fields["title"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``takeover`` is None where the person refused; ``to`` is who a hand-over goes to."""

    takeover: Takeover | None
    result: JSON = None
    to: str | None = None


def parse(spec: Spec, raw: RawAnswer) -> Answer:
    """Read the takeover from ``data.action``, ``data.result`` and ``data.to``; default is stop.

    :raises InvalidAnswer: an unknown action, a replacement without a result, or a hand-over to
        nobody.
    """
    if raw.outcome not in FAVOURABLE:
        return Answer(takeover=None)
    data = raw.data if isinstance(raw.data, Mapping) else {}
    return read_takeover(data)


def read_takeover(data: Mapping[str, JSON]) -> Answer:
    """Read ``{action, result?, to?}``; a takeover that a person starts says the same."""
    try:
        takeover = Takeover(str(data.get("action", Takeover.STOP)))
    except ValueError:
        choices = ", ".join(Takeover)
        raise InvalidAnswer.at("data.action", f"the action must be one of {choices}") from None
    to = data.get("to")
    if takeover is Takeover.REPLACE and data.get("result") is None:
        raise InvalidAnswer.at("data.result", "say the result that replaces the run's own")
    if takeover is Takeover.HAND_OVER and not (isinstance(to, str) and to.strip()):
        raise InvalidAnswer.at(
            "data.to", "say who takes the work, e.g. ops@acme.test or role:operator"
        )
    return Answer(takeover=takeover, result=data.get("result"), to=str(to) if to else None)


def conclude(spec: Spec, answer: Answer) -> JSON:
    """The decision's data: what is done with the run."""
    if answer.takeover is None:
        return None
    found: dict[str, JSON] = {"action": answer.takeover}
    if answer.takeover is Takeover.REPLACE:
        found["result"] = answer.result
    if answer.takeover is Takeover.HAND_OVER:
        found["to"] = answer.to
    return found
