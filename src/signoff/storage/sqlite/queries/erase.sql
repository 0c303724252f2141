-- intent_to_erase --
-- What says whether an intent may be erased, and the texts of its row that can be.
select status, subject, retention_class, title, payload, on_behalf_of, progress
from intent where workspace = :workspace and id = :id;

-- events_to_erase --
-- Every event of one intent, in order.
select seq, type, at, actor, data, leaf, salts, erased from event
where workspace = :workspace and intent_id = :intent_id
order by seq;

-- facts_to_erase --
-- Every fact that names one intent, by id.
select id, type, at, actor, intent_id, task_id, data, leaf, salts, erased from fact
where workspace = :workspace and intent_id = :intent_id;

-- facts_about_person --
-- Every fact about one person.
select id, type, at, actor, intent_id, task_id, data, leaf, salts, erased from fact
where
    workspace = :workspace and data ->> '$.person_id' = :person_id
    and data ->> '$.person_id' is not null;

-- facts_by_person --
-- Every fact that one person brought about.
select id, type, at, actor, intent_id, task_id, data, leaf, salts, erased from fact
where
    workspace = :workspace and actor ->> '$.id' = :person_id
    and actor ->> '$.kind' = 'person';

-- erase_events --
-- Events without what was erased of them; the number of rows tells whether all were there.
with new (workspace, intent_id, seq, actor, data, salts, erased) as (values {rows})
update event set
    actor = new.actor, data = new.data, salts = new.salts, erased = new.erased
from new
where
    event.workspace = new.workspace and event.intent_id = new.intent_id
    and event.seq = new.seq;

-- erase_facts --
-- Facts without what was erased of them; the number of rows tells whether all were there.
with new (workspace, id, actor, data, salts, erased) as (values {rows})
update fact set
    actor = new.actor, data = new.data, salts = new.salts, erased = new.erased
from new
where fact.workspace = new.workspace and fact.id = new.id;

-- erase_intent --
-- The row of an intent without what was erased of it. Before that of its tasks: they ask for this.
update intent set
    title = :title, payload = :payload, on_behalf_of = :on_behalf_of, progress = :progress,
    subject = :subject, erased_at = :now, erased = max(erased, :wholly)
where workspace = :workspace and id = :id;

-- erase_tasks --
-- Tasks without what was erased of them; the number of rows tells whether all were there.
with new (workspace, id, document) as (values {rows})
update task set document = new.document, search = null
from new
where task.workspace = new.workspace and task.id = new.id;

-- tasks_of_intent --
-- Every task of one intent.
select id from task
where workspace = :workspace and intent_id = :intent_id;

-- erase_notices --
-- What went wrong with telling people about these tasks, which may repeat what was asked.
update notice indexed by notice_by_task set detail = null
where
    workspace = :workspace and detail is not null
    and task_id in (select value from json_each(:ids));

-- drop_drafts_of_tasks --
-- What people had typed for these tasks.
delete from draft
where workspace = :workspace and task_id in (select value from json_each(:ids));

-- drop_notices --
-- Notices still to be sent about these tasks: they name people, and are about what is erased.
delete from outbox
where
    lane = 'notice' and workspace = :workspace
    and task_id in (select value from json_each(:ids));

-- blank_person --
-- Somebody of whom nothing is left but the id.
update person set
    email = :email, name = :name, region = null, time_zone = null, disabled = 1, roles = '[]',
    groups = '[]', details = '{}'
where workspace = :workspace and id = :id;

-- intents_of_subject --
-- Intents about somebody, erased ones too.
select id from intent indexed by intent_by_subject
where workspace = :workspace and subject = :subject
union
select id from intent indexed by intent_by_principal
where workspace = :workspace and on_behalf_of = :subject
order by id;

-- intents_naming --
-- Intents of which an event or fact holds one of these words. Reads all of the workspace.
select intent_id from event
where workspace = :workspace and exists (
    select 1 from json_each(:words) as word
    where instr(lower(event.data), word.value) > 0 or instr(lower(event.actor), word.value) > 0
)
union
select intent_id from fact
where workspace = :workspace and intent_id is not null and exists (
    select 1 from json_each(:words) as word
    where instr(lower(fact.data), word.value) > 0 or instr(lower(fact.actor), word.value) > 0
)
order by intent_id;

-- intents_to_erase --
-- Intents of a class that ended before then and of which something is left, the oldest first.
select id from intent indexed by intent_by_retention
where
    workspace = :workspace and retention_class = :retention_class and updated_at < :before
    and erased = 0 and status in ('COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT')
order by updated_at limit :limit;

-- end_sessions --
-- End every session of a person.
delete from session where workspace = :workspace and person_id = :person_id;

-- end_sign_ins --
-- Take every sign-in token of a person away.
delete from sign_in where workspace = :workspace and person_id = :person_id;

-- end_keys --
-- Revoke every key of a person, and forget what they called it.
update api_key indexed by api_key_by_person set revoked_at = coalesce(revoked_at, :now), label = null
where workspace = :workspace and person_id = :person_id;

-- drop_passkeys --
-- Take every passkey of a person away.
delete from passkey where workspace = :workspace and person_id = :person_id;

-- drop_identities --
-- Forget who vouches for a person.
delete from identity indexed by identity_by_person
where workspace = :workspace and person_id = :person_id;

-- drop_preferences --
-- Forget what a person has chosen.
delete from preference where workspace = :workspace and person_id = :person_id;

-- drop_drafts --
-- Forget what a person has begun to write.
delete from draft indexed by draft_by_person
where workspace = :workspace and person_id = :person_id;

-- drop_presences --
-- Forget what a person has open.
delete from presence indexed by presence_by_person
where workspace = :workspace and person_id = :person_id;

-- drop_links --
-- Take every link of a person away.
delete from link indexed by link_by_person
where workspace = :workspace and person_id = :person_id;

-- drop_browsers --
-- Ring no browser of a person any more.
delete from push_subscription indexed by push_subscription_by_person
where workspace = :workspace and person_id = :person_id;

-- place_hold --
-- A legal hold.
insert into legal_hold (
    workspace, id, scope, target, reason, placed_by, placed_at, lifted_at
) values {rows};

-- lift_hold --
-- A hold stands no more.
update legal_hold set lifted_at = :at
where workspace = :workspace and id = :id and lifted_at is null;

-- holds --
-- Every hold of a workspace.
select workspace, id, scope, target, reason, placed_by, placed_at, lifted_at
from legal_hold where workspace = :workspace;
