"""The one address Slack sends to: who signed it, who did it, and the command it comes to.

What people do is committed before Slack is answered, which has to be within three seconds. Anybody
in a channel can press a button: who they are to us, and whether they are asked, is judged each
time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from signoff.channels.answers import needs_form
from signoff.channels.slack.api import NotPosted, SlackApi
from signoff.channels.slack.blocks import ANSWER, CLAIM, Message, escaped, plain
from signoff.channels.slack.reading import (
    Greeting,
    Pressed,
    Read,
    Said,
    SentIn,
    Who,
    is_from_slack,
    read,
)
from signoff.channels.slack.sender import issuer_of
from signoff.core.commands import AnswerTask, ClaimTask, Command, CommentTask, ReleaseTask
from signoff.core.credential import Credential, Strength
from signoff.core.task import RawAnswer, Task
from signoff.engine.ports import PersonRow
from signoff.engine.slack_posts import SlackPost
from signoff.errors import (
    AlreadyAnswered,
    Broken,
    CredentialTooWeak,
    FieldError,
    InvalidInput,
    NotEligible,
    NotFound,
    SignoffError,
)
from signoff.language import _, speaking
from signoff.logs import Log
from signoff.server.inbox.questions import given, located
from signoff.server.preferences import chosen_by
from signoff.server.slack.modal import blocks_of, modal, posted, wrong

if TYPE_CHECKING:
    from signoff.server.services import Services

_log = Log("signoff.slack")

PATH = "/inbound/slack"
CHANNEL = "slack"
MAX_BODY = 1_000_000
_ANSWER_SECONDS = 2.0
_SLACK = JSONResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who did something, on which message, and the task it stands for."""

    row: PersonRow
    post: SlackPost
    task: Task
    user: str

    @property
    def credential(self) -> Credential:
        """A Slack account vouches for them: more than a link, less than our own sign-in."""
        return Credential(
            strength=Strength.LINK,
            method="slack",
            id=self.user,
            provider=issuer_of(self.post.team),
        )


async def receive(request: Request, services: Services) -> Response:
    """Take what Slack sends."""
    slack = services.slack
    body = await request.body()
    if slack is None or len(body) > MAX_BODY:
        return PlainTextResponse("nothing to see here", status_code=404)
    signed = is_from_slack(
        services.settings.slack_signing_secret,
        timestamp=request.headers.get("x-slack-request-timestamp"),
        signature=request.headers.get("x-slack-signature"),
        body=body,
        now=time.time(),
    )
    if not signed:
        return PlainTextResponse("the signature is not ours", status_code=401)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    happened = read(body, media_type)
    if happened is None:
        return PlainTextResponse("")
    return await _Desk(services, slack).take(happened)


