"""From the fields of a request to an ``Ask``, and from a raw answer to a judged one.

Fields arrive with the right JSON types (the edge has seen to that); what is judged here is whether
they make sense together and whether everybody they name is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from signoff.core.ladder import (
    MAX_REMINDERS,
    MAX_RUNGS,
    Do,
    Rung,
    closed,
    parse_duration,
)
from signoff.core.routing import Directory, Stage, names_person, resolve
from signoff.core.schema import errors_in, require_schema
from signoff.core.task import Ask, RawAnswer
from signoff.core.tasks import KINDS
from signoff.core.words import JSON, Demand, JSONObject, PersonId, Risk, TaskId, TaskType
from signoff.errors import FieldError, InvalidAnswer, InvalidTask

MAX_ASKED = 50
MAX_STAGES = 10

Fields = Mapping[str, Any]

DEFAULT_LADDER: tuple[Fields, ...] = (
    {"after": "24h", "do": "remind", "every": "8h", "max": 3},
    {"after": "48h", "do": "escalate", "to": "role:backup-approver"},
    {"after": "72h", "do": "fail"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequest:
    """A task as asked for: an id minted for it, and the fields of the request."""

    id: TaskId
    fields: JSONObject
    key: str | None = None


def people_named(fields: Fields) -> Iterator[str]:
    """Every mail address or person id the fields name, so that the door can load them."""
    references = [
        *(reference for stage in _stages(fields) for reference in stage["who"]),
        *(reference for stage in _stages(fields) for reference in stage.get("exclude") or ()),
        *(reference for rung in fields.get("ladder") or () for reference in _to(rung)),
    ]
    return (named for reference in references if (named := names_person(reference)) is not None)


def read_ask(request: AskRequest, directory: Directory) -> Ask:
    """Parse and resolve one request for a task.

    :raises InvalidTask: the fields make no sense together, or a schema or ladder is unusable.
    :raises UnknownPerson: somebody named is not in the directory.
    """
    fields: Fields = request.fields
    kind = KINDS[TaskType(fields["type"])]
    outcomes = _outcomes(fields, kind.OUTCOMES)
    if fields.get("schema") is not None:
        require_schema(fields["schema"], field="task.schema")
    return Ask(
        id=request.id,
        type=TaskType(fields["type"]),
        title=fields["title"],
        description=fields.get("description"),
        stages=tuple(_resolved_stages(fields, directory)),
        outcomes=outcomes,
        ladder=_ladder(fields, directory, outcomes, kind.FAVOURABLE),
        spec=asdict(kind.Spec.read(fields)),
        schema=fields.get("schema"),
        comment=Demand(fields.get("comment") or Demand.OPTIONAL),
        evidence=Demand(fields.get("evidence") or Demand.OPTIONAL),
        risk=Risk(fields.get("risk") or Risk.MEDIUM),
        key=request.key,
    )


def judge(ask: Ask, raw: RawAnswer) -> tuple[Any, JSON]:
    """Judge one raw answer: its type's ``Answer`` and the data a decision would hold.

    :raises InvalidAnswer: with every field that is wrong; nothing is recorded then.
    """
    kind = KINDS[ask.type]
    if wrong := list(_unmet(ask, raw)):
        raise InvalidAnswer(wrong[0].message, errors=wrong)
    spec = kind.Spec(**ask.spec)
    answer = kind.parse(spec, raw)
    return answer, kind.conclude(spec, answer)


def favourable(ask: Ask, outcome: str) -> bool:
    """Whether this outcome is the go-ahead of its type (approved, confirmed, submitted, ...)."""
    return outcome in KINDS[ask.type].FAVOURABLE


def _unmet(ask: Ask, raw: RawAnswer) -> Iterator[FieldError]:
    if raw.outcome not in ask.outcomes:
        choices = ", ".join(ask.outcomes)
        yield FieldError("outcome", f"{raw.outcome!r} is no outcome here; choose one of {choices}")
        return
    needs_comment = raw.outcome in KINDS[ask.type].NEEDS_COMMENT or ask.comment is Demand.REQUIRED
    if needs_comment and not (raw.comment or "").strip():
        yield FieldError("comment", f"a comment is required to answer {raw.outcome}")
    go_ahead = favourable(ask, raw.outcome)
    if ask.evidence is Demand.REQUIRED and go_ahead and not raw.evidence:
        yield FieldError("evidence", "evidence is required: a link or a reference number")
    if ask.schema is not None and go_ahead:
        yield from errors_in(raw.data, ask.schema, field="data")


def _outcomes(fields: Fields, of_type: tuple[str, ...]) -> tuple[str, ...]:
    asked: Sequence[str] = fields.get("outcomes") or of_type
    strange = [outcome for outcome in asked if outcome not in of_type]
    if strange:
        raise _refused("task.outcomes", f"{strange[0]!r} is none of {', '.join(of_type)}")
    return tuple(outcome for outcome in of_type if outcome in asked)


def _stages(fields: Fields) -> list[Fields]:
    """The chain in its long form, whichever of the three short forms was used."""
    chain = fields.get("chain")
    if chain:
        return [_long(link) for link in chain]
    direct = [*(fields.get("assignees") or ())]
    if fields.get("assignee"):
        direct.insert(0, fields["assignee"])
    return [{"who": direct}] if direct else []


def _long(link: str | Fields) -> Fields:
    if isinstance(link, str):
        return {"who": [link]}
    who = link["who"]
    return {**link, "who": [who] if isinstance(who, str) else who}


def _resolved_stages(fields: Fields, directory: Directory) -> Iterator[Stage]:
    stages = _stages(fields)
    if not stages:
        raise _refused("task.assignee", "say who is asked: a mail address, role:NAME or group:NAME")
    if fields.get("chain") and (fields.get("assignee") or fields.get("assignees")):
        raise _refused("task.chain", "give either a chain or assignees, not both")
    if len(stages) > MAX_STAGES:
        raise _refused("task.chain", f"a chain has at most {MAX_STAGES} stages")
    for stage in stages:
        if not 0 < len(stage["who"]) <= MAX_ASKED:
            raise _refused("task.assignees", f"a stage asks 1 to {MAX_ASKED} people or groups")
        who = tuple(resolve(ref, directory, field="task.assignee") for ref in stage["who"])
        out = [resolve(ref, directory, field="exclude") for ref in stage.get("exclude") or ()]
        yield Stage(who=who, exclude=tuple(PersonId(selector.value) for selector in out))


def _ladder(
    fields: Fields, directory: Directory, outcomes: tuple[str, ...], favoured: frozenset[str]
) -> tuple[Rung, ...]:
    asked = fields.get("ladder")
    rows: Sequence[Fields] = DEFAULT_LADDER if asked is None else asked
    if len(rows) > MAX_RUNGS:
        raise _refused("task.ladder", f"a ladder has at most {MAX_RUNGS} rungs")
    rungs = [_rung(row, index, directory) for index, row in enumerate(rows)]
    for index, rung in enumerate(rungs):
        if rung.outcome is not None:
            _require_safe(rung.outcome, outcomes, favoured, field=f"task.ladder.{index}.conclude")
    if (deadline := fields.get("deadline")) is not None:
        limit = parse_duration(deadline, field="task.deadline")
        rungs = [rung for rung in rungs if rung.after < limit]
        rungs.append(Rung(after=limit, do=Do.FAIL))
    return closed(rungs)


def _rung(row: Fields, index: int, directory: Directory) -> Rung:
    where = f"task.ladder.{index}"
    do, outcome = _verb(row, where)
    to = tuple(resolve(ref, directory, field=f"{where}.to") for ref in _to(row))
    if do is Do.ESCALATE and not to:
        raise _refused(f"{where}.to", "an escalation says to whom, e.g. role:backup-approver")
    if do is Do.REMIND and row.get("max") is not None and row["max"] > MAX_REMINDERS:
        raise _refused(f"{where}.max", f"at most {MAX_REMINDERS} reminders")
    every = row.get("every")
    return Rung(
        after=parse_duration(row["after"], field=f"{where}.after"),
        do=do,
        to=to,
        outcome=outcome,
        every=parse_duration(every, field=f"{where}.every") if every and do is Do.REMIND else None,
        max=row.get("max") if do is Do.REMIND else None,
    )


def _verb(row: Fields, where: str) -> tuple[Do, str | None]:
    """Read ``do: remind``, ``conclude: rejected`` or ``do: conclude, outcome: rejected``."""
    outcome = row.get("conclude") or row.get("outcome")
    if outcome is not None:
        return Do.CONCLUDE, outcome
    if row.get("do") not in (Do.REMIND, Do.ESCALATE, Do.FAIL):
        choices = "remind, escalate, fail, or conclude: OUTCOME"
        raise _refused(f"{where}.do", f"{row.get('do')!r} is no verb of a rung; use {choices}")
    return Do(row["do"]), None


def _to(row: Fields) -> Sequence[str]:
    to = row.get("to")
    return [to] if isinstance(to, str) else (to or ())


def _require_safe(
    outcome: str, outcomes: tuple[str, ...], favoured: frozenset[str], *, field: str
) -> None:
    if outcome not in outcomes:
        raise _refused(field, f"{outcome!r} is none of {', '.join(outcomes)}")
    if outcome in favoured:
        raise _refused(field, f"running out of time never means {outcome!r}; nobody decided it")


def _refused(field: str, message: str) -> InvalidTask:
    return InvalidTask(message, errors=[FieldError(field, message)])
