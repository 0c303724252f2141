-- insert_facts --
-- Facts; one whose id is there is left as it is. What is new is queued for the log by a trigger.
insert into fact (workspace, id, type, at, actor, intent_id, task_id, data, leaf, salts)
select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::json[],
                     $6::text[], $7::text[], $8::json[], $9::text[], $10::text[])
on conflict do nothing
returning 1;

-- insert_views --
-- When somebody was first shown a task in this form; later sights of it change nothing.
insert into task_view (workspace, task_id, person_id, view_digest, first_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict do nothing
returning 1;

-- load_views --
-- When each of the people $3 first saw the task of the tasks $2 in workspaces $1.
select v.workspace, v.task_id, v.person_id, v.first_at
from unnest($1::text[], $2::text[], $3::text[]) as r (workspace, task_id, person_id)
join task_view as v
    on v.workspace = r.workspace and v.task_id = r.task_id and v.person_id = r.person_id;

-- open_log --
-- The head of a workspace's log, where it has none yet.
insert into log_head (workspace, origin, sequenced, size, checkpoint, published_at)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning 1;

-- log_head --
-- How far a workspace's log has come.
select workspace, origin, sequenced, size, checkpoint, published_at
from log_head where workspace = $1;

-- count_unlogged --
-- How many events are older than the log; asked once, when it is opened.
select count(*) from event where workspace = $1 and leaf = '';

-- logs_to_sequence --
-- At most $1 workspaces whose log is open and has leaves waiting, the one that waits longest first.
-- From one workspace to the next by the index, so what each has waiting costs nothing.
with recursive waiting (workspace) as (
    (select workspace from log_pending order by workspace limit 1)
    union all
    select further.workspace from waiting cross join lateral (
        select p.workspace from log_pending as p
        where p.workspace > waiting.workspace order by p.workspace limit 1
    ) as further
)
select w.workspace
from waiting as w
cross join lateral (
    select 1 from log_head where workspace = w.workspace offset 0
) as opened
cross join lateral (
    select position from log_pending where workspace = w.workspace
    order by position limit 1
) as first
order by first.position
limit $1;

-- lock_log --
-- How many places are given, unless another sequencer is giving some just now.
select sequenced from log_head where workspace = $1 for update skip locked;

-- sequence --
-- Give the oldest $2 of the waiting leaves of workspace $1 that are committed their places, from $3
-- on. Of the last row that is taken some may be left.
with waiting as (
    select
        position, sources, seqs, moments, cardinality(seqs) as length,
        sum(cardinality(seqs)) over (order by position) - cardinality(seqs) as before
    from (
        select position, sources, seqs, moments from log_pending
        where workspace = $1 order by position limit $2
    ) as oldest
),
taken as (
    select *, least(length, $2 - before)::integer as most from waiting where before < $2
),
emptied as (
    delete from log_pending as p using taken as t
    where p.workspace = $1 and p.position = t.position and t.most = t.length
),
shortened as (
    update log_pending as p
    set
        sources = t.sources[t.most + 1:], seqs = t.seqs[t.most + 1:],
        moments = t.moments[t.most + 1:]
    from taken as t
    where p.workspace = $1 and p.position = t.position and t.most < t.length
)
insert into log_entry (workspace, idx, source, seq, recorded_at)
select
    $1, $3 + row_number() over (order by t.position, each.n) - 1, each.source, each.seq, each.at
from taken as t
cross join lateral unnest(t.sources, t.seqs, t.moments)
    with ordinality as each (source, seq, at, n)
where each.n <= t.most
returning 1;

-- advance_log --
-- So many more places are given.
update log_head set sequenced = sequenced + $2 where workspace = $1;

-- logs_behind --
-- Workspaces with places that the published checkpoint does not cover.
select workspace from log_head where sequenced > size order by workspace;

-- publish --
-- Move the checkpoint of workspace $1 from size $2 to $3, with its tiles, unless somebody else has
-- moved it.
with moved as (
    update log_head
    set size = $3, checkpoint = $4,
        published_at = coalesce($5::timestamptz, statement_timestamp())
    where workspace = $1 and size = $2 and size <= $3 and sequenced >= $3
    returning workspace
),
filled as (
    insert into log_tile (workspace, level, n, hashes)
    select moved.workspace, r.level, r.n, r.hashes
    from moved
    cross join unnest($6::integer[], $7::bigint[], $8::bytea[]) as r (level, n, hashes)
    on conflict (workspace, level, n) do update set hashes = excluded.hashes
)
select workspace from moved;

-- log_tiles --
-- The tiles of workspace $1 with levels $2 and numbers $3.
select t.level, t.n, t.hashes
from unnest($2::integer[], $3::bigint[]) as r (level, n)
join log_tile as t on t.workspace = $1 and t.level = r.level and t.n = r.n;

-- insert_log_key --
-- A key that signs checkpoints, unless that generation is there.
insert into log_key (workspace, generation, secret, public, made_at, retired_at)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning 1;

-- log_keys --
-- The keys of a workspace's log, oldest first.
select workspace, generation, secret, public, made_at, retired_at
from log_key where workspace = $1 order by generation;

-- retire_log_key --
-- From $3 on this key signs no more, unless it is the last that does. All keys are locked, so that of
-- two that retire each other's one comes second, and sees what the first has done.
with those as materialized (
    select generation, retired_at from log_key where workspace = $1 order by generation for update
)
update log_key set retired_at = $3
where
    workspace = $1 and generation = $2 and retired_at is null
    and (select count(*) from those where retired_at is null) > 1
returning 1;

-- log_leaves --
-- At most $3 exact leaves of workspace $1 from place $2 on, in order. Each is looked up by its key:
-- a planner without statistics would rather read both tables.
select case when n.seq > 0 then (
    select e.leaf from event as e
    where e.workspace = $1 and e.intent_id = n.source and e.seq = n.seq
) else (
    select f.leaf from fact as f where f.workspace = $1 and f.id = n.source
) end
from (
    select idx, source, seq from log_entry where workspace = $1 and idx >= $2
    order by idx limit $3
) as n
order by n.idx;

-- log_entries --
-- At most $3 entries of workspace $1 from place $2 on, in order, with what can be opened of them.
select
    n.idx, n.source, n.seq, r.type, r.leaf, r.data, r.salts, r.erased, r.actor, r.at,
    r.intent_id, r.task_id
from (
    select idx, source, seq from log_entry where workspace = $1 and idx >= $2
    order by idx limit $3
) as n
left join lateral (
    select
        e.type, e.leaf, e.data, e.salts, e.erased, e.actor, e.at,
        null as intent_id, null as task_id
    from event as e
    where n.seq > 0 and e.workspace = $1 and e.intent_id = n.source and e.seq = n.seq
    union all
    select
        f.type, f.leaf, f.data, f.salts, f.erased, f.actor, f.at, f.intent_id, f.task_id
    from fact as f
    where n.seq = 0 and f.workspace = $1 and f.id = n.source
) as r on true
order by n.idx;

-- log_entries_of --
-- Every entry about intent $2 of workspace $1: of its events, and of the facts that name it.
select
    n.idx, n.source, n.seq, e.type, e.leaf, e.data, e.salts, e.erased, e.actor, e.at,
    null as intent_id, null as task_id
from log_entry as n
join event as e on e.workspace = n.workspace and e.intent_id = n.source and e.seq = n.seq
where n.workspace = $1 and n.source = $2 and n.seq > 0
union all
select
    n.idx, n.source, n.seq, f.type, f.leaf, f.data, f.salts, f.erased, f.actor, f.at,
    f.intent_id, f.task_id
from fact as f
join log_entry as n on n.workspace = f.workspace and n.source = f.id and n.seq = 0
where f.workspace = $1 and f.intent_id = $2
order by idx;

-- log_entries_named --
-- The entries of the facts of workspace $1 whose ids are $2, in order.
select
    n.idx, n.source, n.seq, f.type, f.leaf, f.data, f.salts, f.erased, f.actor, f.at,
    f.intent_id, f.task_id
from unnest($2::text[]) as r (id)
join fact as f on f.workspace = $1 and f.id = r.id
join log_entry as n on n.workspace = f.workspace and n.source = f.id and n.seq = 0
order by n.idx;

-- passkey_fact --
-- The fact by which passkey $2 was added last.
select id from fact
where
    type = 'passkey.added' and workspace = $1 and (data ->> 'credential_id') collate "C" = $2
order by at desc, id desc limit 1;

-- log_span --
-- The first and the last place of what happened from $2 on, and before $3.
select min(idx), max(idx) from log_entry
where workspace = $1 and recorded_at >= $2 and recorded_at < $3;

-- insert_anchor --
-- What somebody else holds of a checkpoint.
insert into log_anchor (
    workspace, id, kind, name, size, checkpoint, at, evidence, detail
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- anchors --
-- At most $3 of what others hold of checkpoints of at most size $2, newest first.
select workspace, id, kind, name, size, checkpoint, at, evidence, detail from log_anchor
where workspace = $1 and size <= $2
order by at desc, id desc limit $3;

-- first_viewed --
-- When person $3 was first shown task $2, in whatever form.
select min(first_at) from task_view
where workspace = $1 and task_id = $2 and person_id = $3;
