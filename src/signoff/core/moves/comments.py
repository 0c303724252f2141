"""The move of talking about a task without deciding anything."""

from __future__ import annotations

from signoff.core import commands as c
from signoff.core import events as e
from signoff.core.moves.turn import Turn
from signoff.core.words import ActorKind
from signoff.errors import Forbidden, InvalidInput

MAX_COMMENTS = 500
MAX_COMMENT = 20_000


def comment(turn: Turn, command: c.CommentTask) -> None:
    """Add a comment: a person's, an administrator's or the agent's own."""
    task = turn.task(command.task_id)
    if turn.actor.kind is ActorKind.PERSON and turn.person().disabled:
        raise Forbidden(f"{turn.actor.label} is disabled and cannot comment")
    if not command.text.strip():
        raise InvalidInput.at("text", "a comment says something; the text is empty")
    if len(command.text) > MAX_COMMENT:
        raise InvalidInput.at("text", f"a comment has at most {MAX_COMMENT} characters")
    if task.comments >= MAX_COMMENTS:
        raise InvalidInput.at("text", f"a task has at most {MAX_COMMENTS} comments")
    turn.emit(e.TaskCommented(task_id=task.id, text=command.text))
