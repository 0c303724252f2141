"""One batch of commands: what it must know, and what the rules make of it.

Pure, but for the future through which each caller is told. Commands apply one after the other, so
the second of two on the same intent meets what the first one left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from signoff.core import commands as c
from signoff.core.asking import people_named, picks_named, tokens_named
from signoff.core.decide import take
from signoff.core.events import Event, StepRecorded, TaskAdvanced, TaskOpened, TaskRevised
from signoff.core.facts import Fact
from signoff.core.intent import Intent
from signoff.core.links import require_answers
from signoff.core.plan import plan
from signoff.core.routing import Directory
from signoff.core.words import ActorKind, IntentId, PersonId, TaskId, WorkspaceId
from signoff.engine.noting import Attempt, attempted, refusal
from signoff.engine.ports import Change, Commit, Idempotency, Loaded, Lookup, Replay, Step
from signoff.errors import KeyReused, NotFound

_IntentKey = tuple[WorkspaceId, IntentId]
_ReplayKey = tuple[WorkspaceId, str, str]
_StepKey = tuple[WorkspaceId, IntentId, str]
_ViewKey = tuple[WorkspaceId, TaskId, PersonId]

_WITH_STEP = c.RecordStep | c.Sleep
_NOBODY = Directory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A command the rules took, and the intent right after it."""

    intent: Intent
    task_id: TaskId | None
    step: Step | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A request that had been made before; ``record`` says what it was about."""

    workspace: WorkspaceId
    record: Replay


Outcome = Judged | Repeated | Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A command on its way through the door.

    :param mentioned: whom it names, and by what.
    :param channel: where it came from, where the command does not say so itself.
    """

    workspace: WorkspaceId
    command: c.Command
    intent_id: IntentId | None
    idempotency: Idempotency | None
    mentioned: Mentioned
    outcome: asyncio.Future[Judged | Repeated]
    channel: str = "api"

    @property
    def task_id(self) -> TaskId | None:
        """The task it is addressed to, from which its intent is found."""
        return getattr(self.command, "task_id", None) if self._by_task else None

    @property
    def target(self) -> IntentId | None:
        """The intent it is for, where that is known before anything is loaded."""
        if isinstance(self.command, c.SubmitIntent):
            return self.command.intent_id
        return self.intent_id

    @property
    def _by_task(self) -> bool:
        return not isinstance(self.command, c.OverrideIntent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """Whom a command names or is made by.

    :param people: by id or mail address.
    :param tokens: roles and groups, as selector tokens.
    :param picks: those of the tokens and people among whom somebody is picked.
    :param settings: whether the workspace's settings matter to it.
    """

    people: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    picks: tuple[str, ...] = ()
    settings: bool = False


def mentions(command: c.Command) -> Mentioned:
    """Everybody a command names or is made by, so that the door can load them."""
    by = (command.actor.id,) if command.actor.kind is ActorKind.PERSON else ()
    match command:
        case c.SubmitIntent(task=request) | c.OpenTask(task=request) if request is not None:
            return Mentioned(
                people=(*by, *people_named(request.fields)),
                tokens=tuple(tokens_named(request.fields)),
                picks=tuple(picks_named(request.fields)),
                settings=True,
            )
        case c.AnswerTask(raw=raw) if isinstance(raw.data, Mapping):
            return _naming(by, (raw.data.get("to"),))
        case c.OverrideIntent(data=data):
            return _naming(by, (data.get("to"),))
        case c.DelegateTask(to=to):
            return _naming(by, (to,))
        case c.ReassignTask(to=to):
            return _naming(by, to)
        case c.WatchTask(who=who) | c.UnwatchTask(who=who):
            return _naming(by, (who,))
        case _:
            return Mentioned(people=by)


def _naming(by: tuple[str, ...], references: Iterable[object]) -> Mentioned:
    fields = {"assignees": [each for each in references if isinstance(each, str)]}
    return Mentioned(
        people=(*by, *people_named(fields)), tokens=tuple(tokens_named(fields)), settings=True
    )


def lookup_of(batch: Sequence[Pending]) -> Lookup:
    """Everything the batch must know."""
    return Lookup(
        intents=frozenset((p.workspace, p.target) for p in batch if p.target is not None),
        tasks=frozenset((p.workspace, p.task_id) for p in batch if p.task_id is not None),
        people=frozenset((p.workspace, name) for p in batch for name in p.mentioned.people),
        tokens=frozenset((p.workspace, token) for p in batch for token in p.mentioned.tokens),
        picks=frozenset((p.workspace, token) for p in batch for token in p.mentioned.picks),
        settings=frozenset(p.workspace for p in batch if p.mentioned.settings),
        replays=frozenset(_replay_key(p, p.idempotency) for p in batch if p.idempotency),
        steps=frozenset(key for p in batch if (key := _step_key(p)) is not None),
        views=frozenset(view for p in batch if (view := _view_key(p)) is not None),
        links=frozenset(link for p in batch if (link := _link(p)) is not None),
    )


def judge(batch: Sequence[Pending], loaded: Loaded, now: datetime) -> tuple[list[Outcome], Commit]:
    """Judge every command in order: an outcome for each, and what all of them write."""
    bench = _Bench(loaded, now)
    outcomes = [bench.judge(pending) for pending in batch]
    return outcomes, bench.commit()


@dataclass(slots=True)
class _Bench:
    """The state of one batch while it is judged."""

    loaded: Loaded
    now: datetime
    after: dict[_IntentKey, Intent] = field(default_factory=dict)
    events: dict[_IntentKey, list[Event]] = field(default_factory=dict)
    replays: dict[_ReplayKey, Replay] = field(default_factory=dict)
    steps: dict[_StepKey, Step] = field(default_factory=dict)
    loads: dict[WorkspaceId, dict[str, int]] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    spent: dict[str, None] = field(default_factory=dict)

    def judge(self, pending: Pending) -> Outcome:
        try:
            return self._judge(pending)
        except Exception as error:  # a defect of ours is this caller's alone as well
            self._note_refusal(pending, error)
            return error

    def commit(self) -> Commit:
        changes = []
        for key, events in self.events.items():
            before, after = self.loaded.intents.get(key), self.after[key]
            duties = plan(before, after, events)
            changes.append(Change(before=before, after=after, events=tuple(events), duties=duties))
        return Commit(
            changes=tuple(changes),
            replays=tuple(self.replays.values()),
            facts=tuple(self.facts.values()),
            spent=tuple(self.spent),
        )

    def _judge(self, pending: Pending) -> Judged | Repeated:
        if (repeated := self._repeated(pending)) is not None:
            return repeated
        intent_id = self._intent_id(pending)
        key = (pending.workspace, intent_id)
        state = self.after.get(key) or self.loaded.intents.get(key)
        if (step := self._recorded(pending, intent_id)) is not None and state is not None:
            return Judged(intent=state, task_id=None, step=step, replayed=True)
        if state is None and not isinstance(pending.command, c.SubmitIntent):
            raise NotFound(f"there is no intent {intent_id}")
        self._require_link(pending, state)
        directory = self._directory(pending.workspace)
        events, after = take(
            state, self._informed(pending), now=self.now, directory=directory, intent_id=intent_id
        )
        assert after is not None
        if (link := _link(pending)) is not None:
            self.spent[link] = None
        if events:
            self.after[key] = after
            self.events.setdefault(key, []).extend(events)
            self._load(pending.workspace, events)
        judged = Judged(
            intent=after,
            task_id=pending.task_id or _opened(events),
            step=self._new_step(pending, intent_id, events),
        )
        self._remember(pending, judged)
        return judged

    def _informed(self, pending: Pending) -> c.Command:
        """The command, with when its giver was first shown what they answer."""
        command, key = pending.command, _view_key(pending)
        if key is None or not isinstance(command, c.AnswerTask):
            return command
        return replace(command, first_viewed_at=self.loaded.views.get(key))

    def _require_link(self, pending: Pending, state: Intent | None) -> None:
        """Where an answer comes by a link, see that this link allows it."""
        command, link = pending.command, _link(pending)
        if link is None or state is None or not isinstance(command, c.AnswerTask):
            return
        task = state.tasks.get(command.task_id)
        if task is None or not task.live:
            return  # the rules say who was first
        found = self.loaded.links.get(link)
        if found is not None and link in self.spent:
            found = replace(found, spent_at=self.now)
        person_id = PersonId(command.actor.id)
        require_answers(found, task, person_id, command.raw, now=self.now)

    def _note_refusal(self, pending: Pending, error: Exception) -> None:
        """Tell the log of what somebody tried on something that is there, and may not."""
        if not attempted(pending.command):
            return
        intent_id = pending.target
        if pending.task_id is not None:
            intent_id = self.loaded.parents.get((pending.workspace, pending.task_id))
        if intent_id is None or not self._exists((pending.workspace, intent_id)):
            return
        attempt = Attempt(
            workspace=pending.workspace,
            actor=pending.command.actor,
            command=type(pending.command).__name__,
            channel=_channel(pending),
            intent_id=intent_id,
            task_id=pending.task_id,
        )
        if (fact := refusal(attempt, error, self.now)) is not None:
            self.facts.setdefault(fact.id, fact)

    def _exists(self, key: _IntentKey) -> bool:
        return key in self.after or key in self.loaded.intents

    def _directory(self, workspace: WorkspaceId) -> Directory:
        directory = self.loaded.directories.get(workspace, _NOBODY)
        loads = self.loads.get(workspace)
        return directory if loads is None else replace(directory, loads=loads)

    def _load(self, workspace: WorkspaceId, events: Sequence[Event]) -> None:
        """Count who was picked just now, so that the next of the batch picks another."""
        for event in events:
            if isinstance(event.body, TaskOpened | TaskAdvanced | TaskRevised):
                for selector in event.body.opening.picked or ():
                    loads = self.loads.setdefault(workspace, dict(self._directory(workspace).loads))
                    loads[selector.value] = loads.get(selector.value, 0) + 1

    def _intent_id(self, pending: Pending) -> IntentId:
        if pending.task_id is None:
            if pending.target is None:
                raise NotFound("there is no such intent")
            return pending.target
        parent = self.loaded.parents.get((pending.workspace, pending.task_id))
        if parent is None or pending.target not in (None, parent):
            raise NotFound(f"there is no task {pending.task_id}")
        return parent

    def _repeated(self, pending: Pending) -> Repeated | None:
        if pending.idempotency is None:
            return None
        key = _replay_key(pending, pending.idempotency)
        record = self.replays.get(key) or self.loaded.replays.get(key)
        if record is None:
            return None
        record = same_request(record, pending.idempotency)
        return Repeated(workspace=pending.workspace, record=record)

    def _remember(self, pending: Pending, judged: Judged) -> None:
        if pending.idempotency is None:
            return
        key = _replay_key(pending, pending.idempotency)
        self.replays[key] = Replay(
            workspace=pending.workspace,
            scope=pending.idempotency.scope,
            key=pending.idempotency.key,
            fingerprint=pending.idempotency.fingerprint,
            intent_id=judged.intent.id,
            task_id=judged.task_id,
        )

    def _recorded(self, pending: Pending, intent_id: IntentId) -> Step | None:
        if not isinstance(pending.command, _WITH_STEP):
            return None
        key = (pending.workspace, intent_id, pending.command.name)
        return self.steps.get(key) or self.loaded.steps.get(key)

    def _new_step(
        self, pending: Pending, intent_id: IntentId, events: Sequence[Event]
    ) -> Step | None:
        for event in events:
            if isinstance(event.body, StepRecorded):
                step = Step(
                    intent_id=intent_id,
                    name=event.body.name,
                    kind=event.body.kind,
                    seq=event.seq,
                    at=event.at,
                    output=event.body.output,
                )
                self.steps[pending.workspace, intent_id, step.name] = step
                return step
        return None


def same_request(record: Replay, idempotency: Idempotency) -> Replay:
    """The record of a key, once it is sure that it stands for this very request.

    :raises KeyReused: it stands for another.
    """
    if record.fingerprint == idempotency.fingerprint:
        return record
    raise KeyReused(
        f"the key {idempotency.key!r} was used for another request; use a new key, or send the "
        "request that it stands for",
        about={"intent_id": record.intent_id, "task_id": record.task_id},
    )


def _opened(events: Sequence[Event]) -> TaskId | None:
    return next((e.body.task_id for e in events if isinstance(e.body, TaskOpened)), None)


def _replay_key(pending: Pending, idempotency: Idempotency) -> _ReplayKey:
    return pending.workspace, idempotency.scope, idempotency.key


def _step_key(pending: Pending) -> _StepKey | None:
    command = pending.command
    if not isinstance(command, _WITH_STEP) or pending.target is None:
        return None
    return pending.workspace, pending.target, command.name


def _view_key(pending: Pending) -> _ViewKey | None:
    """What says when the person who answers was first shown the task."""
    command = pending.command
    if not isinstance(command, c.AnswerTask) or command.actor.kind is not ActorKind.PERSON:
        return None
    return pending.workspace, command.task_id, PersonId(command.actor.id)


def _link(pending: Pending) -> str | None:
    return pending.command.link if isinstance(pending.command, c.AnswerTask) else None


def _channel(pending: Pending) -> str:
    command = pending.command
    return command.channel if isinstance(command, c.AnswerTask) else pending.channel
