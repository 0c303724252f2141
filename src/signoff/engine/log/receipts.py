"""Receipts: the proof of one decision, with everything that tells how it came about.

Reads what is stored and proves it against one published checkpoint. What was erased stays closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from signoff.audit.note import vkey
from signoff.audit.receipt import Proven, Receipt
from signoff.audit.tree import inclusion_proof
from signoff.core import events as e
from signoff.core.events import Event
from signoff.core.intent import Intent, evolve
from signoff.core.task import Task, digest_of, shown
from signoff.core.words import IntentId, TaskId, WorkspaceId
from signoff.engine.history import history
from signoff.engine.log.cosigned import Enough, anybody
from signoff.engine.log.entries import leaf_of, opening, passkeys_of
from signoff.engine.log.ports import LogEntry
from signoff.engine.log.proving import Proving
from signoff.engine.log.published import strongest
from signoff.engine.ports import Store
from signoff.errors import IllegalMove, NotFound, NotLoggedYet

DECISIONS = frozenset({"task.concluded", "task.expired", "task.withdrawn", "task.overridden"})
_NOT_ABOUT_IT = frozenset({"receipt.issued", "log.read", "log.exported"})


async def receipt(
    store: Store, workspace: WorkspaceId, task_id: TaskId, *, enough: Enough = anybody
) -> Receipt:
    """The receipt of a task's decision.

    :param enough: which cosignatures make a checkpoint better than a newer one.

    :raises NotFound: there is no such task.
    :raises IllegalMove: it is not decided.
    :raises NotLoggedYet: its decision is not under a published checkpoint yet.
    """
    found = await store.task(workspace, task_id)
    if found is None:
        raise NotFound(f"there is no task {task_id}")
    if found.task.live:
        raise IllegalMove("nothing is decided yet, so there is nothing to prove")
    intent_id = found.task.intent_id
    entries = await store.log_entries_of(workspace, intent_id)
    about = next((each for each in reversed(entries) if _decides(each, task_id)), None)
    if about is None:
        raise NotLoggedYet("the decision has no place in the log yet; try again in a second")
    published = await strongest(store, workspace, covering=about.index + 1, enough=enough)
    wanted = [
        *(each for each in _story(entries, task_id) if each.index < published.size),
        *await passkeys_of(store, workspace, _of_task(entries, task_id)),
    ]
    views = dict(_views(await history(store, workspace, intent_id), intent_id))
    ordered = sorted({each.index: each for each in wanted}.values(), key=lambda one: one.index)
    proofs = await Proving(store).made(
        workspace,
        lambda hash_at: {
            each.index: inclusion_proof(each.index, published.size, hash_at) for each in ordered
        },
    )
    proven = {each.index: _proven(each, proofs[each.index], views) for each in ordered}
    return Receipt(
        about=proven.pop(about.index),
        also=list(proven.values()),
        note=published.note,
        keys=[vkey(published.origin, key.public) for key in await store.log_keys(workspace)],
    )


def _decides(entry: LogEntry, task_id: TaskId) -> bool:
    return entry.type in DECISIONS and leaf_of(entry).get("task") == task_id


def _of_task(entries: Sequence[LogEntry], task_id: TaskId) -> list[LogEntry]:
    return [each for each in entries if leaf_of(each).get("task") == task_id]


def _story(entries: Sequence[LogEntry], task_id: TaskId) -> Iterator[LogEntry]:
    """What is about this task, how the intent began, and the first step after the decision."""
    decided = resumed = False
    for entry in entries:
        if entry.type in _NOT_ABOUT_IT:
            continue
        if leaf_of(entry).get("task") == task_id or entry.type == "intent.submitted":
            decided = decided or entry.type in DECISIONS
            yield entry
        elif decided and not resumed and entry.type == "step.recorded":
            resumed = True
            yield entry


def _views(events: Sequence[Event], intent_id: IntentId) -> Iterator[tuple[int, str]]:
    """For each event that says what was shown, by its number, the text of it."""
    state: Intent | None = None
    for event in events:
        before, state = state, evolve(state, event, intent_id=intent_id)
        body = event.body
        if isinstance(body, e.TaskOpened):
            yield event.seq, _shown(state.tasks[body.task_id])
        elif isinstance(body, e.TaskAnswered) and before is not None:
            yield event.seq, _shown(before.tasks[body.task_id])


def _shown(task: Task) -> str:
    return shown(task.ask, stage=task.stage, rounds=len(task.rounds), content=task.content)


def _proven(entry: LogEntry, proof: Sequence[bytes], views: Mapping[int, str]) -> Proven:
    leaf = leaf_of(entry)
    text = views.get(entry.seq) if entry.seq else None
    fits = text is not None and leaf.get("digests", {}).get("view") == digest_of(text)
    return Proven(
        index=entry.index,
        leaf=leaf,
        proof=proof,
        opened=opening(entry),
        shown={"view": text} if fits and text is not None else {},
    )
