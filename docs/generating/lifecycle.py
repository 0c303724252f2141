"""lifecycle.md: drawn from the lifecycle tables of the rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from generating.markdown import code, document, table
from signoff.core import events as e
from signoff.core.decide import ALLOWED
from signoff.core.intent import TERMINAL, TRANSITIONS
from signoff.core.words import IntentStatus, TaskState, WaitingReason

_INTRO = """An intent is the durable unit of an agent's work. Its status changes by events, and only
as this table allows; what is not in the table cannot happen. `COMPLETED`, `FAILED`, `CANCELED` and
`TIMED_OUT` are terminal: such an intent never changes again.

`DELIVERED` and `ACKNOWLEDGED` are for intents that a worker receives. Workers are planned; an agent
that submits its own intents goes straight on from `SUBMITTED`."""

_WAITS = {
    WaitingReason.HUMAN: "A task is open: a person is asked.",
    WaitingReason.AGENT: "A reviewer wants changes: the agent is asked.",
    WaitingReason.TIME: "A sleep has not ended.",
    WaitingReason.TOOL: "Not used yet.",
}

_TASK_MOVES = (
    (TaskState.OPEN, "claim", TaskState.CLAIMED),
    (TaskState.CLAIMED, "release, escalation, next stage", TaskState.OPEN),
    (TaskState.OPEN, "answer, or a rung that concludes", TaskState.CONCLUDED),
    (TaskState.OPEN, "the last rung of the ladder", TaskState.EXPIRED),
    (TaskState.OPEN, "withdrawal, or the intent ends", TaskState.WITHDRAWN),
    (TaskState.OPEN, "a person takes the run over", TaskState.OVERRIDDEN),
)


def page() -> str:
    """The page, with every status, transition and command."""
    return document("Lifecycle", _INTRO, [_diagram(), _waiting(), _commands(), _tasks()])


def _diagram() -> str:
    endings = _endings()
    lines = ["stateDiagram-v2", "    [*] --> CREATED"]
    lines += ["    CREATED --> SUBMITTED: intent.submitted", "    state live {"]
    for status, body, becomes in _edges():
        if status is not IntentStatus.CREATED and becomes not in TERMINAL:
            lines.append(f"        {status} --> {becomes}: {body.type}")
    lines += ["    }", *(f"    live --> {b}: {body.type}" for body, b in endings.items())]
    lines += [f"    {status} --> [*]" for status in endings.values()]
    by: dict[tuple[str, str], list[str]] = defaultdict(list)
    for status, body, becomes in _edges():
        by[body.type, becomes].append(code(status))
    rows = ((", ".join(froms), code(name), code(to)) for (name, to), froms in by.items())
    drawn = "\n".join(lines)
    return (
        f"## Of an intent\n\n```mermaid\n{drawn}\n```\n\n"
        f"{table(('from', 'by the event', 'to'), rows)}"
    )


def _edges() -> Iterator[tuple[IntentStatus, type[e.Body], IntentStatus]]:
    for status, row in TRANSITIONS.items():
        yield from ((status, body, becomes) for body, becomes in row.items())


def _endings() -> dict[type[e.Body], IntentStatus]:
    """The ways out, which are the same from every live status; the drawing relies on it."""
    live = set(IntentStatus) - TERMINAL - {IntentStatus.CREATED}
    out = {status: {b: to for b, to in TRANSITIONS[status].items() if to in TERMINAL}
           for status in live}  # fmt: skip
    first, *others = out.values()
    assert all(other == first for other in others), "draw the endings one by one now"
    return first


def _waiting() -> str:
    rows = ((code(reason), _WAITS[reason]) for reason in WaitingReason)
    return f"`WAITING` always says for what:\n\n{table(('reason', 'when'), rows)}"


def _commands() -> str:
    statuses = list(IntentStatus)
    rows = (
        (code(command.__name__), ", ".join(code(each) for each in statuses if each in allowed))
        for command, allowed in ALLOWED.items()
    )
    return f"## Which command when\n\n{table(('command', 'taken in'), rows)}"


def _tasks() -> str:
    named = {state for a, _, b in _TASK_MOVES for state in (a, b)}
    assert named == set(TaskState), "a task state is missing from the page"
    rows = ((code(a), how, code(b)) for a, how, b in _TASK_MOVES)
    says = (
        "`open` and `claimed` are live, the others terminal. Whatever closes an open task closes a "
        "claimed one as well. A decision is written once: exactly one answer wins, and who comes "
        "later is told who decided, what, and when."
    )
    return f"## Of a task\n\n{says}\n\n{table(('from', 'by', 'to'), rows)}"


assert set(e.BODIES) >= {body.type for row in TRANSITIONS.values() for body in row}
