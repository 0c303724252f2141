"""What happened beside the intents: sign-ins, keys, notices, views, exports, erasures.

A ``Fact`` is written in the transaction of what it tells, is numbered by nobody and replayed by
nobody; like an event it becomes one leaf of the workspace's log. ``body`` is one of the closed
union below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias

from signoff.core.routing import Actor
from signoff.core.words import IntentId, PersonId, TaskId, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOpened:
    """The log begins here. ``earlier`` events had happened before there was one."""

    type: ClassVar[str] = "log.opened"
    origin: str
    earlier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeyAdded:
    """``key`` is the verifier key in the form of C2SP signed notes."""

    type: ClassVar[str] = "log.key_added"
    generation: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeyRetired:
    type: ClassVar[str] = "log.key_retired"
    generation: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogExported:
    """Somebody took entries of the log away: which, and in what form."""

    type: ClassVar[str] = "log.exported"
    format: str
    size: int
    first: int
    count: int
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRead:
    """An auditor or administrator read the history of an intent."""

    type: ClassVar[str] = "log.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptIssued:
    type: ClassVar[str] = "receipt.issued"
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdded:
    type: ClassVar[str] = "person.added"
    person_id: PersonId
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    after: str
    email: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged:
    """``before`` and ``after`` are digests of all that is stored; ``changed`` names the fields."""

    type: ClassVar[str] = "person.changed"
    person_id: PersonId
    changed: tuple[str, ...]
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    disabled: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesSaved:
    """How somebody is told is another; ``before`` and ``after`` are digests of all of that."""

    type: ClassVar[str] = "preferences.saved"
    person_id: PersonId
    channels: tuple[str, ...] | None
    everywhere: bool
    digest: str
    quiet: bool
    muted: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMade:
    type: ClassVar[str] = "key.made"
    key_id: str
    kind: str
    agent: str | None
    person_id: PersonId | None
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked:
    type: ClassVar[str] = "key.revoked"
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsSaved:
    """``before`` and ``after`` are digests of the whole document."""

    type: ClassVar[str] = "settings.saved"
    version: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInOffered:
    """A one-time sign-in link was made for somebody."""

    type: ClassVar[str] = "sign_in.offered"
    person_id: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    type: ClassVar[str] = "sign_in.succeeded"
    person_id: PersonId
    method: str
    strength: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    type: ClassVar[str] = "sign_in.ended"
    person_id: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyAdded:
    """``public_key`` is the SubjectPublicKeyInfo (RFC 5280) in base64url; ``label`` is theirs."""

    type: ClassVar[str] = "passkey.added"
    person_id: PersonId
    credential_id: str
    public_key: str
    relying_party: str
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRemoved:
    type: ClassVar[str] = "passkey.removed"
    person_id: PersonId
    credential_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAdded:
    """An account somewhere else stands for somebody: a subject of an issuer."""

    type: ClassVar[str] = "identity.added"
    person_id: PersonId
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRemoved:
    type: ClassVar[str] = "identity.removed"
    person_id: PersonId
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One of those who were told; no person where it is a place that several people read.

    :param address: the digest of where the notice went, where the channel has addresses.
    :param provider_id: what the channel calls the message.
    """

    notice_id: str
    person_id: PersonId | None
    address: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSent:
    """People were told at once, for one reason and over one channel."""

    type: ClassVar[str] = "notice.sent"
    channel: str
    reason: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFailed:
    type: ClassVar[str] = "notice.failed"
    notice_id: str
    person_id: PersonId | None
    channel: str
    reason: str
    detail: str | None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSkipped:
    """There was nothing left to tell when the notice was due; ``detail`` says why."""

    type: ClassVar[str] = "notice.skipped"
    notice_id: str
    person_id: PersonId | None
    channel: str
    reason: str
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAdded:
    """Another system is told what happens. ``url`` is where."""

    type: ClassVar[str] = "webhook.added"
    webhook_id: str
    events: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanged:
    """``changed`` names the fields; ``before`` and ``after`` are digests of all but the secrets."""

    type: ClassVar[str] = "webhook.changed"
    webhook_id: str
    changed: tuple[str, ...]
    events: tuple[str, ...]
    state: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRotated:
    """It has a new secret; the one before signs beside it until then."""

    type: ClassVar[str] = "webhook.rotated"
    webhook_id: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDisabled:
    """It is told nothing any more, by no administrator's doing."""

    type: ClassVar[str] = "webhook.disabled"
    webhook_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRemoved:
    type: ClassVar[str] = "webhook.removed"
    webhook_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRedelivered:
    """Somebody asked for deliveries to be made again: these, or all that had failed."""

    type: ClassVar[str] = "webhook.redelivered"
    webhook_id: str
    delivery_id: str | None
    failed_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRefused:
    """Somebody tried what they may not, or too late. ``message`` is what they were told."""

    type: ClassVar[str] = "attempt.refused"
    command: str
    code: str
    channel: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskViewed:
    """A person was shown the task as it stood, for the first time in this form."""

    type: ClassVar[str] = "task.viewed"
    person_id: PersonId
    view_digest: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPickedUp:
    """The agent read what became of its task. ``after_step`` is the last step it had recorded."""

    type: ClassVar[str] = "answer.picked_up"
    agent: str
    outcome: str | None
    after_step: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Values and salts are gone; ``entries`` says how many records had some.

    :param scope: ``intent``, ``subject``, ``person``, ``field`` or ``retention``.
    :param fields: which fields, where not all.
    """

    type: ClassVar[str] = "erasure.done"
    scope: str
    intents: int
    entries: int
    fields: tuple[str, ...] = ()
    retention_class: str | None = None
    person_id: PersonId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    """Nothing that the hold covers is erased while it stands. ``subject`` is whom it is about."""

    type: ClassVar[str] = "hold.placed"
    hold_id: str
    scope: str
    retention_class: str | None
    subject: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted:
    type: ClassVar[str] = "hold.lifted"
    hold_id: str
    reason: str


FactBody: TypeAlias = (
    LogOpened
    | LogKeyAdded
    | LogKeyRetired
    | LogExported
    | LogRead
    | ReceiptIssued
    | PersonAdded
    | PersonChanged
    | PreferencesSaved
    | KeyMade
    | KeyRevoked
    | SettingsSaved
    | SignInOffered
    | SignedIn
    | SignedOut
    | PasskeyAdded
    | PasskeyRemoved
    | IdentityAdded
    | IdentityRemoved
    | NoticeSent
    | NoticeFailed
    | NoticeSkipped
    | WebhookAdded
    | WebhookChanged
    | WebhookRotated
    | WebhookDisabled
    | WebhookRemoved
    | WebhookRedelivered
    | AttemptRefused
    | TaskViewed
    | AnswerPickedUp
    | Erased
    | HoldPlaced
    | HoldLifted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened in a workspace. ``id`` makes writing it twice harmless."""

    workspace: WorkspaceId
    id: str
    at: datetime
    actor: Actor
    body: FactBody
    intent_id: IntentId | None = None
    task_id: TaskId | None = None


FACTS: Mapping[str, type[FactBody]] = {body.type: body for body in FactBody.__args__}
