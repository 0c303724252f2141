"""What a run knows and how it goes on: steps, sleeps and tasks recorded once, replayed ever after.

The same code may run over the same intent many times, in many processes. Whatever the journal
holds is returned instead of done; a run over an intent that has ended reads and never writes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from signoff.client._events import Events
from signoff.client._json import duration, instant, promised, restore, to_json
from signoff.client._messages import Call, Conversation, Document
from signoff.client._moves import move
from signoff.client._operations import TERMINAL, closing, listing, moment, picked_up
from signoff.client._protocol import exchange, get, post
from signoff.client._questions import Question
from signoff.client._retry import LONG
from signoff.client.documents import IntentDocument, StepDocument, TaskDocument
from signoff.client.results import Decision, Override
from signoff.errors import (
    Broken,
    Forbidden,
    IntentClosed,
    InvalidInput,
    JournalMismatch,
    KeyReused,
    SignoffError,
    StillWaiting,
    TaskOverridden,
    Unauthenticated,
)

R = TypeVar("R", bound=Decision)

_MOST_TASKS = 10_000
_REASON_LENGTH = 2000
_COUNTED = re.compile(r".*#\d+")

_LEFT_AS_IT_IS = (
    Broken,
    StillWaiting,
    IntentClosed,
    TaskOverridden,
    JournalMismatch,
    KeyReused,
    Unauthenticated,
    Forbidden,
)
"""Errors that say nothing about the work itself. The run can be picked up again, or is a person's
by now; recording a failure would put an end to it."""


class Journal:
    """One run over one intent. Every method is a conversation, but for the properties.

    :param body: what submits the intent; ``key`` makes it the same one every time.
    """

    def __init__(self, body: Document, key: str) -> None:
        self._body = {**body, "handled": True}
        self._key = key
        self._intent: IntentDocument | None = None
        self._steps: dict[str, StepDocument] = {}
        self._tasks: dict[str, TaskDocument] = {}
        self._named: Counter[str] = Counter()
        self._ended_before = False
        self._taken_over = False
        self.result: object = None

    @property
    def intent(self) -> IntentDocument:
        """The intent as this run last saw it."""
        if self._intent is None:
            raise RuntimeError("the run has not begun; use it with `async with` or `with`")
        return self._intent

    @property
    def finished(self) -> bool:
        """Whether the intent was COMPLETED already when the run began."""
        return self._ended_before and self.intent["status"] == "COMPLETED"

    def open(self) -> Conversation[None]:
        """Submit the intent, or find it, and read what its journal holds."""
        found = yield from exchange(post("/v1/intents", self._body, key=self._key), LONG)
        self._intent = cast(IntentDocument, found["intent"])
        self._ended_before = self.intent["status"] in TERMINAL
        if self.intent["seq"] > 1:
            page = yield from exchange(get(f"{self._path}/steps"), LONG)
            self._steps = {step["name"]: step for step in page["steps"]}
        if self._ended_before:
            tasks = yield from listing("/v1/tasks", "tasks", _MOST_TASKS, intent=self.intent["id"])
            self._tasks = {task["key"]: task for task in tasks if task["key"]}
        if self.finished:
            self.result = self.intent["result"]

    # The work

    def step(
        self,
        name: str,
        function: Callable[..., object],
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        returns: type | None,
    ) -> Conversation[Any]:
        """What the function returned when it first did: from the journal, or by calling it."""
        name = self._unique(name)
        recorded = self._recorded(name, "step")
        if recorded is None:
            yield from self._require_open(name)
            came = yield Call(function=function, args=args, kwargs=kwargs)
            output = to_json(came, field=name)
            recorded = yield from self._write(
                "steps", {"name": name, "kind": "step", "output": output}
            )
        output, wanted = recorded["output"], returns or promised(function)
        return output if wanted is None else restore(output, wanted, field=name)

    def record(self, name: str, value: object) -> Conversation[Any]:
        """The value first recorded under this name."""
        name = self._unique(name)
        recorded = self._recorded(name, "record")
        if recorded is None:
            yield from self._require_open(name)
            body: Document = {"name": name, "kind": "record", "output": to_json(value, field=name)}
            recorded = yield from self._write("steps", body)
        return recorded["output"]

    def sleep(self, name: str, length: str | float | timedelta | datetime) -> Conversation[None]:
        """Return once the server has said that the time is over."""
        name = self._unique(name)
        recorded = self._recorded(name, "sleep")
        if recorded is None:
            yield from self._require_open(name)
            recorded = yield from self._write("sleep", {"name": name, **_wake_time(length)})
        events = Events(self.intent["id"], after=recorded["seq"])
        while page := (yield from events.next()):
            if any(e["type"] == "intent.awoke" and e["data"].get("name") == name for e in page):
                return
        raise IntentClosed(
            f"intent {self.intent['id']} ended while the run slept", about=self._about()
        )

    def ask(self, question: Question[R]) -> Conversation[R]:
        """What people decided when they were first asked: the task is opened once."""
        for name in ("payload", "on_behalf_of", "provenance", "custody"):
            if getattr(question, name) is not None:
                raise TypeError(f"{name}= belongs to the run, not to its tasks")
        until = yield from moment(question.timeout)
        key = question.key or self._unique(question.slug())
        task = yield from self._task(key, question)
        decision = question.read((yield from closing(task, until=until, revise=question.revise)))
        self._taken_over = self._taken_over or (isinstance(decision, Override) and bool(decision))
        return decision

    def move(self, task_id: str, verb: str, **said: str | None) -> Conversation[None]:
        """Do it to the task, once in all replays: under the same key; to what has ended, never."""
        key = self._unique(f"{self.intent['id']}:{verb}:{task_id}")
        if not self._ended_before:
            yield from move(task_id, verb, key=key, **said)

    # The end

    def leave(self, error: BaseException | None) -> Conversation[None]:
        """End the intent with the run's result, or with the reason why there is none."""
        if error is None:
            yield from self._complete()
        elif _is_failure(error) and not self._ended_before:
            yield from self._fail(error)

    def _complete(self) -> Conversation[None]:
        if self.finished or self._taken_over:
            self.result = self.intent["result"] if self.finished else self.result
            return
        if self._ended_before:
            raise self._cut_off()
        result = to_json(self.result, field="result")
        try:
            yield from self._end("complete", {"result": result}, key=None)
        except IntentClosed:
            found = yield from exchange(get(self._path))
            self._intent = cast(IntentDocument, found["intent"])
            if self.intent["status"] != "COMPLETED" or self.intent["result"] != result:
                raise

    def _fail(self, error: BaseException) -> Conversation[None]:
        reason = f"{type(error).__name__}: {error}"[:_REASON_LENGTH]
        try:
            yield from self._end("fail", {"reason": reason}, key=None)
        except IntentClosed:
            return  # it had ended already, which may well be what the error is about
        except SignoffError as refused:
            error.add_note(f"and the run could not be marked as failed: {refused}")

    def _end(self, verb: str, body: Document, *, key: str | None) -> Conversation[None]:
        found = yield from exchange(post(f"{self._path}/{verb}", body, key=key), LONG)
        self._intent = cast(IntentDocument, found["intent"])

    # The journal

    @property
    def _path(self) -> str:
        return f"/v1/intents/{self.intent['id']}"

    def _unique(self, name: str) -> str:
        """The name, with an ordinal from its second use on: the same in every run of the code."""
        if not name.strip() or _COUNTED.fullmatch(name):
            raise InvalidInput(f"{name!r} is no name for a step; it must not end in # and a number")
        self._named[name] += 1
        count = self._named[name]
        return name if count == 1 else f"{name}#{count}"

    def _recorded(self, name: str, kind: str) -> StepDocument | None:
        found = self._steps.get(name)
        if found is not None and found["kind"] != kind:
            raise JournalMismatch(
                f"{name!r} is a {found['kind']} in the journal of intent {self.intent['id']}, and "
                f"a {kind} in the code; has the code changed while the run was on its way?",
                about=self._about(),
            )
        return found

    def _write(self, collection: str, body: Document) -> Conversation[StepDocument]:
        found = yield from exchange(post(f"{self._path}/{collection}", body), LONG)
        return cast(StepDocument, found["step"])

    def _task(self, key: str, question: Question[Any]) -> Conversation[TaskDocument]:
        if not self._ended_before:
            body: Document = {"task": dict(question.task)}
            found = yield from exchange(post(f"{self._path}/tasks", body, key=key), LONG)
            return (yield from picked_up(cast(TaskDocument, found["task"])))
        task = self._tasks.get(key)
        if task is None:
            yield from self._require_open(key)
            raise AssertionError("an intent that has ended is not open")
        if task["type"] != question.type:
            raise JournalMismatch(
                f"task {task['id']} is of type {task['type']}, and of type {question.type} in the "
                "code; has the code changed while the run was on its way?",
                about=self._about(),
            )
        return task

    def _require_open(self, name: str) -> Conversation[None]:
        """Refuse what the journal lacks where nothing can be added to it any more."""
        if not self._ended_before:
            return
        if self.intent["status"] != "COMPLETED" or (yield from self._was_overridden()):
            raise self._cut_off()
        raise JournalMismatch(
            f"intent {self.intent['id']} is COMPLETED and its journal has no {name!r}; nothing can "
            "be done in it any more. Has the code changed since?",
            about=self._about(),
        )

    def _was_overridden(self) -> Conversation[bool]:
        events = Events(self.intent["id"], follow=True)
        while page := (yield from events.next()):
            if any(event["type"] == "intent.overridden" for event in page):
                return True
        return False

    def _cut_off(self) -> IntentClosed:
        why = self.intent["ended_because"] or "a person took it over"
        return IntentClosed(
            f"intent {self.intent['id']} is {self.intent['status']}: {why}", about=self._about()
        )

    def _about(self) -> dict[str, Any]:
        return {
            "intent_id": self.intent["id"],
            "status": self.intent["status"],
            "reason": self.intent["ended_because"],
        }


def _is_failure(error: BaseException) -> bool:
    """Whether the agent's own work went wrong, however many of its branches say so at once."""
    if isinstance(error, BaseExceptionGroup):
        return all(_is_failure(each) for each in error.exceptions)
    return isinstance(error, Exception) and not isinstance(error, _LEFT_AS_IT_IS)


def _wake_time(length: str | float | timedelta | datetime) -> Document:
    if isinstance(length, datetime):
        return {"until": instant(length)}
    if isinstance(length, str):
        return {"for": length}
    span = length if isinstance(length, timedelta) else timedelta(seconds=length)
    return {"for": duration(span)}
