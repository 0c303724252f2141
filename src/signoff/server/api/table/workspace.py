"""What holds for a workspace."""

from __future__ import annotations

from signoff import errors as e
from signoff.server import documents as d
from signoff.server.api import bodies as b
from signoff.server.api import calendars, settings
from signoff.server.api.operation import ADMIN, NO_AGENTS, Operation

WORKSPACE: tuple[Operation, ...] = (
    # settings
    Operation(
        method="GET",
        path="/v1/settings",
        name="readSettings",
        summary="Read what holds for every task unless it says otherwise",
        noun="settings",
        who=NO_AGENTS,
        answers=d.WorkspaceSettings,
        handler=settings.read,
    ),
    Operation(
        method="PATCH",
        path="/v1/settings",
        name="changeSettings",
        summary="Change what is named; null goes back to the default",
        noun="settings",
        who=ADMIN,
        body=b.SettingsChange,
        answers=d.WorkspaceSettings,
        refusals=(e.ChangedMeanwhile,),
        handler=settings.change,
    ),
    # calendars
    Operation(
        method="GET",
        path="/v1/calendars",
        name="listCalendars",
        summary="List the calendars by name",
        noun="calendars",
        who=NO_AGENTS,
        answers=d.CalendarsListed,
        handler=calendars.read_all,
    ),
    Operation(
        method="GET",
        path="/v1/calendars/{name}",
        name="readCalendar",
        summary="Read a calendar",
        noun="calendars",
        who=NO_AGENTS,
        answers=d.OneCalendar,
        handler=calendars.read,
    ),
    Operation(
        method="PUT",
        path="/v1/calendars/{name}",
        name="setCalendar",
        summary="Make a calendar, or put another in its place",
        noun="calendars",
        who=ADMIN,
        body=b.CalendarFields,
        answers=d.OneCalendar,
        refusals=(e.ChangedMeanwhile,),
        handler=calendars.put,
    ),
    Operation(
        method="DELETE",
        path="/v1/calendars/{name}",
        name="removeCalendar",
        summary="Remove a calendar; tasks keep the times they have",
        noun="calendars",
        who=ADMIN,
        answers=d.OneCalendar,
        refusals=(e.ChangedMeanwhile,),
        handler=calendars.remove,
    ),
)
