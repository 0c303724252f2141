"""What the log is told of people, keys, settings, sign-ins and of its own readers.

Makes facts and writes none, but for those that no other change brings about: what was refused
before the door, and that a history was read. Of the stored documents the log holds digests alone.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING

from signoff.core import facts as f
from signoff.core.configuring import settings_document
from signoff.core.facts import Fact, FactBody
from signoff.core.intent import Intent
from signoff.core.preferences import Preferences
from signoff.core.routing import Actor, Person
from signoff.core.task import digest
from signoff.core.words import ActorKind, KeyId, PersonId, WorkspaceId
from signoff.core.workspace import WorkspaceSettings
from signoff.engine.log.telling import new_fact
from signoff.engine.noting import SECONDS_OF_ONE_ATTEMPT, Attempt, fact_id, refusal
from signoff.engine.ports import KeyRow, PersonRow, Store
from signoff.engine.webhooks import Webhook

if TYPE_CHECKING:
    from signoff.errors import SignoffError
    from signoff.server.auth import Caller

CONSOLE = Actor(kind=ActorKind.ADMIN, id="console", label="whoever runs the server")
"""Who makes the first administrator and the first sign-in link: nobody has a key yet."""


async def told(
    store: Store,
    workspace: WorkspaceId,
    by: Actor,
    body: FactBody,
    *,
    as_id: str | None = None,
) -> tuple[Fact, ...]:
    """The fact that this has happened now, as what the store's methods take.

    :param as_id: where telling it twice is to be telling it once.
    """
    fact = new_fact(workspace, by, body, at=await store.now())
    return (fact if as_id is None else replace(fact, id=as_id),)


# People


async def person_added(store: Store, by: Actor, row: PersonRow) -> tuple[Fact, ...]:
    """Somebody is in the directory from now on."""
    person = row.person
    body = f.PersonAdded(
        person_id=person.id,
        roles=person.roles,
        groups=person.groups,
        after=_person_digest(row),
        email=person.email,
        name=person.name,
    )
    return await told(store, row.workspace, by, body)


async def person_changed(
    store: Store, by: Actor, before: PersonRow, after: PersonRow
) -> tuple[Fact, ...]:
    """What is stored of somebody is another; nothing where it is the same."""
    changed = tuple(_changed(before, after))
    if not changed:
        return ()
    person = after.person
    body = f.PersonChanged(
        person_id=person.id,
        changed=changed,
        roles=person.roles,
        groups=person.groups,
        disabled=person.disabled,
        before=_person_digest(before),
        after=_person_digest(after),
    )
    return await told(store, after.workspace, by, body)


def _changed(before: PersonRow, after: PersonRow) -> list[str]:
    names = [each.name for each in fields(Person)]
    found = [name for name in names if getattr(before.person, name) != getattr(after.person, name)]
    return found if before.time_zone == after.time_zone else [*found, "time_zone"]


def _person_digest(row: PersonRow) -> str:
    """Of all that is stored about somebody, when they are away too."""
    return digest({"person": row.person, "time_zone": row.time_zone})


async def preferences_saved(
    store: Store,
    workspace: WorkspaceId,
    by: Actor,
    person_id: PersonId,
    chosen: Preferences,
    *,
    before: str,
    after: str,
) -> tuple[Fact, ...]:
    """How somebody is told is another from now on."""
    body = f.PreferencesSaved(
        person_id=person_id,
        channels=chosen.channels,
        everywhere=chosen.everywhere,
        digest=chosen.digest,
        quiet=chosen.quiet is not None,
        muted=chosen.muted,
        before=before,
        after=after,
    )
    return await told(store, workspace, by, body)


# Keys


async def key_made(store: Store, by: Actor, row: KeyRow) -> tuple[Fact, ...]:
    """A key opens something from now on. Neither its secret nor the hash of it is told."""
    body = f.KeyMade(
        key_id=row.id,
        kind=row.kind,
        agent=row.agent,
        person_id=row.person_id,
        label=row.label,
    )
    return await told(store, row.workspace, by, body)


async def key_revoked(
    store: Store, workspace: WorkspaceId, by: Actor, key_id: KeyId
) -> tuple[Fact, ...]:
    """A key opens nothing from now on. Revoking it twice is one revocation."""
    as_id = fact_id("revoked", workspace, key_id)
    return await told(store, workspace, by, f.KeyRevoked(key_id=key_id), as_id=as_id)


# Settings


async def settings_saved(
    store: Store,
    workspace: WorkspaceId,
    by: Actor,
    before: WorkspaceSettings,
    after: WorkspaceSettings,
) -> tuple[Fact, ...]:
    """What holds for the workspace is another version."""
    body = f.SettingsSaved(
        version=after.version,
        before=digest(settings_document(before)),
        after=digest(settings_document(after)),
    )
    return await told(store, workspace, by, body)


# Webhooks


async def webhook_added(store: Store, by: Actor, row: Webhook) -> tuple[Fact, ...]:
    """Another system is told what happens from now on."""
    body = f.WebhookAdded(webhook_id=row.id, events=row.events, url=row.url)
    return await told(store, row.workspace, by, body)


async def webhook_changed(
    store: Store, by: Actor, before: Webhook, after: Webhook
) -> tuple[Fact, ...]:
    """What it is told, or where, is another."""
    names = ("url", "label", "events", "state")
    changed = tuple(name for name in names if getattr(before, name) != getattr(after, name))
    body = f.WebhookChanged(
        webhook_id=after.id,
        changed=changed,
        events=after.events,
        state=after.state,
        before=_webhook_digest(before),
        after=_webhook_digest(after),
    )
    return await told(store, after.workspace, by, body)


async def webhook_rotated(
    store: Store, by: Actor, row: Webhook, until: datetime
) -> tuple[Fact, ...]:
    """It has a new secret; of neither anything is told."""
    return await told(store, row.workspace, by, f.WebhookRotated(webhook_id=row.id, until=until))


async def webhook_removed(store: Store, by: Actor, row: Webhook) -> tuple[Fact, ...]:
    """It is told nothing any more."""
    as_id = fact_id("webhook-removed", row.workspace, row.id)
    body = f.WebhookRemoved(webhook_id=row.id)
    return await told(store, row.workspace, by, body, as_id=as_id)


async def webhook_redelivered(
    store: Store,
    by: Actor,
    row: Webhook,
    *,
    delivery_id: str | None = None,
    failed_since: datetime | None = None,
) -> tuple[Fact, ...]:
    """Somebody asked for deliveries to be made again."""
    body = f.WebhookRedelivered(
        webhook_id=row.id, delivery_id=delivery_id, failed_since=failed_since
    )
    return await told(store, row.workspace, by, body)


def _webhook_digest(row: Webhook) -> str:
    """Of all that is stored of it, but its secrets."""
    return digest({"url": row.url, "label": row.label, "events": row.events, "state": row.state})


# Attempts refused before the door, and readers


async def attempt_refused(store: Store, attempt: Attempt, error: SignoffError) -> None:
    """Write that something was refused before it came to the door."""
    fact = refusal(attempt, error, await store.now())
    if fact is not None:
        await store.record([fact])


def reads_the_log(caller: Caller) -> bool:
    """Whether this reader's reading is itself told: auditors and administrators."""
    if caller.kind in _READERS:
        return True
    return caller.person is not None and not _READING.isdisjoint(caller.person.roles)


