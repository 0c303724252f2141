"""What each entry says, short and for people; and on whose side it happened."""

from __future__ import annotations

from typing import Any

from .about import Entry, opened

AGENT, TASK, PEOPLE, CLOCK = range(4)
LANES = ("Agent", "Task", "People", "Clock")

_SAID: dict[str, tuple[int, str]] = {
    "intent.submitted": (AGENT, "submitted: {title}"),
    "intent.started": (AGENT, "started"),
    "intent.waiting": (AGENT, "waits: {reason}"),
    "intent.resumed": (AGENT, "goes on"),
    "intent.sleeping": (AGENT, "sleeps until {until}"),
    "intent.awoke": (AGENT, "awoke"),
    "intent.completed": (AGENT, "completed"),
    "intent.failed": (AGENT, "failed"),
    "intent.canceled": (AGENT, "canceled"),
    "intent.timed_out": (CLOCK, "timed out"),
    "intent.overridden": (PEOPLE, "{actor} took the run over"),
    "step.recorded": (AGENT, "step {name}"),
    "task.opened": (TASK, "asked: {ask.title}"),
    "task.claimed": (PEOPLE, "{actor} claimed it"),
    "task.released": (PEOPLE, "{actor} released it"),
    "task.reminded": (CLOCK, "reminded"),
    "task.notified": (CLOCK, "told others"),
    "task.escalated": (CLOCK, "escalated"),
    "task.reassigned": (TASK, "reassigned"),
    "task.delegated": (PEOPLE, "{actor} delegated"),
    "task.override_asked": (CLOCK, "asked operators to take over"),
    "task.rung_skipped": (CLOCK, "a rung was skipped"),
    "task.recovered": (CLOCK, "given time back after an outage"),
    "task.paused": (TASK, "clock stopped"),
    "task.resumed": (TASK, "clock goes on"),
    "task.snoozed": (PEOPLE, "{actor} put reminders off"),
    "task.extended": (PEOPLE, "{actor} gave more time"),
    "task.commented": (PEOPLE, "{actor} commented"),
    "task.answered": (PEOPLE, "{outcome}, says {actor}"),
    "task.answer_voided": (TASK, "an answer counts no longer"),
    "task.advanced": (TASK, "stage {stage} is asked"),
    "task.changes_requested": (TASK, "changes were requested"),
    "task.revised": (AGENT, "revised"),
    "task.concluded": (TASK, "decided: {outcome}"),
    "task.expired": (CLOCK, "expired"),
    "task.withdrawn": (AGENT, "withdrawn"),
    "task.overridden": (PEOPLE, "overridden"),
    "task.viewed": (PEOPLE, "{person_id} was shown it"),
    "notice.sent": (CLOCK, "told {told} over {channel}"),
    "notice.failed": (CLOCK, "could not tell {person_id} over {channel}"),
    "notice.skipped": (CLOCK, "did not tell {person_id} over {channel}: {detail}"),
    "attempt.refused": (PEOPLE, "{actor} was refused: {code}"),
    "answer.picked_up": (AGENT, "picked the answer up"),
    "receipt.issued": (TASK, "a receipt was issued"),
    "log.read": (TASK, "the history was read"),
    "log.exported": (TASK, "exported as {format}"),
    "erasure.done": (TASK, "values were erased"),
    "hold.placed": (TASK, "a legal hold was placed"),
    "hold.lifted": (TASK, "a legal hold was lifted"),
}
GOOD = frozenset({"approved", "confirmed", "assigned", "submitted", "answered", "completed"})
_LONGEST = 46
_LONGEST_REF = 20


def lane(entry: Entry) -> int:
    """On whose side it happened."""
    return _SAID.get(entry["leaf"]["type"], (TASK, ""))[0]


def phrase(entry: Entry) -> str:
    """What happened, short: values that were erased or withheld are said to be missing."""
    leaf = entry["leaf"]
    words = _SAID.get(leaf["type"], (TASK, leaf["type"]))[1]
    said: str = words.format_map(_Words(leaf, opened(entry)))
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"


def short(ref: str) -> str:
    """A reference that people can tell apart at a glance: the last of an address, or of an id."""
    name = ref.rpartition("/")[2]
    return name if len(name) <= _LONGEST_REF else f"…{name[-6:]}"


class _Words(dict[str, Any]):
    """What a phrase may name: the plain fields, the opened ones, and who did it."""

    def __init__(self, leaf: dict[str, Any], values: dict[str, Any]) -> None:
        super().__init__(leaf.get("data", {}) | values | {"actor": short(leaf["actor"]["ref"])})
        if "person_id" in self:
            self["person_id"] = short(str(self["person_id"]))
        if "told" in self:
            self["told"] = _named(
                [str(each.get("person_id", "a shared place")) for each in self["told"]]
            )
        if "ask.title" in values:
            self["ask"] = _Part({"title": values["ask.title"]})

    def __missing__(self, name: str) -> Any:
        return _Part({}) if name == "ask" else "[not opened]"


def _named(people: list[str]) -> str:
    return short(people[0]) if len(people) == 1 else f"{len(people)} people"


class _Part:
    """Lets a dotted name in a phrase be read as ``str.format`` reads it."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        return self._values.get(name, "[not opened]")
