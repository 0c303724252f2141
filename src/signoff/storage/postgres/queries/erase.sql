-- lock_intent_to_erase --
-- What says whether intent $2 may be erased, and the texts of its row that can be, locked.
select status, retention_class, title, payload, on_behalf_of, progress, subject
from intent where workspace = $1 and id = $2
for no key update;

-- events_to_erase --
-- Every event of one intent, in order.
select seq, type, at, actor, data, leaf, salts, erased from event
where workspace = $1 and intent_id = $2
order by seq;

-- facts_to_erase --
-- Every fact that names one intent, in order.
select id, type, at, actor, intent_id, task_id, data, leaf, salts, erased from fact
where workspace = $1 and intent_id = $2
order by at, id;

-- facts_of_person --
-- Every fact about person $2, or that they brought about.
select id, type, at, actor, intent_id, task_id, data, leaf, salts, erased from fact
where
    workspace = $1 and (data ->> 'person_id') collate "C" = $2
    and data ->> 'person_id' is not null
union all
select id, type, at, actor, intent_id, task_id, data, leaf, salts, erased from fact
where
    workspace = $1 and (actor ->> 'id') collate "C" = $2 and actor ->> 'kind' = 'person'
    and data ->> 'person_id' is distinct from $2
order by at, id;

-- erase_events --
-- Events without what was erased of them; each row returned is one that was there.
update event as e
set actor = n.actor, data = n.data, salts = n.salts, erased = n.erased
from unnest($1::text[], $2::text[], $3::bigint[], $4::json[], $5::json[], $6::text[], $7::text[])
    as n (workspace, intent_id, seq, actor, data, salts, erased)
where e.workspace = n.workspace and e.intent_id = n.intent_id and e.seq = n.seq
returning 1;

-- erase_facts --
-- Facts without what was erased of them; each row returned is one that was there.
update fact as f
set actor = n.actor, data = n.data, salts = n.salts, erased = n.erased
from unnest($1::text[], $2::text[], $3::json[], $4::json[], $5::text[], $6::text[])
    as n (workspace, id, actor, data, salts, erased)
where f.workspace = n.workspace and f.id = n.id
returning 1;

-- erase_intent --
-- The row of an intent without what was erased of it. Before that of its tasks: they ask for this.
update intent set
    title = $3, payload = $4::json, on_behalf_of = $5, progress = $6::json, subject = $7,
    erased_at = $8, erased = erased or $9
where workspace = $1 and id = $2;

-- erase_tasks --
-- Tasks without what was erased of them; each row returned is one that was there.
update task as t set document = n.document, search = null
from unnest($1::text[], $2::text[], $3::json[]) as n (workspace, id, document)
where t.workspace = n.workspace and t.id = n.id
returning 1;

-- erase_beside --
-- What else holds plain text about intent $2: errors of channels, which may repeat what was asked,
-- answers begun, and notices still to be sent, which name people. As long as it is live ($3), people are still told.
with tasks as materialized (
    select id from task where workspace = $1 and intent_id = $2
),
blanked as (
    update notice as n set detail = null
    from tasks
    where n.workspace = $1 and n.task_id = tasks.id and n.detail is not null
),
drafts as (
    delete from draft as d
    using tasks
    where d.workspace = $1 and d.task_id = tasks.id
)
delete from outbox
where id in (
    select id from outbox
    where
        lane = 'notice' and workspace = $1 and task_id in (select id from tasks)
        and not $3::boolean
    order by id for update
);

-- lock_person --
-- Somebody who is to be forgotten.
select 1 from person where workspace = $1 and id = $2 for no key update;

-- forget_person --
-- Somebody of whom nothing is left but the id: no address but $3, no name but $4, no way in, and
-- keys revoked at $5.
with blanked as (
    update person set
        email = $3, name = $4, region = null, time_zone = null, disabled = true, roles = '[]',
        groups = '[]', details = '{}'
    where workspace = $1 and id = $2
),
left_behind as (
    delete from person_address where workspace = $1 and person_id = $2 and address <> $3
),
found_by as (
    insert into person_address (workspace, address, person_id) values ($1, $3, $2)
    on conflict do nothing
),
no_more as (
    delete from person_token where workspace = $1 and person_id = $2
),
sessions as (
    delete from session where workspace = $1 and person_id = $2
),
sign_ins as (
    delete from sign_in where workspace = $1 and person_id = $2
),
passkeys as (
    delete from passkey where workspace = $1 and person_id = $2
),
identities as (
    delete from identity where workspace = $1 and person_id = $2
),
preferences as (
    delete from preference where workspace = $1 and person_id = $2
),
drafts as (
    delete from draft where workspace = $1 and person_id = $2
),
presences as (
    delete from presence where workspace = $1 and person_id = $2
),
links as (
    delete from link where workspace = $1 and person_id = $2
),
browsers as (
    delete from push_subscription where workspace = $1 and person_id = $2
)
update api_key set revoked_at = coalesce(revoked_at, $5), label = null
where workspace = $1 and person_id = $2;

-- intents_of_subject --
-- Intents about $2, erased ones too.
select id from intent where workspace = $1 and subject = $2
union
select id from intent where workspace = $1 and on_behalf_of = $2
order by id;

-- intents_naming --
-- Intents of which an event or fact holds one of the words $2. Reads all of the workspace.
select intent_id from event
where workspace = $1 and exists (
    select 1 from unnest($2::text[]) as word
    where strpos(lower(data::text), word) > 0 or strpos(lower(actor::text), word) > 0
)
union
select intent_id from fact
where workspace = $1 and intent_id is not null and exists (
    select 1 from unnest($2::text[]) as word
    where strpos(lower(data::text), word) > 0 or strpos(lower(actor::text), word) > 0
)
order by intent_id;

-- intents_to_erase --
-- At most $4 intents of class $2 that ended before $3 and of which something is left, oldest first.
select id from intent
where
    workspace = $1 and retention_class = $2 and updated_at < $3 and not erased
    and status in ('COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT')
order by updated_at limit $4;

-- place_hold --
-- A legal hold.
insert into legal_hold (
    workspace, id, scope, target, reason, placed_by, placed_at, lifted_at
) values ($1, $2, $3, $4, $5, $6, $7, $8)
returning 1;

-- lift_hold --
-- A hold stands no more from $3 on.
update legal_hold set lifted_at = $3
where workspace = $1 and id = $2 and lifted_at is null
returning 1;

-- holds --
-- Every hold of a workspace, newest first.
select workspace, id, scope, target, reason, placed_by, placed_at, lifted_at
from legal_hold where workspace = $1
order by placed_at desc, id desc;
