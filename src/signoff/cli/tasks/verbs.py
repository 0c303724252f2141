"""The verbs people answer tasks with: one for each outcome, as one table.

A verb is an outcome and, where the type asks for one thing more, the option that says it. The
general form ``signoff tasks answer --outcome ... --data ...`` says anything.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """``field`` of ``data`` is said by an option of the same name; ``many``: it may be repeated."""

    name: str
    outcome: str
    help: str
    field: str | None = None
    field_help: str = ""
    many: bool = False


VERBS = (
    Verb(name="approve", outcome="approved", help="Approve: the action may run."),
    Verb(name="reject", outcome="rejected", help="Reject: the action must not run."),
    Verb(
        name="request-changes",
        outcome="changes_requested",
        help="Ask for another round of the draft; say in --comment what to change.",
    ),
    Verb(
        name="confirm",
        outcome="confirmed",
        help="Confirm that the statement is so.",
        field="phrase",
        field_help="The phrase the task wants typed.",
    ),
    Verb(name="deny", outcome="denied", help="Deny the statement."),
    Verb(
        name="assign",
        outcome="assigned",
        help="Name the owner of the work.",
        field="assignee",
        field_help="Who owns it: a mail address, role:NAME or group:NAME.",
    ),
    Verb(name="submit", outcome="submitted", help="Submit the form; the values are --data."),
    Verb(
        name="reply",
        outcome="answered",
        help="Answer the agent's question.",
        field="answer",
        field_help="The answer, or one of the choices.",
    ),
    Verb(
        name="complete",
        outcome="completed",
        help="Say that the work is done.",
        field="done",
        field_help="An item of the checklist that is done; may be repeated.",
        many=True,
    ),
    Verb(name="fail", outcome="failed", help="Say that the work could not be done."),
    Verb(
        name="override",
        outcome="overridden",
        help="Take the run over; justify it in --comment.",
        field="action",
        field_help="stop, replace or hand_over (the last two want --data).",
    ),
    Verb(name="refuse", outcome="refused", help="Refuse the takeover; say why in --comment."),
    Verb(name="decline", outcome="declined", help="Decline to answer."),
)
