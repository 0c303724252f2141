"""What requests say: one struct for each body and query. Unknown fields are refused by name.

Only shapes and sizes are judged here; whether it makes sense is for the rules to say.
"""

from signoff.server.api.bodies.asking import (
    Action,
    CalendarFields,
    Link,
    OpenTask,
    Preview,
    Rung,
    TaskFields,
    WrappedTask,
)
from signoff.server.api.bodies.audit import (
    ErasureOrder,
    ExportQuery,
    Lifting,
    NewHold,
)
from signoff.server.api.bodies.intents import (
    Completion,
    GivenCustody,
    GivenProvenance,
    Nap,
    StepRecord,
    Submission,
    Takeover,
)
from signoff.server.api.bodies.moves import (
    Answer,
    Delegation,
    Extension,
    GivenEvidence,
    NewComment,
    Pause,
    Reason,
    Reassignment,
    Revision,
    Snooze,
    Watching,
)
from signoff.server.api.bodies.passkeys import Assertion, Attestation, NewPasskey
from signoff.server.api.bodies.people import (
    AbsenceImport,
    GivenAbsence,
    GivenAbsences,
    KeyOrder,
    NewPerson,
    PersonChange,
)
from signoff.server.api.bodies.preferences import GivenFilter, GivenQuietHours, PreferencesChange
from signoff.server.api.bodies.queries import (
    EventsQuery,
    IntentQuery,
    IntentsQuery,
    KeysQuery,
    PeopleQuery,
    Query,
    TaskQuery,
    TasksQuery,
)
from signoff.server.api.bodies.settings import (
    GivenLimits,
    SettingsChange,
)
from signoff.server.api.bodies.webhooks import (
    DeliveriesQuery,
    NewWebhook,
    Redelivery,
    Rotation,
    WebhookChange,
)

__all__ = [
    "AbsenceImport",
    "Action",
    "Answer",
    "Assertion",
    "Attestation",
    "CalendarFields",
    "Completion",
    "Delegation",
    "DeliveriesQuery",
    "ErasureOrder",
    "EventsQuery",
    "ExportQuery",
    "Extension",
    "GivenAbsence",
    "GivenAbsences",
    "GivenCustody",
    "GivenEvidence",
    "GivenFilter",
    "GivenLimits",
    "GivenProvenance",
    "GivenQuietHours",
    "IntentQuery",
    "IntentsQuery",
    "KeyOrder",
    "KeysQuery",
    "Lifting",
    "Link",
    "Nap",
    "NewComment",
    "NewHold",
    "NewPasskey",
    "NewPerson",
    "NewWebhook",
    "OpenTask",
    "Pause",
    "PeopleQuery",
    "PersonChange",
    "PreferencesChange",
    "Preview",
    "Query",
    "Reason",
    "Reassignment",
    "Redelivery",
    "Revision",
    "Rotation",
    "Rung",
    "SettingsChange",
    "Snooze",
    "StepRecord",
    "Submission",
    "Takeover",
    "TaskFields",
    "TaskQuery",
    "TasksQuery",
    "Watching",
    "WebhookChange",
    "WrappedTask",
]