class _Desk:
    """Deals with one request."""

    def __init__(self, services: Services, slack: SlackApi) -> None:
        self._services = services
        self._slack = slack

    async def take(self, happened: Read) -> Response:
        match happened:
            case Greeting(challenge=challenge):
                return PlainTextResponse(challenge)
            case Said():
                await self._said(happened)
                return PlainTextResponse("")
            case Pressed(who=who):
                return await self._once(who, happened)
            case SentIn(who=who):
                return await self._once(who, happened)

    async def _once(self, who: Who, happened: Pressed | SentIn) -> Response:
        """A trigger is one gesture of one person; Slack may send it again."""
        if not await self._services.store.first_time(CHANNEL, f"trigger {who.trigger}"):
            return PlainTextResponse("")
        visitor = await self._visitor(who.team, who.user, happened.post_id)
        if visitor is None:
            await self._whisper(
                who,
                _(
                    "Nobody here is known by your Slack account, or the task "
                    "is not for you. Open it in Signoff instead."
                ),
            )
            return PlainTextResponse("")
        chosen = await chosen_by(
            self._services.store, visitor.post.workspace, visitor.row.person.id
        )
        with speaking(chosen.language):
            if isinstance(happened, SentIn):
                return await self._sent_in(visitor, happened)
            await self._pressed(visitor, happened)
            return PlainTextResponse("")

    # What people do

    async def _pressed(self, visitor: Visitor, pressed: Pressed) -> None:
        task, actor = visitor.task, visitor.row.person.actor
        if pressed.verb in (CLAIM, "release"):
            kind = ClaimTask if pressed.verb == CLAIM else ReleaseTask
            await self._do(visitor, pressed.who, kind(actor=actor, task_id=task.id))
            return
        outcome = _outcome(task, pressed.place)
        if outcome is None:
            return
        if pressed.verb == ANSWER and not needs_form(task.ask, outcome):
            await self._do(visitor, pressed.who, _answer(visitor, RawAnswer(outcome=outcome)))
            return
        await self._fill_in(visitor, pressed)

    async def _fill_in(self, visitor: Visitor, pressed: Pressed) -> None:
        """Open the form, or say where it is where Slack cannot hold it."""
        if not visitor.task.live:
            await self._whisper(pressed.who, _("This task is closed."))
            return
        view = modal(visitor.task, pressed.place, visitor.post.id)
        if view is None:
            url = f"{self._services.settings.address}/inbox/tasks/{visitor.task.id}"
            await self._whisper(
                pressed.who, _("Slack cannot show this form. Fill it in here: %(url)s", url=url)
            )
            return
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._slack.open_view(pressed.who.trigger, view)
        except (NotPosted, TimeoutError):
            await self._whisper(pressed.who, _("The form did not open. Please press once more."))

    async def _sent_in(self, visitor: Visitor, sent: SentIn) -> Response:
        task = visitor.task
        if _outcome(task, sent.place) is None:
            return PlainTextResponse("")
        said = given(task, posted(task, sent.place, sent.values))
        if said.errors:
            return _beside(task, located(said.errors, said.reading))
        try:
            command = _answer(visitor, said.answer)
            await self._services.door.execute(visitor.post.workspace, command)
        except InvalidInput as error:
            errors = error.errors or (FieldError("", error.message),)
            return _beside(task, located(errors, said.reading))
        except Broken:
            raise
        except SignoffError as error:
            return _beside(task, {"": [error.message]})
        return _SLACK({"response_action": "clear"})

    async def _do(self, visitor: Visitor, who: Who, command: Command) -> None:
        """Send a command through the door; whoever is refused is told why, alone."""
        try:
            await self._services.door.execute(visitor.post.workspace, command, channel=CHANNEL)
        except Broken:
            raise
        except AlreadyAnswered:
            return
        except SignoffError as error:
            await self._whisper(who, _refusal(error))

    async def _said(self, said: Said) -> None:
        """A line below a message is a comment on its task."""
        store = self._services.store
        post = await store.slack_post_at(said.team, said.channel, said.thread)
        if post is None or not await store.first_time(CHANNEL, said.event_id):
            return
        row = await self._person(post, said.team, said.user)
        if row is None or not said.text.strip():
            return
        command = CommentTask(
            actor=row.person.actor, task_id=post.task_id, text=_unescaped(said.text)
        )
        try:
            await self._services.door.execute(post.workspace, command, channel=CHANNEL)
        except Broken:
            raise
        except SignoffError as error:
            who = Who(team=said.team, user=said.user, channel=said.channel, trigger="")
            await self._whisper(who, _refusal(error))

    # Who did it

    async def _visitor(self, team: str, user: str, post_id: str) -> Visitor | None:
        store = self._services.store
        post = await store.slack_post(post_id)
        if post is None or post.team != team:
            return None
        row = await self._person(post, team, user)
        found = await store.task(post.workspace, post.task_id)
        if row is None or found is None:
            return None
        return Visitor(row=row, post=post, task=found.task, user=user)

    async def _person(self, post: SlackPost, team: str, user: str) -> PersonRow | None:
        """The person of the message's workspace whom a Slack user is, where they are one."""
        store = self._services.store
        known = await store.identified(issuer_of(team), user)
        here = [each for each in known if each.workspace == post.workspace]
        if not here:
            return None
        row = await store.person(post.workspace, here[0].person_id)
        return None if row is None or row.person.disabled else row

    async def _whisper(self, who: Who, text: str) -> None:
        if who.channel is None:
            return
        block = {"type": "section", "text": plain(text)}
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                message = Message(text=escaped(text), blocks=[block])
                await self._slack.whisper(who.channel, who.user, message)
        except (NotPosted, TimeoutError):
            _log.warning("not_whispered")


def _answer(visitor: Visitor, raw: RawAnswer) -> AnswerTask:
    return AnswerTask(
        actor=visitor.row.person.actor,
        task_id=visitor.task.id,
        raw=raw,
        view_digest=visitor.post.view_digest,
        channel=CHANNEL,
        credential=visitor.credential,
    )


def _outcome(task: Task, place: int) -> str | None:
    outcomes = task.ask.outcomes
    return outcomes[place] if 0 <= place < len(outcomes) else None


def _beside(task: Task, errors: Mapping[str, Any]) -> Response:
    return _SLACK({"response_action": "errors", "errors": wrong(errors, blocks_of(task))})


def _refusal(error: SignoffError) -> str:
    match error:
        case NotEligible():
            return _("This task does not ask you: %(why)s", why=error.message)
        case CredentialTooWeak():
            return _("A Slack account is not enough for this task. Open it and sign in.")
        case NotFound():
            return _("There is no such task any more.")
        case _:
            return error.message


def _unescaped(text: str) -> str:
    """What somebody wrote, as they wrote it: Slack escapes three characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
