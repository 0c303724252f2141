-- The first statement below is run by itself. Of the others a batch sends those it needs as one, each
-- an array of rows (see ``bundle``), after the locks are taken: so all of them see the same moment.

-- lock_intents --
-- Lock the intents named ($1, $2) and the parents of the tasks named ($3, $4), always in the same
-- order, so that no two batches wait for each other; each row comes as it is once it is locked.
select
    i.workspace, i.id, i.type, i.title, i.agent, i.on_behalf_of, i.handled, i.status,
    i.waiting_reason, i.seq, i.submitted_at, i.updated_at, i.deadline_at, i.payload, i.progress
from intent as i
join (
    select workspace, id from unnest($1::text[], $2::text[]) as r (workspace, id)
    union
    select t.workspace, t.intent_id
    from unnest($3::text[], $4::text[]) as r (workspace, id)
    join task as t on t.workspace = r.workspace and t.id = r.id
) as wanted on wanted.workspace = i.workspace and wanted.id = i.id
order by i.workspace, i.id
for no key update of i;

-- load_parents --
-- The intent of each task named in workspaces $1 with ids $2.
select t.workspace, t.id, t.intent_id
from unnest($1::text[], $2::text[]) as r (workspace, id)
join task as t on t.workspace = r.workspace and t.id = r.id;

-- load_live_tasks --
-- Every live task of each intent named in workspaces $1 with ids $2.
select t.workspace, t.intent_id, t.id, t.document
from unnest($1::text[], $2::text[]) as r (workspace, id)
join task as t
    on t.workspace = r.workspace and t.intent_id = r.id and t.state in ('open', 'claimed')
order by t.id;

-- load_closed_tasks --
-- Those tasks named in workspaces $1 with ids $2 that are not live any more.
select t.workspace, t.intent_id, t.id, t.document
from unnest($1::text[], $2::text[]) as r (workspace, id)
join task as t on t.workspace = r.workspace and t.id = r.id and t.closed_at is not null;

-- load_people --
-- Everybody named in workspaces $1 by id or mail address $2.
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups
from unnest($1::text[], $2::text[]) as r (workspace, reference)
join person as p on p.workspace = r.workspace and p.id = r.reference
union all
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups
from unnest($1::text[], $2::text[]) as r (workspace, reference)
join person as p on p.workspace = r.workspace and p.email = r.reference;

-- load_replays --
-- The record of each idempotency key named in workspaces $1 with scopes $2 and keys $3.
select y.workspace, y.scope, y.key, y.fingerprint, y.intent_id, y.task_id
from unnest($1::text[], $2::text[], $3::text[]) as r (workspace, scope, key)
join replay as y on y.workspace = r.workspace and y.scope = r.scope and y.key = r.key;

-- load_steps --
-- Each step named in workspaces $1 of intents $2 with names $3.
select e.workspace, e.intent_id, e.seq, e.type, e.at, e.actor, e.data
from unnest($1::text[], $2::text[], $3::text[]) as r (workspace, intent_id, name)
join step as s
    on s.workspace = r.workspace and s.intent_id = r.intent_id and s.name = r.name
join event as e
    on e.workspace = s.workspace and e.intent_id = s.intent_id and e.seq = s.seq;
