"""An explanation of a task for people: who may answer, who may not, and what happens when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from signoff.cli.connection import Document
from signoff.cli.output import say, table
from signoff.cli.when import Clock


def show_explanation(found: Document, clock: Clock) -> None:
    """Print it in four parts, times in the clock's zone."""
    chain = found.get("chain") or ()
    stage = f", stage {found['stage'] + 1} of {len(chain)}" if len(chain) > 1 else ""
    say(f"{found.get('task_id') or 'not asked yet'}: {found['state']}{stage}")
    say(f"as of {clock.show(found['at'])}")
    _show_chain(found)
    _show_people(found, clock)
    _show_ladder(found, clock)
    for note in found.get("notes") or ():
        say(f"note: {clock.retell(note)}")


def _show_chain(found: Document) -> None:
    _heading("The stages")
    table(
        ("stage", "state", "need", "asks", "answers"),
        (
            (
                row["stage"] + 1,
                row["state"],
                row["need"],
                _asks(row),
                ", ".join(_answer(said) for said in row.get("answers") or ()),
            )
            for row in found.get("chain") or ()
        ),
        empty="There are none.",
        prose=("asks", "answers"),
    )
    if missing := (found.get("quorum") or {}).get("missing"):
        say(f"still needed: {'; '.join(missing)}")


def _show_people(found: Document, clock: Clock) -> None:
    _heading("Who may answer now")
    table(
        ("person", "why"),
        ((row["person"], _why(row, clock)) for row in found.get("may_answer") or ()),
        empty="Nobody.",
        prose=("why",),
    )
    if others := found.get("may_not"):
        _heading("Who may not")
        table(
            ("person", "why"),
            ((row["person"], clock.retell(row["why"])) for row in others),
            empty="",
            prose=("why",),
        )


def _show_ladder(found: Document, clock: Clock) -> None:
    _heading(f"What happens, and when ({clock.name})")
    table(
        ("when", "in", "state", "what"),
        (
            (
                clock.show(row["at"]),
                _distance(found["at"], row["at"]),
                row["state"],
                clock.retell(_reasoned(row)),
            )
            for row in found.get("ladder") or ()
        ),
        empty="Nothing any more.",
        prose=("what",),
    )


def _heading(text: str) -> None:
    say()
    say(text)


def _asks(row: Document) -> str:
    asked = ", ".join(row["who"])
    if not row.get("when"):
        return asked
    return f"{asked} when {row['when']}" + ("" if row["applies"] else " (it is not so)")


def _answer(said: Document) -> str:
    place = f" for {said['for']}" if said.get("for") not in (None, said["by"]) else ""
    return f"{said['outcome']} by {said['by']}{place}"


def _why(row: dict[str, Any], clock: Clock) -> str:
    why = clock.retell(row["why"])
    if row.get("for") and row["for"] not in why:
        why += f", for {row['for']}"
    return f"{why} (until {clock.show(row['until'])})" if row.get("until") else why


def _reasoned(row: Document) -> str:
    """What happens, and how its moment came about."""
    why = "; ".join(row.get("why") or ())
    return f"{row['text']} ({why})" if why else str(row["text"])


def _distance(start: str, end: str) -> str:
    """How long it is until then, to the minute; nothing where it has passed."""
    try:
        left = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    except ValueError:
        return ""
    if left < timedelta(0):
        return ""
    minutes = round(left.total_seconds() / 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "d"), (hours, "h"), (rest, "m"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "now"
