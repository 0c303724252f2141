"""From the core's values to the documents of the API. Pure."""

from signoff.server.rendering.events import event
from signoff.server.rendering.people import absence, key, new_key, person
from signoff.server.rendering.settings import named_calendar, settings
from signoff.server.rendering.tasks import live_tasks, task, task_of
from signoff.server.rendering.times import duration, time
from signoff.server.rendering.work import intent, step

__all__ = [
    "absence",
    "duration",
    "event",
    "intent",
    "key",
    "live_tasks",
    "named_calendar",
    "new_key",
    "person",
    "settings",
    "step",
    "task",
    "task_of",
    "time",
]
