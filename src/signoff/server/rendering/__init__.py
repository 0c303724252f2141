"""From the core's values to the documents of the API. Pure."""

from signoff.server.rendering.events import event
from signoff.server.rendering.people import absence, key, new_key, person
from signoff.server.rendering.preferences import preferences
from signoff.server.rendering.settings import named_calendar, settings
from signoff.server.rendering.tasks import task, task_of
from signoff.server.rendering.webhooks import delivery, webhook
from signoff.server.rendering.work import intent, step

__all__ = [
    "absence",
    "delivery",
    "event",
    "intent",
    "key",
    "named_calendar",
    "new_key",
    "person",
    "preferences",
    "settings",
    "step",
    "task",
    "task_of",
    "webhook",
]
