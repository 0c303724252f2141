-- closed_tasks --
-- At most $3 tasks that have closed since $2, newest first, with when their decider was first shown
-- them.
select
    t.type, t.state, t.outcome, t.opened_at, t.closed_at, t.closed_by,
    (
        select min(v.first_at) from task_view as v
        where v.workspace = t.workspace and v.task_id = t.id and v.person_id = t.closed_by
    )
from task as t
where t.workspace = $1 and t.closed_at >= $2
order by t.closed_at desc limit $3;

-- open_tasks --
-- How many tasks are open, of what risk, and since when the oldest.
select
    (select count(*) from task where workspace = $1 and state in ('open', 'claimed')),
    (
        select count(*) from task
        where workspace = $1 and state in ('open', 'claimed') and risk = 'high'
    ),
    (
        select min(opened_at) from task
        where workspace = $1 and id = any (array[
            (select min(id) from task where workspace = $1 and state = 'open'),
            (select min(id) from task where workspace = $1 and state = 'claimed')
        ])
    );

-- failed_notices --
-- At most $3 notices that reached nobody since $2, newest first.
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from notice
where workspace = $1 and state = 'failed' and at >= $2
order by at desc limit $3;

-- unread_decisions --
-- At most $3 decisions from before $2 that their agents have not picked up, oldest first.
select o.task_id, o.intent_id, t.agent, i.title, o.created_at, o.attempts
from outbox as o
join task as t on t.workspace = o.workspace and t.id = o.task_id
join intent as i on i.workspace = o.workspace and i.id = o.intent_id
where
    o.workspace = $1 and o.lane = 'resume'
    and o.created_at < coalesce($2::timestamptz, statement_timestamp())
order by o.created_at limit $3;

-- tell_again --
-- Make what tells agents of the tasks $2 due at once.
update outbox
set due_at = coalesce($3::timestamptz, statement_timestamp()), leased_until = null
where lane = 'resume' and workspace = $1 and task_id = any ($2::text[])
returning 1;

-- agents --
-- Every agent, with how much of it is in which state, counted up to $2, and when something last
-- happened in its newest run.
with recursive known (agent) as (
    (select agent from intent where workspace = $1 order by agent limit 1)
    union all
    select following.agent
    from known
    cross join lateral (
        select i.agent from intent as i
        where i.workspace = $1 and i.agent > known.agent
        order by i.agent limit 1
    ) as following
)
select
    known.agent,
    (
        select count(*) from (
            select 1 from intent as i
            where i.workspace = $1 and i.agent = known.agent and i.status = 'WAITING'
            limit $2
        ) as waiting
    ),
    (
        select count(*) from (
            select 1 from intent as i
            where
                i.workspace = $1 and i.agent = known.agent
                and i.status in (
                    'CREATED', 'SUBMITTED', 'DELIVERED', 'ACKNOWLEDGED', 'IN_PROGRESS'
                )
            limit $2
        ) as working
    ),
    (
        select count(*) from (
            select 1 from intent as i
            where
                i.workspace = $1 and i.agent = known.agent and i.status in ('FAILED', 'TIMED_OUT')
            limit $2
        ) as failed
    ),
    (
        select i.updated_at from intent as i
        where i.workspace = $1 and i.id = (
            select max(newest.id)
            from unnest($3::text[]) as asked (status)
            cross join lateral (
                select n.id from intent as n
                where n.workspace = $1 and n.agent = known.agent and n.status = asked.status
                order by n.id desc limit 1
            ) as newest
        )
    )
from known
order by known.agent;