_READERS = ("admin", "auditor")
_READING = frozenset({"administrator", "auditor"})


def history_read(caller: Caller, intent: Intent, now: datetime) -> Fact:
    """An auditor or administrator read the history of an intent: one a minute and key."""
    minute = int(now.timestamp()) // SECONDS_OF_ONE_ATTEMPT
    return Fact(
        workspace=intent.workspace,
        id=fact_id("read", caller.key_id, intent.id, minute),
        at=now,
        actor=caller.reader,
        body=f.LogRead(),
        intent_id=intent.id,
    )


# Signing in


async def sign_in_offered(
    store: Store, workspace: WorkspaceId, by: Actor, person_id: PersonId
) -> tuple[Fact, ...]:
    """A one-time link was made for somebody."""
    return await told(store, workspace, by, f.SignInOffered(person_id=person_id))


async def signed_in(
    store: Store, row: PersonRow, *, method: str, strength: str
) -> tuple[Fact, ...]:
    """Somebody has begun a session."""
    person = row.person
    body = f.SignedIn(person_id=person.id, method=method, strength=strength)
    return await told(store, row.workspace, person.actor, body)


async def signed_out(store: Store, row: PersonRow) -> tuple[Fact, ...]:
    """Somebody has ended their session."""
    person = row.person
    return await told(store, row.workspace, person.actor, f.SignedOut(person_id=person.id))
