-- insert_facts --
-- Facts; one whose id is there is left as it is. What is new is queued for the log by a trigger.
insert into fact (
    workspace, id, type, at, actor, intent_id, task_id, data, leaf, salts
) values {rows}
on conflict do nothing;

-- insert_views --
-- When somebody was first shown a task in this form; later sights of it change nothing.
insert into task_view (workspace, task_id, person_id, view_digest, first_at) values {rows}
on conflict do nothing;

-- load_views --
-- When each of those named in :refs, a JSON array of [workspace, task, person], first saw the task.
select v.workspace, v.task_id, v.person_id, v.first_at
from json_each(:refs) as r
cross join task_view as v on
    v.workspace = r.value ->> 0 and v.task_id = r.value ->> 1 and v.person_id = r.value ->> 2;

-- open_log --
-- The head of a workspace's log, where it has none yet.
insert into log_head (workspace, origin, sequenced, size, checkpoint, published_at)
values {rows}
on conflict do nothing;

-- log_head --
-- How far a workspace's log has come.
select workspace, origin, sequenced, size, checkpoint, published_at
from log_head where workspace = :workspace;

-- count_unlogged --
-- How many events are older than the log; asked once, when it is opened.
select count(*) from event where workspace = :workspace and leaf = '';

-- logs_to_sequence --
-- Workspaces whose log is open and has leaves waiting, the one that waits longest first. From one
-- workspace to the next by the index, so what each has waiting costs nothing.
with recursive waiting (workspace) as (
    select min(workspace) from log_pending
    union all
    select (select min(workspace) from log_pending where workspace > waiting.workspace)
    from waiting where waiting.workspace is not null
)
select w.workspace
from waiting as w
cross join log_head as h on h.workspace = w.workspace
order by (select min(position) from log_pending where workspace = w.workspace)
limit :limit;

-- sequence --
-- Give the oldest of a workspace's waiting leaves their places.
insert into log_entry (workspace, idx, source, seq, recorded_at)
select
    p.workspace, h.sequenced + row_number() over (order by p.position) - 1, p.source, p.seq,
    case when p.seq > 0 then (
        select at from event as e
        where e.workspace = p.workspace and e.intent_id = p.source and e.seq = p.seq
    ) else (
        select at from fact as f where f.workspace = p.workspace and f.id = p.source
    ) end
from log_head as h
cross join (
    select position, workspace, source, seq from log_pending
    where workspace = :workspace order by position limit :limit
) as p
where h.workspace = :workspace;

-- forget_sequenced --
-- Drop the oldest of a workspace's waiting leaves, which have their places now.
delete from log_pending where position in (
    select position from log_pending
    where workspace = :workspace order by position limit :limit
);

-- advance_log --
-- So many more places are given.
update log_head set sequenced = sequenced + :count where workspace = :workspace;

-- logs_behind --
-- Workspaces with places that the published checkpoint does not cover.
select workspace from log_head where sequenced > size order by workspace;

-- publish --
-- Move the checkpoint, unless somebody else has moved it.
update log_head set size = :size, checkpoint = :checkpoint, published_at = :now
where workspace = :workspace and size = :expected and size <= :size and sequenced >= :size;

-- set_tiles --
-- Tiles as far as they are filled now.
insert into log_tile (workspace, level, n, hashes) values {rows}
on conflict (workspace, level, n) do update set hashes = excluded.hashes;

-- log_tiles --
-- The tiles named in :refs, a JSON array of [level, number].
select t.level, t.n, t.hashes
from json_each(:refs) as r
cross join log_tile as t on
    t.workspace = :workspace and t.level = r.value ->> 0 and t.n = r.value ->> 1;

-- insert_log_key --
-- A key that signs checkpoints, unless that generation is there.
insert into log_key (workspace, generation, secret, public, made_at, retired_at)
values {rows}
on conflict do nothing;

-- log_keys --
-- The keys of a workspace's log, oldest first.
select workspace, generation, secret, public, made_at, retired_at
from log_key where workspace = :workspace order by generation;

-- retire_log_key --
-- From now on this key signs no more.
update log_key set retired_at = :at
where workspace = :workspace and generation = :generation and retired_at is null;

-- log_leaves --
-- The exact leaves from one place on, in order.
select coalesce(e.leaf, f.leaf)
from log_entry as n
left join event as e on
    n.seq > 0 and e.workspace = n.workspace and e.intent_id = n.source and e.seq = n.seq
left join fact as f on n.seq = 0 and f.workspace = n.workspace and f.id = n.source
where n.workspace = :workspace and n.idx >= :start
order by n.idx limit :limit;

-- log_entries --
-- Entries from one place on, in order, with what can be opened of them.
select
    n.idx, n.source, n.seq, coalesce(e.type, f.type), coalesce(e.leaf, f.leaf),
    coalesce(e.data, f.data), coalesce(e.salts, f.salts), coalesce(e.erased, f.erased),
    coalesce(e.actor, f.actor), coalesce(e.at, f.at), f.intent_id, f.task_id
from log_entry as n
left join event as e on
    n.seq > 0 and e.workspace = n.workspace and e.intent_id = n.source and e.seq = n.seq
left join fact as f on n.seq = 0 and f.workspace = n.workspace and f.id = n.source
where n.workspace = :workspace and n.idx >= :start
order by n.idx limit :limit;

-- log_entries_of_events --
-- The entries of one intent's events.
select
    n.idx, n.source, n.seq, e.type, e.leaf, e.data, e.salts, e.erased, e.actor, e.at,
    null as intent_id, null as task_id
from log_entry as n
cross join event as e on
    e.workspace = n.workspace and e.intent_id = n.source and e.seq = n.seq
where n.workspace = :workspace and n.source = :intent_id and n.seq > 0;

-- log_entries_of_facts --
-- The entries of the facts that name one intent.
select
    n.idx, n.source, n.seq, f.type, f.leaf, f.data, f.salts, f.erased, f.actor, f.at,
    f.intent_id, f.task_id
from fact as f
cross join log_entry as n on n.workspace = f.workspace and n.source = f.id and n.seq = 0
where f.workspace = :workspace and f.intent_id = :intent_id;

-- log_entries_named --
-- The entries of the facts whose ids are in :ids, a JSON array.
select
    n.idx, n.source, n.seq, f.type, f.leaf, f.data, f.salts, f.erased, f.actor, f.at,
    f.intent_id, f.task_id
from json_each(:ids) as r
cross join fact as f on f.workspace = :workspace and f.id = r.value
cross join log_entry as n on n.workspace = f.workspace and n.source = f.id and n.seq = 0;

-- passkey_fact --
-- The fact by which a passkey was added last.
select id from fact
where
    type = 'passkey.added' and workspace = :workspace
    and data ->> '$.credential_id' = :credential_id
order by rowid desc limit 1;

-- log_span --
-- The first and the last place of what happened from one moment on, and before another.
select min(idx), max(idx) from log_entry
where workspace = :workspace and recorded_at >= :since and recorded_at < :until;

-- insert_anchor --
-- What somebody else holds of a checkpoint.
insert into log_anchor (
    workspace, id, kind, name, size, checkpoint, at, evidence, detail
) values {rows};

-- anchors --
-- What others hold of checkpoints of at most a size, newest first.
select workspace, id, kind, name, size, checkpoint, at, evidence, detail from log_anchor
where workspace = :workspace and size <= :up_to
order by at desc, id desc limit :limit;

-- first_viewed --
-- When somebody was first shown a task, in whatever form.
select min(first_at) from task_view
where workspace = :workspace and task_id = :task_id and person_id = :person_id;
