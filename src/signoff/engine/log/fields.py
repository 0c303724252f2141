"""What of each event and fact stands in its leaf, what is only committed to, what is a digest.

One table, from which leaves are made and the documentation is written. *Plain* is what can be in a
leaf for ever: our own words, numbers, ids, moments. *Committed* is whatever people or agents wrote,
and whoever it names: by its path in the body, each apart, so that each can be erased apart. A
*digest* recognises a value without holding it. A field of a body that is in none of them fails a
test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from signoff.core.credential import Credential
from signoff.core.moments import rfc3339
from signoff.core.task import Ask, digest, shown_digest
from signoff.core.words import Demand, OutageRule, TaskType

Read = Callable[[Any], Any]


class Unless(NamedTuple):
    """What stands at a path, where that is not what nearly always does."""

    path: str
    usual: object


Source = str | Unless | Read
"""How a field is read off a body: by the path of an attribute, or by a function."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What becomes of the fields of one type of event or fact.

    :param plain: by the name in the leaf, how it is read off the body. A moment or a length of time
        may be read as it is; inside of other values it must be text or a number already.
    :param committed: paths into the body as it is stored; the name in the leaf is the path.
    :param digests: by the name in the leaf, how the digest is had from the body, as for ``plain``.
    :param implied: fields that the leaf says at its top.
    """

    plain: Mapping[str, Source] = field(default_factory=dict)
    committed: tuple[tuple[str, ...], ...] = ()
    digests: Mapping[str, Source] = field(default_factory=dict)
    implied: tuple[str, ...] = ()


def _digest_of(name: str) -> Read:
    def read(body: Any) -> str | None:
        value = getattr(body, name)
        return None if value is None else digest({"value": value})

    return read


def _layout(
    plain: str = "",
    commit: str = "",
    digests: Mapping[str, Source] | None = None,
    **also: Source,
) -> Layout:
    """A layout from names with spaces between, and what has to be read in another way."""
    return Layout(
        plain={**{name: name for name in plain.split()}, **also},
        committed=tuple(tuple(path.split(".")) for path in commit.split()),
        digests=digests or {},
        implied=("workspace", "agent", "task_id"),
    )


def _provenance(body: Any) -> Any:
    said = body.provenance
    if said is None:
        return None
    names = [name for name in type(said).__slots__ if name != "prompt_digest"]
    return {name: value for name in names if (value := getattr(said, name)) is not None}


def _custody(name: str) -> Read:
    return lambda body: getattr(body.custody, name) if body.custody else None


def _prompt(body: Any) -> str | None:
    return body.provenance.prompt_digest if body.provenance else None


def _action(body: Any) -> Mapping[str, Any] | None:
    ask: Ask = body.ask
    action = ask.spec.get("action") if ask.type is TaskType.APPROVAL else None
    return action if isinstance(action, Mapping) else None


def _action_name(body: Any) -> Any:
    action = _action(body)
    name = action.get("name") if action else None
    return name if isinstance(name, str) else None


def _action_digest(body: Any) -> str | None:
    action = _action(body)
    if action is None:
        return None
    return digest({"name": action.get("name"), "arguments": action.get("arguments")})


def _of_stages(name: str) -> Read:
    return lambda body: [getattr(stage, name) for stage in body.ask.stages]


def _opened_view(body: Any) -> str:
    first = next((at for at, stage in enumerate(body.ask.stages) if stage.applies), 0)
    return shown_digest(body.ask, stage=first)


def _own_schedule(body: Any) -> list[dict[str, Any]]:
    return [
        {"do": each.do, "rung": each.rung, "nth": each.nth, "at": rfc3339(each.at)}
        for each in body.schedule
    ]


def _closes(body: Any) -> Any:
    """When the ladder of the stage ends the task, as it stands."""
    schedule = body.opening.schedule
    return schedule[-1].at if schedule else None


def _credential(body: Any) -> dict[str, Any]:
    said: Credential = body.credential
    found: dict[str, Any] = {
        "strength": said.strength,
        "method": said.method,
        "id": said.id,
        "provider": said.provider,
        "authenticated_at": rfc3339(said.authenticated_at) if said.authenticated_at else None,
    }
    if said.signature is not None:
        names = ("credential_id", "authenticator_data", "client_data", "signature")
        found["signature"] = {name: getattr(said.signature, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _told(body: Any) -> list[dict[str, str]]:
    told = ({name: getattr(each, name) for name in type(each).__slots__} for each in body.told)
    return [{name: value for name, value in each.items() if value is not None} for each in told]


def _edit(body: Any) -> str | None:
    """What of the arguments was edited, both the old and the new."""
    data = body.data
    if not isinstance(data, Mapping) or data.get("edited") is not True:
        return None
    return digest({"original": data.get("original"), "arguments": data.get("arguments")})


LAYOUTS: Mapping[str, Layout] = {
    "intent.submitted": _layout(
        "intent_type handled deadline",
        commit="title payload on_behalf_of custody.subject",
        digests={"payload": _digest_of("payload"), "prompt": _prompt},
        provenance=_provenance,
        categories=_custody("categories"),
        retention_class=_custody("retention_class"),
    ),
    "intent.started": _layout(),
    "intent.waiting": _layout("reason"),
    "intent.resumed": _layout(),
    "intent.sleeping": _layout("name until"),
    "intent.awoke": _layout("name"),
    "intent.completed": _layout(commit="result", digests={"result": _digest_of("result")}),
    "intent.failed": _layout(commit="reason"),
    "intent.canceled": _layout(commit="reason"),
    "intent.timed_out": _layout(commit="reason"),
    "intent.overridden": _layout("action", commit="justification"),
    "step.recorded": _layout(
        "name kind", commit="output", digests={"output": _digest_of("output")}
    ),
    "task.opened": _layout(
        commit="ask.title ask.description ask.spec ask.schema ask.stages ask.ladder ask.watchers "
        "ask.key opening",
        digests={"view": _opened_view, "action": _action_digest},
        task_type="ask.type",
        risk="ask.risk",
        outcomes="ask.outcomes",
        comment=Unless("ask.comment", Demand.OPTIONAL),
        evidence=Unless("ask.evidence", Demand.OPTIONAL),
        deadline="ask.deadline",
        pause=Unless("ask.pause", False),
        outage=Unless("ask.outage", OutageRule.FAIR),
        self_approval="ask.self_approval",
        strength_needed="ask.credential",
        action=_action_name,
        need=_of_stages("need"),
        distinct=_of_stages("distinct"),
        applies=_of_stages("applies"),
        closes_at=_closes,
    ),
    "task.claimed": _layout(),
    "task.released": _layout(commit="reason"),
    "task.reminded": _layout("rung nth due_at late"),
    "task.notified": _layout("rung due_at late", commit="to"),
    "task.escalated": _layout("rung due_at replaces late", commit="to stand_ins"),
    "task.reassigned": _layout("rung due_at late", commit="who to reason stand_ins"),
    "task.delegated": _layout(commit="stand_in"),
    "task.override_asked": _layout("rung due_at override_task_id late"),
    "task.rung_skipped": _layout("rung nth due_at", commit="reason"),
    "task.recovered": _layout("down_from down_until", schedule=_own_schedule),
    "task.paused": _layout("until", commit="reason"),
    "task.resumed": _layout(commit="reason", schedule=_own_schedule),
    "task.snoozed": _layout("until", schedule=_own_schedule),
    "task.extended": _layout("by", commit="reason", schedule=_own_schedule),
    "task.commented": _layout(commit="text"),
    "task.watched": _layout(commit="who"),
    "task.unwatched": _layout(commit="who"),
    "task.answered": _layout(
        "outcome stage round channel first_viewed_at",
        commit="data comment evidence fills",
        digests={"view": "view_digest", "answer": "answer_digest"},
        seat="seat.id",
        credential=_credential,
    ),
    "task.answer_voided": _layout("seat", commit="reason", who="who.id"),
    "task.advanced": _layout("stage", commit="opening", closes_at=_closes),
    "task.changes_requested": _layout(commit="comment"),
    "task.revised": _layout(
        commit="content opening",
        digests={"content": _digest_of("content")},
        closes_at=_closes,
    ),
    "task.concluded": _layout(
        "outcome",
        commit="data comment evidence reason",
        digests={"data": _digest_of("data"), "edit": _edit},
    ),
    "task.expired": _layout("due_at late"),
    "task.withdrawn": _layout(commit="reason"),
    "task.overridden": _layout(commit="justification"),
    # facts
    "log.opened": _layout("origin earlier"),
    "log.key_added": _layout("generation key"),
    "log.key_retired": _layout("generation key"),
    "log.exported": _layout("format size first count since until"),
    "log.read": _layout(),
    "receipt.issued": _layout("size"),
    "person.added": _layout("person_id roles groups", commit="email name after"),
    "person.changed": _layout("person_id changed roles groups disabled", commit="before after"),
    "preferences.saved": _layout(
        "person_id channels everywhere digest quiet muted",
        digests={"before": "before", "after": "after"},
    ),
    "key.made": _layout("key_id kind person_id", commit="label", agent="agent"),
    "key.revoked": _layout("key_id"),
    "settings.saved": _layout("version", digests={"before": "before", "after": "after"}),
    "sign_in.offered": _layout("person_id"),
    "sign_in.succeeded": _layout("person_id method strength"),
    "sign_in.ended": _layout("person_id"),
    "passkey.added": _layout("person_id credential_id public_key relying_party", commit="label"),
    "passkey.removed": _layout("person_id credential_id"),
    "identity.added": _layout("person_id issuer", commit="subject"),
    "identity.removed": _layout("person_id issuer", commit="subject"),
    "notice.sent": _layout("channel reason", told=_told),
    "notice.failed": _layout(
        "notice_id person_id channel reason",
        commit="detail",
        digests={"address": "address"},
    ),
    "notice.skipped": _layout("notice_id person_id channel reason detail"),
    "webhook.added": _layout("webhook_id events", commit="url"),
    "webhook.changed": _layout(
        "webhook_id changed events state", digests={"before": "before", "after": "after"}
    ),
    "webhook.rotated": _layout("webhook_id until"),
    "webhook.disabled": _layout("webhook_id reason"),
    "webhook.removed": _layout("webhook_id"),
    "webhook.redelivered": _layout("webhook_id delivery_id failed_since"),
    "attempt.refused": _layout("command code channel", commit="message"),
    "task.viewed": _layout("person_id channel", digests={"view": "view_digest"}),
    "answer.picked_up": _layout("outcome after_step", agent="agent"),
    "erasure.done": _layout(
        "scope intents entries fields retention_class person_id", commit="reason"
    ),
    "hold.placed": _layout("hold_id scope retention_class", commit="subject reason"),
    "hold.lifted": _layout("hold_id", commit="reason"),
}
