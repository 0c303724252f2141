"""What the opening of a stage comes to: its schedule, who stands in, who is picked."""

from __future__ import annotations

from datetime import datetime

from signoff.core.routing import Directory
from signoff.core.scheduling import lay_out
from signoff.core.task import Ask, Opening


def open_stage(
    ask: Ask, stage: int, directory: Directory, *, now: datetime, until: datetime | None
) -> Opening:
    """Open one stage of a task.

    :param stage: its place in the chain; it applies.
    :param now: the moment its ladder counts from.
    :param until: the deadline of the intent, which no task of it outlives.
    """
    opened = ask.stages[stage]
    ladder = ask.ladder if opened.ladder is None else opened.ladder
    zone = directory.settings.zone
    schedule = lay_out(ladder, opened_at=now, calendars=opened.calendars, zone=zone, until=until)
    return Opening(schedule=schedule)
