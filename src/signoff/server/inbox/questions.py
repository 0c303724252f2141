"""What a task asks a person to fill in, and what the posted form answers.

Pure. What a type demands beside its outcome (a pick, a phrase, a checklist, edited arguments) is
written as a JSON Schema too, so that one kind of form serves all eight types.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signoff.core.asking import favourable
from signoff.core.task import Ask, Evidence, RawAnswer, Task
from signoff.core.tasks import KINDS
from signoff.core.tasks.override import Takeover
from signoff.core.words import JSON, Demand, TaskType
from signoff.errors import FieldError
from signoff.server.edge import MAX_BODY
from signoff.server.inbox.fields import ABSENT, Field, Group, Maybe, Posted, one_newline
from signoff.server.inbox.forms import build
from signoff.server.inbox.posted import Reading, read
from signoff.server.inbox.schemas import Schema, infer

ROOT = "data"
MAX_COMMENT = 20_000
MAX_EVIDENCE = 50
MAX_EVIDENCE_LINE = 2000
_TAKEOVERS = (
    (Takeover.STOP, "Stop the run; nothing more happens"),
    (Takeover.REPLACE, "Replace its result with the one written below"),
    (Takeover.HAND_OVER, "Hand what is left to a person as manual work"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a person gave: an answer to send, or what is wrong with it, by the field's path."""

    answer: RawAnswer
    reading: Reading | None
    errors: tuple[FieldError, ...] = ()


def question(task: Task, posted: Posted | None = None) -> Field | None:
    """The form of a task beside its comment and evidence, or None where it asks nothing more."""
    arguments = _arguments(task.ask, posted)
    schema = _schema(task.ask)
    if schema is None and arguments is None:
        return None
    form = build(
        schema or {}, name=ROOT, initial=_initial(task.ask), posted=posted, label="Your answer"
    )
    return form if arguments is None else _with_arguments(form, arguments)


def given(task: Task, posted: Posted) -> Given:
    """Read a posted answer. Only a favourable outcome needs the form filled in rightly."""
    ask = task.ask
    outcome = _one(posted, "outcome") or ""
    form = question(task, posted)
    reading = read(form, posted) if form is not None else None
    wanted = favourable(ask, outcome)
    data: Maybe = reading.value if reading else ABSENT
    if ask.type is TaskType.MANUAL_ACTION and not wanted and reading and not reading.errors:
        data = reading.value
    elif not wanted:
        data = ABSENT
    answer = RawAnswer(
        outcome=outcome,
        data=_trimmed(ask, data),
        comment=_one(posted, "comment"),
        evidence=_evidence(_one(posted, "evidence") or ""),
    )
    errors = list(reading.errors) if reading and wanted else []
    errors += _beside_the_form(ask, answer)
    return Given(answer=answer, reading=reading, errors=tuple(errors))


def _beside_the_form(ask: Ask, answer: RawAnswer) -> Iterator[FieldError]:
    """What is wrong outside the form, said together with what is wrong inside it.

    The door judges the demands once more; the limits are those of the API.
    """
    if not answer.outcome:
        yield FieldError("outcome", "Choose what to answer.")
    elif answer.comment is None and needs_comment(ask, answer.outcome):
        yield FieldError("comment", "Say why in a sentence; this answer needs it.")
    if len(answer.comment or "") > MAX_COMMENT:
        yield FieldError("comment", f"A comment has at most {MAX_COMMENT:,} characters.")
    needed = ask.evidence is Demand.REQUIRED and favourable(ask, answer.outcome)
    if needed and not answer.evidence:
        yield FieldError("evidence", "Give a link or a reference number; it is required here.")
    if len(answer.evidence) > MAX_EVIDENCE:
        yield FieldError("evidence", f"At most {MAX_EVIDENCE} lines of evidence.")
    if any(len(each.value) > MAX_EVIDENCE_LINE for each in answer.evidence):
        yield FieldError("evidence", f"A line has at most {MAX_EVIDENCE_LINE:,} characters.")
    if len(json.dumps(answer.data, ensure_ascii=False).encode()) > MAX_BODY:
        yield FieldError(ROOT, f"The answer is over {MAX_BODY // 1024} kB; shorten it.")


def located(errors: Sequence[FieldError], reading: Reading | None) -> dict[str, list[str]]:
    """Put the door's errors beside the fields they are about, by the field's path.

    An error about something that has no field of its own goes to the nearest thing that has.
    """
    found: dict[str, list[str]] = {}
    for error in errors:
        path = _nearest(error.field, reading.places if reading else {})
        messages = found.setdefault(path, [])
        if error.message not in messages:
            messages.append(error.message)
    return found


def needs_comment(ask: Ask, outcome: str) -> bool:
    return ask.comment is Demand.REQUIRED or outcome in KINDS[ask.type].NEEDS_COMMENT


