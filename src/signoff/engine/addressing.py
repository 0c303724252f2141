"""From a duty to tell people to the notices that wait to be sent, by person and channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from signoff.core.plan import NoticeReason, Notify
from signoff.core.preferences import NONE, Channel, News, Preferences, Route, fallback, routes
from signoff.core.routing import Person
from signoff.core.task import Task
from signoff.core.words import PersonId, WorkspaceId
from signoff.engine.channels import Sender, zone_of
from signoff.engine.notices import Notice, NoticeState
from signoff.engine.ports import OutboxItem, Store

ASKS = frozenset(
    {
        NoticeReason.OPENED,
        NoticeReason.REMINDED,
        NoticeReason.ESCALATED,
        NoticeReason.REASSIGNED,
        NoticeReason.DELEGATED,
        NoticeReason.ADVANCED,
        NoticeReason.REVISED,
    }
)
"""Reasons that ask for something: nothing is left of them once the task has closed."""

Reach = Mapping[Channel, frozenset[PersonId]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One outbox row to tell people, as it was claimed at ``now``."""

    item: OutboxItem
    notify: Notify
    now: datetime

    def notice(
        self,
        channel: Channel,
        *,
        person: Person | None = None,
        place: str | None = None,
        route: Route | None = None,
    ) -> Notice:
        """A notice to be sent. Its id is made of what it is: it is the same however often made."""
        return Notice(
            workspace=self.item.workspace,
            id=f"{self.item.id}-{person.id if person else place}-{channel}",
            intent_id=self.item.intent_id,
            task_id=self.item.task_id,
            person_id=person.id if person else None,
            channel=channel,
            reason=self.notify.reason,
            state=NoticeState.DUE,
            detail=None,
            at=self.now,
            due_at=route.due_at if route else self.now,
            digest=route.digest if route else False,
            place=place,
        )


class Addressing:
    """Knows the channels, whom they reach, and how people want to be told."""

    def __init__(self, store: Store, senders: Sequence[Sender]) -> None:
        self._store = store
        self._senders = senders

    async def addressed(self, duty: Duty, people: Sequence[Person]) -> list[Notice]:
        """The notices beside those in the inbox that a duty brings about, each of them due."""
        workspace = duty.item.workspace
        notices = [
            duty.notice(sender.channel, place=place)
            for sender in self._senders
            for place in await sender.places(workspace, duty.notify.to)
        ]
        reach = await self._reach(workspace, people)
        told = [person for person in people if any(person.id in ids for ids in reach.values())]
        found = await self._store.task(workspace, duty.item.task_id) if told or notices else None
        if found is None:
            return []
        chosen = await self._store.preferences(workspace, [person.id for person in told])
        news = _news(duty.notify.reason, found.task)
        for person in told:
            wanted = chosen.get(person.id, NONE)
            channels = _of_person(person, reach)
            for route in await self._routes(workspace, person, wanted, news, channels, duty.now):
                notices.append(duty.notice(route.channel, person=person, route=route))
        return notices

    async def instead(self, notice: Notice, person: Person, chosen: Preferences) -> Channel | None:
        """The channel that is tried where this notice could not be sent over its own."""
        reach = await self._reach(notice.workspace, [person])
        return fallback(chosen, Channel(notice.channel), reach=_of_person(person, reach))

    async def _reach(self, workspace: WorkspaceId, people: Sequence[Person]) -> Reach:
        return {
            sender.channel: frozenset(await sender.reaches(workspace, people))
            for sender in self._senders
        }

    async def _routes(  # noqa: PLR0917 - what a route depends on
        self,
        workspace: WorkspaceId,
        person: Person,
        wanted: Preferences,
        news: News,
        reach: frozenset[Channel],
        now: datetime,
    ) -> Sequence[Route]:
        """A wall clock is asked for only where somebody goes by one."""
        by_clock = wanted.quiet is not None or wanted.digest
        row = await self._store.person(workspace, person.id) if by_clock else None
        return routes(wanted, news, reach=reach, now=now, zone=zone_of(row))


def _of_person(person: Person, reach: Reach) -> frozenset[Channel]:
    return frozenset(channel for channel, ids in reach.items() if person.id in ids)


def _news(reason: NoticeReason, task: Task) -> News:
    closes = task.due_at if task.live and reason in ASKS else None
    return News(reason=reason, risk=task.ask.risk, closes=closes)
