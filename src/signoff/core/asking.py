"""From the fields of a request to an ``Ask``: whether they make sense together, and for whom.

Fields arrive with the right JSON types, for the edge has seen to that. What is judged here is
whether what is needed is there, whether it makes sense, and whether everybody named is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from signoff.core import references as named
from signoff.core import rungs, stages
from signoff.core.calendar_fields import read_calendars
from signoff.core.chain import Stage
from signoff.core.conditions import names_of
from signoff.core.credential import Strength
from signoff.core.judging import favourable, judge
from signoff.core.references import expand, listed, references
from signoff.core.routing import (
    Directory,
    Selector,
    names_person,
    names_token,
    resolve,
)
from signoff.core.rungs import DEFAULT_LADDER
from signoff.core.schema import require_schema
from signoff.core.stages import MAX_ASKED, MAX_STAGES
from signoff.core.tally import barred_from
from signoff.core.task import Ask
from signoff.core.tasks import KINDS, Kind
from signoff.core.words import JSON, Demand, JSONObject, OutageRule, Risk, TaskId, TaskType
from signoff.errors import InvalidTask

__all__ = [
    "DEFAULT_LADDER",
    "MAX_ASKED",
    "MAX_STAGES",
    "AskRequest",
    "expand",
    "favourable",
    "judge",
    "people_named",
    "picks_named",
    "read_ask",
    "references",
    "tokens_named",
]

Fields = Mapping[str, Any]

_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequest:
    """A task as asked for: an id minted for it, and the fields of the request."""

    id: TaskId
    fields: JSONObject
    key: str | None = None


def people_named(fields: Fields) -> Iterator[str]:
    """Every mail address or person id the fields name, so that the door can load them."""
    return (found for each in references(fields) if (found := names_person(each)) is not None)


def tokens_named(fields: Fields) -> Iterator[str]:
    """Every selector token the fields name, so that the door can load whom it reaches."""
    return (found for each in references(fields) if (found := names_token(each)) is not None)


def picks_named(fields: Fields) -> Iterator[str]:
    """Those of the tokens among whose members a stage picks, so that their load is known.

    People named there are in it by the tokens that reach them.
    """
    for reference in named.picked_from(fields):
        yield names_token(reference) or f"person:{names_person(reference)}"


def read_ask(
    request: AskRequest,
    directory: Directory,
    *,
    now: datetime,
    payload: JSON = None,
    requesters: Sequence[str] = (),
) -> Ask:
    """Parse and resolve one request for a task.

    :param now: when the task opens; a deadline given as a span counts from here.
    :param payload: of the intent, for the conditions of stages.
    :param requesters: references to whoever wants what it is about.
    :raises InvalidTask: the fields make no sense together, or a schema or ladder is unusable.
    :raises UnknownPerson: somebody named is not in the directory.
    """
    fields: Fields = request.fields
    kind_of = _word(TaskType, fields.get("type"), "task.type")
    kind = KINDS[kind_of]
    fields = {**fields, "title": _title(fields)}
    outcomes = _outcomes(fields, kind.OUTCOMES)
    if fields.get("schema") is not None:
        require_schema(fields["schema"], field="task.schema")
    risk = _word(Risk, fields.get("risk") or Risk.MEDIUM, "task.risk")
    self_approval = _self_approval(fields, directory)
    clockwork = rungs.Clockwork(
        directory=directory,
        type=kind_of,
        outcomes=outcomes,
        favourable=kind.FAVOURABLE,
        now=now,
    )
    reading = stages.Reading(
        directory=directory,
        names=names_of(kind_of, payload=payload, action=fields.get("action"), risk=risk),
        barred=barred_from(kind_of, requesters, self_approval=self_approval),
        several=kind_of in stages.SEVERAL_ANSWER and not fields.get("editable"),
        ladder=lambda rows, calendars, at: rungs.read_ladder(rows, clockwork, calendars, at),
        calendars=lambda value, person, at: read_calendars(value, directory, person, at),
    )
    asked = stages.read_stages(fields, reading)
    ladder, deadline = rungs.read_times(fields, asked, clockwork)
    return Ask(
        id=request.id,
        type=kind_of,
        title=fields["title"],
        description=fields.get("description"),
        stages=rungs.counting(asked, ladder),
        outcomes=outcomes,
        ladder=ladder,
        spec=_spec(fields, kind, asked),
        schema=fields.get("schema"),
        comment=_word(Demand, fields.get("comment") or Demand.OPTIONAL, "task.comment"),
        credential=_word(Strength, fields.get("credential") or Strength.LINK, "task.credential"),
        evidence=_word(Demand, fields.get("evidence") or Demand.OPTIONAL, "task.evidence"),
        risk=risk,
        key=request.key,
        deadline=deadline,
        pause=bool(fields.get("pause")),
        outage=_word(OutageRule, fields.get("outage") or directory.settings.outage, "task.outage"),
        watchers=_watchers(fields, directory),
        self_approval=self_approval,
    )


def _self_approval(fields: Fields, directory: Directory) -> bool:
    asked = bool(fields.get("self_approval"))
    if asked and not directory.settings.limits.self_approval:
        message = "in this workspace nobody decides on their own request"
        raise InvalidTask.at("task.self_approval", message)
    return asked


def _watchers(fields: Fields, directory: Directory) -> tuple[Selector, ...]:
    named = listed(fields.get("watchers"))
    if len(named) > MAX_ASKED:
        raise InvalidTask.at("task.watchers", f"a task has at most {MAX_ASKED} watchers")
    at = "task.watchers" if isinstance(fields.get("watchers"), str) else "task.watchers.{}"
    found = (resolve(ref, directory, field=at.format(n)) for n, ref in enumerate(named))
    return tuple(dict.fromkeys(found))


def _title(fields: Fields) -> str:
    title: str | None = fields.get("title")
    if not title or not title.strip():
        raise InvalidTask.at("task.title", "say in a line what is asked; the title is missing")
    return title


def _outcomes(fields: Fields, of_type: tuple[str, ...]) -> tuple[str, ...]:
    asked: Sequence[str] = fields.get("outcomes") or of_type
    strange = [outcome for outcome in asked if outcome not in of_type]
    if strange:
        raise InvalidTask.at("task.outcomes", f"{strange[0]!r} is none of {', '.join(of_type)}")
    return tuple(outcome for outcome in of_type if outcome in asked)


def _spec(fields: Fields, kind: Kind, asked: Sequence[Stage]) -> JSONObject:
    if fields.get("editable") and sum(stage.applies for stage in asked) > 1:
        # A later stage would decide on other arguments than an earlier one has approved.
        raise InvalidTask.at(
            "task.editable", "arguments may be edited only where one stage decides"
        )
    spec = kind.Spec.read(fields)
    return {field.name: getattr(spec, field.name) for field in fields_of(spec)}


def _word(words: type[_Word], text: str | None, field: str) -> _Word:
    try:
        return words(text or "")
    except ValueError:
        choices = ", ".join(words)
        raise InvalidTask.at(field, f"{text!r} is none of {choices}") from None