def _schema(ask: Ask) -> Schema | None:
    """What the answer's data must be: the ask's own schema with the demands of its type."""
    own, judged = _own(ask), ask.schema
    if judged is None and ask.type is TaskType.FORM:
        return infer(ask.spec.get("initial"))
    if judged is None and not own:
        return None
    needed = [key for key in own if key in _NEEDED]
    if judged is None:
        return {"type": "object", "properties": own, "required": needed}
    properties = judged.get("properties")
    if not own or not isinstance(properties, Mapping):
        return judged
    others = {key: schema for key, schema in properties.items() if key not in own}
    required = [*(judged.get("required") or ()), *needed]  # type: ignore[misc]
    return {**judged, "properties": {**own, **others}, "required": required}


_NEEDED = frozenset({"assignee", "answer", "phrase", "action"})


def _own(ask: Ask) -> dict[str, Schema]:
    """The properties that a type's own demands add to the answer's data."""
    spec: Mapping[str, Any] = ask.spec
    match ask.type:
        case TaskType.ASSIGNMENT:
            return {"assignee": _pick("Who takes it?", spec["candidates"], _ANYBODY)}
        case TaskType.CLARIFICATION:
            pick = _pick("Your answer", spec["choices"], None)
            return {"answer": pick if spec["choices"] else {**pick, "format": "textarea"}}
        case TaskType.CONFIRMATION if spec["phrase"]:
            return {"phrase": _phrase(spec["phrase"])}
        case TaskType.MANUAL_ACTION if spec["checklist"]:
            items = {"enum": list(dict.fromkeys(spec["checklist"]))}
            return {"done": {"title": "Checklist", "type": "array", "items": items}}
        case TaskType.OVERRIDE:
            return _takeover()
        case _:
            return {}


_ANYBODY = "A person, role or group, like mgr@example.com, role:manager or group:billing."


def _pick(title: str, choices: Sequence[str], description: str | None) -> Schema:
    if choices:
        return {"title": title, "enum": list(dict.fromkeys(choices))}
    return {
        "title": title,
        "type": "string",
        **({"description": description} if description else {}),
    }


def _phrase(phrase: str) -> Schema:
    return {
        "title": "Type the phrase to confirm",
        "description": f"Type exactly: {phrase}",
        "type": "string",
    }


def _takeover() -> dict[str, Schema]:
    choices = [{"const": str(value), "title": title} for value, title in _TAKEOVERS]
    return {
        "action": {"title": "What to do with the run", "oneOf": choices, "default": "stop"},
        "result": {
            "title": "Result",
            "description": "Only to replace the result: what the run returns instead.",
        },
        "to": {
            "title": "Hand over to",
            "description": f"Only to hand over. {_ANYBODY}",
            "type": "string",
        },
    }


def _initial(ask: Ask) -> Maybe:
    if ask.type is TaskType.FORM and ask.spec.get("initial") is not None:
        return ask.spec["initial"]
    return ABSENT


def _arguments(ask: Ask, posted: Posted | None) -> Field | None:
    """The action's arguments as fields, where they may be edited."""
    action = ask.spec.get("action")
    if not ask.spec.get("editable") or not isinstance(action, Mapping):
        return None
    arguments = action.get("arguments", {})
    schema = action.get("schema")
    return build(
        schema if isinstance(schema, Mapping) else infer(arguments),
        name=f"{ROOT}.arguments",
        initial=arguments,
        fill=False,
        posted=posted,
        label="Arguments",
    )


def _with_arguments(form: Field, arguments: Field) -> Group:
    keys, children = (form.keys, form.children) if isinstance(form, Group) else ((), ())
    return Group(
        name=ROOT,
        path=ROOT,
        label="",
        required=True,
        keys=("arguments", *keys),
        children=(arguments, *children),
        parts=form.parts if isinstance(form, Group) else (),
    )


def _trimmed(ask: Ask, data: Maybe) -> JSON:
    """Leave out arguments nobody edited, and data that says nothing."""
    if data is ABSENT:
        return None
    action = ask.spec.get("action")
    if isinstance(data, Mapping) and "arguments" in data and isinstance(action, Mapping):
        original = action.get("arguments", {})
        if _canonical(data["arguments"]) == _canonical(original):
            data = {key: value for key, value in data.items() if key != "arguments"}
    return None if data == {} and ask.schema is None else data


def _canonical(value: JSON) -> str:
    return json.dumps(value, sort_keys=True)


def _evidence(text: str) -> tuple[Evidence, ...]:
    lines = [line.strip() for line in text.split("\n")]
    return tuple(Evidence(kind=_kind(line), value=line) for line in lines if line)


def _kind(line: str) -> str:
    return "link" if line.lower().startswith(("https://", "http://")) else "reference"


def _one(posted: Posted, name: str) -> str | None:
    text = one_newline(next(iter(posted.get(name, ())), ""))
    return text if text.strip() else None


def _nearest(path: str, places: Mapping[str, Field]) -> str:
    while path:
        if path in places:
            return places[path].path
        if path in ("comment", "evidence", "outcome"):
            return path
        path = path.rpartition(".")[0]
    return ""
