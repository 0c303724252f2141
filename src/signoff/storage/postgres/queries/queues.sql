-- $1 is the given time where a clock stands in for the server's, else null.

-- next_timer --
-- When the earliest timer that nobody has leased is due, or the first of those whose lease lapsed.
select least(
    (select due_at from timer where leased_until is null order by due_at limit 1),
    (
        select due_at from timer
        where leased_until <= coalesce($1::timestamptz, statement_timestamp())
        order by leased_until limit 1
    )
);

-- claim_timers --
-- Lease at most $2 timers for $3 that are due and leased to nobody, earliest first. Those that
-- another caller is looking at are passed over. What is leased, or due later, is in neither of the
-- two stretches of an index that are read, so however many these are they cost nothing.
with moment as (
    select coalesce($1::timestamptz, statement_timestamp()) as now
),
fresh as materialized (
    select workspace, intent_id, task_id, kind, due_at from timer
    where leased_until is null and due_at <= coalesce($1::timestamptz, statement_timestamp())
    order by due_at limit $2
    for update skip locked
),
lapsed as materialized (
    select workspace, intent_id, task_id, kind, due_at from timer
    where leased_until <= coalesce($1::timestamptz, statement_timestamp())
    order by leased_until limit $2
    for update skip locked
),
due as materialized (
    select * from (table fresh union all table lapsed) as either order by due_at limit $2
),
claimed as (
    update timer as t set leased_until = moment.now + $3::interval
    from due, moment
    where
        t.workspace = due.workspace and t.intent_id = due.intent_id and t.task_id = due.task_id
        and t.kind = due.kind
    returning t.workspace, t.intent_id, t.task_id, t.kind, t.due_at
)
select workspace, intent_id, task_id, kind, due_at from claimed order by due_at;

-- overdue_timers --
-- How many timers due by $1 are still there, leased ones too.
select
    (select count(*) from timer where leased_until is null and due_at <= $1)
    + (select count(*) from timer where leased_until > '-infinity' and due_at <= $1);

-- claim_outbox --
-- Lease at most $2 items of lane $4 for $3 that are due and leased to nobody, oldest first, and
-- count the attempt. Those that another caller is looking at are passed over.
with moment as (
    select coalesce($1::timestamptz, statement_timestamp()) as now
),
due as materialized (
    select id from outbox
    where
        lane = $4
        and due_at <= coalesce($1::timestamptz, statement_timestamp())
        and (
            leased_until is null
            or leased_until <= coalesce($1::timestamptz, statement_timestamp())
        )
    order by due_at, id limit $2
    for update skip locked
),
claimed as (
    update outbox as o set leased_until = moment.now + $3::interval, attempts = o.attempts + 1
    from due, moment
    where o.id = due.id
    returning
        o.id, o.workspace, o.lane, o.intent_id, o.task_id, o.body, o.attempts, o.created_at,
        o.due_at
)
select id, workspace, lane, intent_id, task_id, body, attempts, created_at
from claimed order by due_at, id;

-- delete_outbox --
-- Drop the items whose ids are $1. In the order of ids, like everybody who locks items and waits.
delete from outbox
where id in (select id from outbox where id = any ($1::bigint[]) order by id for update)
returning 1;

-- retry_outbox --
-- Put the items whose ids are $1 off until $2, leased to nobody.
update outbox as o set due_at = later.due_at, leased_until = null
from (
    select o.id, r.due_at
    from unnest($1::bigint[], $2::timestamptz[]) as r (id, due_at)
    join outbox as o on o.id = r.id
    order by o.id
    for update of o
) as later
where o.id = later.id
returning 1;

-- pick_up --
-- Drop what tells agents about the tasks $2 of workspace $1; where that was anything, the facts of it
-- are written too, each unless its id is there.
with gone as (
    delete from outbox
    where id in (
        select id from outbox
        where lane = 'resume' and workspace = $1 and task_id = any ($2::text[])
        order by id for update
    )
    returning 1
)
insert into fact (workspace, id, type, at, actor, intent_id, task_id, data, leaf, salts)
select * from unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::json[],
                     $8::text[], $9::text[], $10::json[], $11::text[], $12::text[])
where exists (select 1 from gone)
on conflict do nothing;

-- depths --
-- How much is open or queued by now. Of the leaves that wait for the log at most $2 are counted; the
-- oldest is the first in the queue, or the first that a checkpoint does not cover.
select
    (
        select count(*) from workspace as w
        join task as t on t.workspace = w.id and t.state in ('open', 'claimed')
    ) as live_tasks,
    (
        select count(*) from outbox
        where lane = 'notice' and due_at <= coalesce($1::timestamptz, statement_timestamp())
    ) as notices_due,
    (
        select count(*) from outbox
        where lane = 'resume' and due_at <= coalesce($1::timestamptz, statement_timestamp())
    ) as resumes_due,
    (select min(created_at) from outbox where lane = 'resume') as oldest_resume,
    (
        select count(*) from timer
        where leased_until is null and due_at <= coalesce($1::timestamptz, statement_timestamp())
    ) + (
        select count(*) from timer
        where
            leased_until > '-infinity'
            and due_at <= coalesce($1::timestamptz, statement_timestamp())
    ) as overdue_timers,
    (
        select coalesce(sum(cardinality(seqs)), 0)
        from (select seqs from log_pending limit $2) as counted
    )
    + (select coalesce(sum(sequenced - size), 0)::bigint from log_head where sequenced > size)
        as unlogged,
    (
        select min(at) from (
            select n.recorded_at as at
            from log_head as h
            join log_entry as n on n.workspace = h.workspace and n.idx = h.size
            where h.sequenced > h.size
            union all
            select p.at
            from (
                with recursive waiting (workspace) as (
                    (select workspace from log_pending order by workspace limit 1)
                    union all
                    select further.workspace from waiting cross join lateral (
                        select q.workspace from log_pending as q
                        where q.workspace > waiting.workspace order by q.workspace limit 1
                    ) as further
                )
                select first.moments[1] as at
                from waiting
                cross join lateral (
                    select position, moments from log_pending
                    where workspace = waiting.workspace
                    order by position limit 1
                ) as first
                order by first.position limit 1
            ) as p
        ) as oldest
    ) as oldest_unlogged;
