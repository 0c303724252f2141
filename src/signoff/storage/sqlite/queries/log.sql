-- insert_facts --
-- New facts, with their places.
insert into fact (
    workspace, id, type, at, actor, intent_id, task_id, data, leaf, salts, idx
) values {rows};

-- known_facts --
-- Which of the facts named in :refs, a JSON array of [workspace, id], are there.
select f.workspace, f.id
from json_each(:refs) as r
cross join fact as f on f.workspace = r.value ->> 0 and f.id = r.value ->> 1;

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

-- take_places --
-- So many more places are given; returns the place after the last. No row where no log is open.
update log_head set sequenced = sequenced + :count where workspace = :workspace
returning sequenced;

-- last_without_place --
-- The highest number below nought of what was written before its log was opened.
select max(idx) from (
    select max(idx) as idx from event where workspace = :workspace and idx < 0
    union all
    select max(idx) from fact where workspace = :workspace and idx < 0
);

-- without_place --
-- What was written before its log was opened, by table and row, in its order.
select what, id from (
    select 'event' as what, rowid as id, idx from event
    where workspace = :workspace and idx < 0
    union all
    select 'fact', rowid, idx from fact where workspace = :workspace and idx < 0
)
order by idx;

-- place_event --
-- Give an event that waited its place.
update event set idx = :place where rowid = :rowid;

-- place_fact --
-- Give a fact that waited its place.
update fact set idx = :place where rowid = :rowid;

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
-- From now on this key signs no more, unless it is the last that does.
update log_key set retired_at = :at
where
    workspace = :workspace and generation = :generation and retired_at is null
    and exists (
        select 1 from log_key
        where workspace = :workspace and generation <> :generation and retired_at is null
    );

-- log_leaves --
-- The exact leaves from one place on, in order, each with its place.
select idx, leaf from event where workspace = :workspace and idx >= :start
union all
select idx, leaf from fact where workspace = :workspace and idx >= :start
order by idx limit :limit;

-- log_entries --
-- Entries from one place on, in order, with what can be opened of them.
select
    idx, intent_id, seq, type, leaf, data, salts, erased, actor, at, null as about, null as task_id
from event where workspace = :workspace and idx >= :start
union all
select idx, id, 0, type, leaf, data, salts, erased, actor, at, intent_id, task_id
from fact where workspace = :workspace and idx >= :start
order by idx limit :limit;

-- log_entries_of --
-- The entries of one intent's events, and of the facts that name it, in order.
select
    idx, intent_id, seq, type, leaf, data, salts, erased, actor, at, null as about, null as task_id
from event where workspace = :workspace and intent_id = :intent_id and idx >= 0
union all
select idx, id, 0, type, leaf, data, salts, erased, actor, at, intent_id, task_id
from fact where workspace = :workspace and intent_id = :intent_id and idx >= 0
order by idx;

-- log_entries_named --
-- The entries of the facts whose ids are in :ids, a JSON array.
select
    f.idx, f.id, 0, f.type, f.leaf, f.data, f.salts, f.erased, f.actor, f.at, f.intent_id, f.task_id
from json_each(:ids) as r
cross join fact as f on f.workspace = :workspace and f.id = r.value
where f.idx >= 0;

-- passkey_fact --
-- The fact by which a passkey was added last.
select id from fact
where
    type = 'passkey.added' and workspace = :workspace
    and data ->> '$.credential_id' = :credential_id
order by rowid desc limit 1;

-- log_span --
-- The first and the last place of what happened from one moment on, and before another.
select min(first), max(last) from (
    select min(idx) as first, max(idx) as last from event
    where workspace = :workspace and idx >= 0 and at >= :since and at < :until
    union all
    select min(idx), max(idx) from fact
    where workspace = :workspace and idx >= 0 and at >= :since and at < :until
);

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
