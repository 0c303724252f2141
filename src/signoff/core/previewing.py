"""What would become of a task that nobody has asked for yet: opened in memory, and explained.

It goes through the rules that decide, so that it is refused for the same reasons; nothing is kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from signoff.core.asking import AskRequest
from signoff.core.commands import SubmitIntent
from signoff.core.decide import take
from signoff.core.explaining import Explanation, explain
from signoff.core.routing import Actor, Directory
from signoff.core.words import JSON, IntentId, WorkspaceId

_NOWHERE = IntentId("preview")


def preview(
    request: AskRequest,
    directory: Directory,
    *,
    actor: Actor,
    payload: JSON = None,
    on_behalf_of: str | None = None,
    now: datetime,
) -> Explanation:
    """Explain a task as it would stand if somebody asked for it.

    :param request: with an id of any kind; references to the payload are expanded already.
    :param directory: whoever the request names or asks, members of its tokens too.
    :param actor: who would ask.
    :param payload: of the intent it would be asked in.
    :param now: when it would be asked.
    :raises InvalidTask: it would be refused.
    :raises UnknownPerson: it would be refused, for it names somebody nobody knows.
    """
    command = SubmitIntent(
        actor=actor,
        workspace=WorkspaceId(""),
        intent_id=_NOWHERE,
        type="preview",
        title=str(request.fields.get("title") or "preview"),
        agent=actor.id,
        payload=payload,
        handled=True,
        on_behalf_of=on_behalf_of,
        task=request,
    )
    _, state = take(None, command, now=now, directory=directory, intent_id=_NOWHERE)
    assert state is not None
    return replace(explain(state, state.tasks[request.id], directory, now), task_id=None)
