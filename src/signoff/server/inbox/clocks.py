"""What has been done to the clock of a task: paused, put off, extended, given back.

Pure. The ladder's own moments are in ``progress``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from signoff.channels import phrases
from signoff.core import events as e
from signoff.core.task import Task


def clock_lines(
    task: Task, history: Sequence[e.Event], *, now: datetime, zone: tzinfo
) -> Iterator[str]:
    """Whatever keeps the ladder of a live task from running as it was laid out, in sentences."""
    if not task.live:
        return
    if task.paused_at is not None and task.pause_ends is not None:
        yield _paused(task, history, zone)
    if task.snoozed_until is not None and task.snoozed_until > now:
        yield f"Reminders are put off until {phrases.exact(task.snoozed_until, zone)}."
    for event in _since_opening(task, history):
        match event.body:
            case e.TaskExtended(by=by, reason=reason):
                given = f"{event.actor.label} gave {phrases.span(by)} more"
                yield f"{given} on {phrases.exact(event.at, zone)}: {reason}"
            case e.TaskRecovered(down_from=start, down_until=end):
                lost = phrases.span(end - start)
                yield (
                    f"No server ran from {phrases.exact(start, zone)} to "
                    f"{phrases.exact(end, zone)}; the deadline moved by {lost}."
                )
            case _:
                pass


def _paused(task: Task, history: Sequence[e.Event], zone: tzinfo) -> str:
    assert task.paused_at is not None
    assert task.pause_ends is not None
    why = next((each.body for each in reversed(_about(task, history)) if _is_pause(each)), None)
    reason = f": {why.reason.rstrip('.')}" if isinstance(why, e.TaskPaused) else ""
    return (
        f"The clock has stood still since {phrases.exact(task.paused_at, zone)}{reason}. "
        f"It goes on by itself on {phrases.exact(task.pause_ends, zone)} at the latest."
    )


def _is_pause(event: e.Event) -> bool:
    return isinstance(event.body, e.TaskPaused)


def _since_opening(task: Task, history: Sequence[e.Event]) -> Iterator[e.Event]:
    """What happened to the task since its present stage opened."""
    return (each for each in _about(task, history) if each.at >= task.stage_opened_at)


def _about(task: Task, history: Sequence[e.Event]) -> list[e.Event]:
    return [each for each in history if getattr(each.body, "task_id", None) == task.id]
