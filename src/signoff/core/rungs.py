"""From the fields of a request to its ladder: the rungs as asked for, or the default ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from signoff.core.durations import LONGEST, Duration, elapsed, parse_duration, parse_elapsed
from signoff.core.ladder import MAX_REMINDERS, MAX_RUNGS, Do, Rung
from signoff.core.moments import read_moment
from signoff.core.routing import Directory, resolve
from signoff.core.scheduling import closed
from signoff.errors import FieldError, InvalidTask

Fields = Mapping[str, Any]

DEFAULT_LADDER: tuple[Fields, ...] = (
    {"after": "24h", "do": "remind", "every": "8h", "max": 3},
    {"after": "48h", "do": "escalate", "to": "role:backup-approver"},
    {"after": "72h", "do": "fail"},
)


def read_ladder(
    rows: Sequence[Fields],
    directory: Directory,
    *,
    field: str,
    outcomes: tuple[str, ...],
    favourable: frozenset[str],
    now: datetime,
) -> tuple[Rung, ...]:
    """Read a ladder; the one that comes back always ends the task.

    :param rows: the rungs of the request, or default ones.
    :param field: where they stand in the request, e.g. ``task.ladder``.
    :param outcomes: the outcomes this task can have; a rung concludes with one of them.
    :param favourable: the go-ahead outcomes of its type, which time alone never gives.
    :raises InvalidTask: a rung makes no sense.
    :raises UnknownPerson: a rung escalates to somebody who is not in the directory.
    """
    if len(rows) > MAX_RUNGS:
        raise _refused(field, f"a ladder has at most {MAX_RUNGS} rungs")
    rungs = tuple(_rung(row, f"{field}.{index}", directory) for index, row in enumerate(rows))
    for index, rung in enumerate(rungs):
        if rung.outcome is not None:
            _require_safe(rung.outcome, outcomes, favourable, f"{field}.{index}.conclude")
    return closed(rungs, opened_at=now, calendars=(), zone="UTC")


def read_deadline(text: str, now: datetime, field: str) -> timedelta:
    """Read ``2h`` or ``2026-03-01T12:00:00Z`` as the time that is left.

    :raises InvalidTask: it is neither, has passed, or is more than ten years away.
    """
    moment = read_moment(text.strip())
    if moment is None:
        return parse_elapsed(text, field=field)
    left = moment - now
    if left <= timedelta(0):
        raise _refused(field, f"{text} has passed already")
    if left > LONGEST:
        raise _refused(field, f"{text} is more than ten years away")
    return left


def references_in(fields: Fields) -> Iterator[str]:
    """Everybody a ladder escalates to, as they are named."""
    for row in fields.get("ladder") or ():
        yield from _to(row)


def failing_after(rungs: tuple[Rung, ...], limit: timedelta) -> tuple[Rung, ...]:
    """The same ladder, but for a deadline at which the task fails whatever the ladder says."""
    kept = (r for r in rungs if not r.ends or r.after.span < limit)
    return (*kept, Rung(after=elapsed(limit), do=Do.FAIL))


def _rung(row: Fields, where: str, directory: Directory) -> Rung:
    do, outcome = _verb(row, where)
    to = tuple(dict.fromkeys(resolve(ref, directory, field=f"{where}.to") for ref in _to(row)))
    if do is Do.ESCALATE and not to:
        raise _refused(f"{where}.to", "an escalation says to whom, e.g. role:backup-approver")
    every, most = _repeats(row, do, where)
    return Rung(
        after=parse_duration(row.get("after") or "", field=f"{where}.after"),
        do=do,
        to=to,
        outcome=outcome,
        every=every,
        max=most,
    )


def _verb(row: Fields, where: str) -> tuple[Do, str | None]:
    """Read ``do: remind``, ``conclude: rejected`` or ``do: conclude, outcome: rejected``."""
    outcome = row.get("conclude") or row.get("outcome")
    do = row.get("do") or (Do.CONCLUDE if outcome else None)
    if do not in tuple(Do) or (do == Do.CONCLUDE) is not bool(outcome):
        choices = "remind, escalate, fail, or conclude: OUTCOME"
        raise _refused(f"{where}.do", f"{row.get('do')!r} is no verb of a rung; use {choices}")
    return Do(do), outcome


def _repeats(row: Fields, do: Do, where: str) -> tuple[Duration | None, int | None]:
    every, most = row.get("every"), row.get("max")
    if do is not Do.REMIND and (every is not None or most is not None):
        raise _refused(f"{where}.every", f"only a reminder repeats, and this rung is to {do}")
    if most is not None and not 0 < most <= MAX_REMINDERS:
        raise _refused(f"{where}.max", f"a rung reminds 1 to {MAX_REMINDERS} times")
    if every is None:
        return None, most
    return parse_duration(every, field=f"{where}.every"), most


def _to(row: Fields) -> Sequence[str]:
    to = row.get("to")
    return (to,) if isinstance(to, str) else (to or ())


def _require_safe(
    outcome: str, outcomes: tuple[str, ...], favoured: frozenset[str], field: str
) -> None:
    if outcome not in outcomes:
        raise _refused(field, f"{outcome!r} is none of {', '.join(outcomes)}")
    if outcome in favoured:
        raise _refused(field, f"running out of time never means {outcome!r}; nobody decided it")


def _refused(field: str, message: str) -> InvalidTask:
    return InvalidTask(message, errors=[FieldError(field, message)])
