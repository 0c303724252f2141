"""What a client can do about tasks that are open. ``_tasks_async`` is the twin of this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from signoff.client import _moves as moves
from signoff.client import _operations as operations
from signoff.client._json import duration, seconds
from signoff.client._lines import SyncLine
from signoff.client._questions import Revise, TaskType, question
from signoff.client.documents import CommentDocument, ExplanationDocument, TaskDocument
from signoff.client.results import Decision


class SyncTasks:
    """Reading tasks, answering them, and handing them on. Most of it is for a person's key."""

    _line: SyncLine

    def get_task(self, task_id: str) -> TaskDocument:
        """Read one task."""
        return self._line.drive(operations.read_task(task_id))

    def tasks(
        self,
        *,
        state: str | None = None,
        intent: str | None = None,
        agent: str | None = None,
        mine: bool | None = None,
        limit: int = 50,
    ) -> list[TaskDocument]:
        """List tasks, newest first, at most ``limit``.

        :param state: ``open``, ``claimed``, ``live`` (both), ``concluded``, ``expired``, ...
        :param mine: only what asks the person whose key this is, now.
        """
        found = operations.listing(
            "/v1/tasks", "tasks", limit, state=state, intent=intent, agent=agent, mine=mine
        )
        return list(self._line.drive(found))

    def wait(
        self,
        task_id: str,
        *,
        timeout: float | timedelta | None = None,
        revise: Revise | None = None,
        answer: type | None = None,
    ) -> Decision:
        """Wait for the decision of a task that is open already; see ``wait_for_human``."""
        limit = None if timeout is None else seconds(timeout)
        waiting = operations.wait(task_id, timeout=limit, revise=revise, model=answer)
        return self._line.drive(waiting)

    def answer(
        self,
        task_id: str,
        outcome: str,
        *,
        data: object = None,
        comment: str | None = None,
        evidence: Sequence[str | Mapping[str, str]] = (),
        view: str | None = None,
        key: str | None = None,
    ) -> TaskDocument:
        """Answer a task, with a person's key.

        :param evidence: web addresses, or ``{kind, value}``.
        :param view: the task's ``view_digest`` as it was looked at: refused if that has changed.
        :raises NotEligible: this person is not asked.
        :raises AlreadyConcluded: somebody was faster; ``about`` says who.
        :raises InvalidAnswer: the answer does not satisfy the task.
        """
        said = operations.answer(
            task_id, outcome, data=data, comment=comment, evidence=evidence, view=view, key=key
        )
        return self._line.drive(said)

    def claim(self, task_id: str) -> TaskDocument:
        """Take a task, with a person's key, so that nobody else answers it."""
        return self._line.drive(moves.move(task_id, "claim"))

    def release(self, task_id: str) -> TaskDocument:
        """Give a claimed task back."""
        return self._line.drive(moves.move(task_id, "release"))

    def revise(self, task_id: str, content: object) -> TaskDocument:
        """Hand in the revision that a reviewer wished for."""
        return self._line.drive(operations.hand_in(task_id, content))

    def withdraw(self, task_id: str, *, reason: str | None = None) -> TaskDocument:
        """Withdraw a task: nobody needs the answer any more."""
        return self._line.drive(moves.move(task_id, "withdraw", reason=reason))

    # Who is asked

    def delegate(self, task_id: str, to: str, *, note: str | None = None) -> TaskDocument:
        """Let another person answer in one's own place; one stays on record, and may still."""
        return self._line.drive(moves.move(task_id, "delegate", to=to, note=note))

    def reassign(self, task_id: str, to: str | Sequence[str], *, reason: str) -> TaskDocument:
        """Ask others instead: an administrator everybody's part, a person asked by name their own.

        :param to: whom: mail addresses, ``role:NAME`` or ``group:NAME``.
        """
        asked = moves.several(to)
        return self._line.drive(moves.move(task_id, "reassign", to=asked, reason=reason))

    def watch(self, task_id: str, *, who: str | None = None) -> TaskDocument:
        """Have somebody told what becomes of a task; the person whose key this is, or ``who``."""
        return self._line.drive(moves.move(task_id, "watch", who=who))

    def unwatch(self, task_id: str, *, who: str | None = None) -> TaskDocument:
        """Have somebody told no more."""
        return self._line.drive(moves.move(task_id, "unwatch", who=who))

    # What is said

    def comment(self, task_id: str, text: str, *, key: str | None = None) -> TaskDocument:
        """Say something on a task without answering it. An agent may do so too.

        :param key: the same key says it once, however often it is sent.
        """
        return self._line.drive(moves.move(task_id, "comments", key=key, text=text))

    def comments(self, task_id: str) -> list[CommentDocument]:
        """Read what was said on a task, oldest first."""
        return self._line.drive(moves.comments(task_id))

    # The clock

    def snooze(self, task_id: str, until: str | timedelta | datetime) -> TaskDocument:
        """Be reminded next at that moment, or after that time, and not before."""
        return self._line.drive(moves.move(task_id, "snooze", until=moves.until(until)))

    def extend(self, task_id: str, by: str | timedelta, *, reason: str) -> TaskDocument:
        """Move all that is still to come back by so much elapsed time."""
        more = duration(by) if isinstance(by, timedelta) else by
        return self._line.drive(moves.move(task_id, "extend", by=more, reason=reason))

    def pause(self, task_id: str, *, reason: str) -> TaskDocument:
        """Stop the clock of a task that was asked with ``pause=True``: it waits on who asked."""
        return self._line.drive(moves.move(task_id, "pause", reason=reason))

    def resume(self, task_id: str, *, reason: str | None = None) -> TaskDocument:
        """Start a clock that stands. The agent that asked may do so too."""
        return self._line.drive(moves.move(task_id, "resume", reason=reason))

    # What comes of it

    def explain(self, task_id: str) -> ExplanationDocument:
        """Say who may answer now and who may not, and why; and what happens next, and when."""
        return self._line.drive(moves.explain(task_id))

    def receipt(self, task_id: str) -> str:
        """The receipt of a decision: the proof that it is in the log, as a ``.tlog-proof`` file.

        Act only with it in hand, and you never act on something that was not logged.

        :raises IllegalMove: nothing is decided yet.
        :raises NotLoggedYet: the log is not that far; try again in a second.
        """
        return self._line.drive(moves.receipt(task_id))

    def preview(
        self, *, task: TaskType = "approval", at: str | datetime | None = None, **fields: Any
    ) -> ExplanationDocument:
        """Explain a task that has not been asked: takes what ``wait_for_human`` takes.

        :param at: the moment at which it would be asked; by default now.
        :raises InvalidTask: it would be refused.
        """
        return self._line.drive(moves.preview(question(task, fields), at))
