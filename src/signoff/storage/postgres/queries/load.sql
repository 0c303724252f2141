-- The first statement below is run by itself. Of the others a batch sends those it needs as one, each
-- an array of rows (see ``bundle``), after the locks are taken: so all of them see the same moment.

-- lock_intents --
-- Lock the intents named ($1, $2) and the parents of the tasks named ($3, $4), always in the same
-- order, so that no two batches wait for each other; each row comes as it is once it is locked.
select
    i.workspace, i.id, i.type, i.title, i.agent, i.on_behalf_of, i.handled, i.status,
    i.waiting_reason, i.seq, i.submitted_at, i.updated_at, i.deadline_at, i.payload, i.progress,
    i.subject, i.retention_class
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
-- Everybody named in workspaces $1 by id or mail address $2, an alias too.
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups, p.details
from unnest($1::text[], $2::text[]) as r (workspace, reference)
join person as p on p.workspace = r.workspace and p.id = r.reference
union all
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups, p.details
from unnest($1::text[], $2::text[]) as r (workspace, reference)
join person_address as a on a.workspace = r.workspace and a.address = r.reference
join person as p on p.workspace = a.workspace and p.id = a.person_id;

-- load_members --
-- Everybody enabled whom each of the tokens $2 in workspaces $1 reaches, at most $3 of each, by id.
-- "offset 0" keeps the order: whom a token names, then each of them; never everybody.
select
    r.token, m.workspace, m.id, m.email, m.name, m.region, m.time_zone, m.disabled, m.created_at,
    m.roles, m.groups, m.details
from unnest($1::text[], $2::text[]) as r (workspace, token)
cross join lateral (
    select p.* from (
        select person_id from person_token as k
        where k.workspace = r.workspace and k.token = r.token
        order by person_id
    ) as k
    cross join lateral (
        select
            workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups,
            details
        from person
        where workspace = r.workspace and id = k.person_id and not disabled
        offset 0
    ) as p
    order by k.person_id limit $3
) as m;

-- load_loads --
-- How many live tasks ask each of those by name whom one of the tokens $2 in workspaces $1 reaches,
-- at most $3 people of each, counted up to $4.
select r.workspace, m.person_id, (
    select count(*) from (
        select 1 from task_audience as a
        where a.workspace = r.workspace and a.token = 'person:' || m.person_id
        limit $4
    ) as counted
)
from unnest($1::text[], $2::text[]) as r (workspace, token)
cross join lateral (
    select k.person_id from (
        select person_id from person_token as k
        where k.workspace = r.workspace and k.token = r.token
        order by person_id
    ) as k
    cross join lateral (
        select 1 from person
        where workspace = r.workspace and id = k.person_id and not disabled
        offset 0
    ) as p
    order by k.person_id limit $3
) as m;

-- load_settings --
-- The latest settings of each of the workspaces $1; without the document where they are the version
-- $2 already.
select r.workspace, case when s.version = r.version then null else s.document end
from unnest($1::text[], $2::bigint[]) as r (workspace, version)
cross join lateral (
    select version, document from settings where workspace = r.workspace
    order by version desc limit 1
) as s;

-- load_replays --
-- The record of each idempotency key named in workspaces $1 with scopes $2 and keys $3.
select y.workspace, y.scope, y.key, y.fingerprint, y.intent_id, y.task_id
from unnest($1::text[], $2::text[], $3::text[]) as r (workspace, scope, key)
join replay as y on y.workspace = r.workspace and y.scope = r.scope and y.key = r.key;

-- load_steps --
-- Each step named in workspaces $1 of intents $2 with names $3.
select e.workspace, e.intent_id, e.seq, e.type, e.at, e.actor, e.data, '' as leaf, '' as salts
from unnest($1::text[], $2::text[], $3::text[]) as r (workspace, intent_id, name)
join step as s
    on s.workspace = r.workspace and s.intent_id = r.intent_id and s.name = r.name
join event as e
    on e.workspace = s.workspace and e.intent_id = s.intent_id and e.seq = s.seq;
