-- load_parents --
-- The intent of each task named in :refs, a JSON array of [workspace, id].
select t.workspace, t.id, t.intent_id
from json_each(:refs) as r
cross join task as t on t.workspace = r.value ->> 0 and t.id = r.value ->> 1;

-- load_intents --
-- Each intent named in :refs, a JSON array of [workspace, id], its tasks aside.
select
    i.workspace, i.id, i.type, i.title, i.agent, i.on_behalf_of, i.handled, i.status,
    i.waiting_reason, i.seq, i.submitted_at, i.updated_at, i.deadline_at, i.payload, i.progress,
    i.subject, i.retention_class
from json_each(:refs) as r
cross join intent as i on i.workspace = r.value ->> 0 and i.id = r.value ->> 1;

-- load_live_tasks --
-- Every live task of each intent named in :refs, a JSON array of [workspace, id].
select t.workspace, t.intent_id, t.document
from json_each(:refs) as r
cross join task as t on
    t.workspace = r.value ->> 0 and t.intent_id = r.value ->> 1 and t.state in ('open', 'claimed');

-- load_closed_tasks --
-- Those tasks named in :refs, a JSON array of [workspace, id], that are not live any more.
select t.workspace, t.intent_id, t.document
from json_each(:refs) as r
cross join task as t on
    t.workspace = r.value ->> 0 and t.id = r.value ->> 1 and t.closed_at is not null;

-- load_people --
-- Everybody named in :refs, a JSON array of [workspace, id or mail address].
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups, p.details
from json_each(:refs) as r
cross join person as p on p.workspace = r.value ->> 0 and p.id = r.value ->> 1
union all
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups, p.details
from json_each(:refs) as r
cross join person_address as a on a.workspace = r.value ->> 0 and a.address = r.value ->> 1
cross join person as p on p.workspace = a.workspace and p.id = a.person_id;

-- load_members --
-- Everybody enabled whom one token reaches, by id.
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups, p.details
from person_token as k
cross join person as p on p.workspace = k.workspace and p.id = k.person_id and p.disabled = 0
where k.workspace = :workspace and k.token = :token
order by k.person_id limit :limit;

-- load_loads --
-- How many live tasks ask each of those by name whom one token reaches, counted up to :most.
select
    p.id,
    (
        select count(*) from (
            select 1 from task_audience as a
            where a.workspace = p.workspace and a.token = 'person:' || p.id
            limit :most
        )
    )
from person_token as k
cross join person as p on p.workspace = k.workspace and p.id = k.person_id and p.disabled = 0
where k.workspace = :workspace and k.token = :token
order by k.person_id limit :limit;

-- load_settings --
-- The latest settings of each workspace in :refs, a JSON array of [workspace, version]; without the
-- document where that is the version already.
select s.workspace, case when s.version = r.value ->> 1 then null else s.document end
from json_each(:refs) as r
cross join settings as s on
    s.workspace = r.value ->> 0
    and s.version = (select max(version) from settings where workspace = r.value ->> 0);

-- load_replays --
-- The record of each idempotency key named in :refs, a JSON array of [workspace, scope, key].
select y.workspace, y.scope, y.key, y.fingerprint, y.intent_id, y.task_id
from json_each(:refs) as r
cross join replay as y on
    y.workspace = r.value ->> 0 and y.scope = r.value ->> 1 and y.key = r.value ->> 2;

-- load_steps --
-- Each step named in :refs, a JSON array of [workspace, intent, name].
select e.workspace, e.intent_id, e.seq, e.type, e.at, e.actor, e.data, '' as leaf, '' as salts
from json_each(:refs) as r
cross join step as s on
    s.workspace = r.value ->> 0 and s.intent_id = r.value ->> 1 and s.name = r.value ->> 2
cross join event as e on
    e.workspace = s.workspace and e.intent_id = s.intent_id and e.seq = s.seq;

-- last_change --
-- When anything was last written about an intent: time never goes back behind it.
select max(updated_at) from intent;
