-- closed_tasks --
-- Tasks that have closed since a moment, newest first, with when their decider was first shown them.
select
    t.type, t.state, t.outcome, t.opened_at, t.closed_at, t.closed_by,
    (
        select min(v.first_at) from task_view as v
        where
            v.workspace = t.workspace and v.task_id = t.id and v.person_id = t.closed_by
    )
from task as t indexed by task_by_closing
where t.workspace = :workspace and t.closed_at >= :since
order by t.closed_at desc limit :limit;

-- open_tasks --
-- How many tasks are open, of what risk, and since when the oldest.
select
    (select count(*) from task where workspace = :workspace and state in ('open', 'claimed')),
    (
        select count(*) from task
        where workspace = :workspace and state in ('open', 'claimed') and risk = 'high'
    ),
    (
        select min(opened_at) from task
        where workspace = :workspace and id in (
            (select min(id) from task where workspace = :workspace and state = 'open'),
            (select min(id) from task where workspace = :workspace and state = 'claimed')
        )
    );

-- failed_notices --
-- Notices that reached nobody since a moment, newest first.
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from notice indexed by notice_failed
where workspace = :workspace and state = 'failed' and at >= :since
order by at desc limit :limit;

-- unread_decisions --
-- Decisions from before a moment that their agents have not picked up, oldest first.
select o.task_id, o.intent_id, t.agent, i.title, o.created_at, o.attempts
from outbox as o indexed by outbox_resume_by_task
cross join task as t on t.workspace = o.workspace and t.id = o.task_id
cross join intent as i on i.workspace = o.workspace and i.id = o.intent_id
where o.workspace = :workspace and o.lane = 'resume' and o.created_at < :before
order by o.created_at limit :limit;

-- tell_again --
-- Make what tells agents of the tasks in :ids, a JSON array, due at once.
update outbox set due_at = :now, leased_until = null
where
    lane = 'resume' and workspace = :workspace
    and task_id in (select value from json_each(:ids));

-- agents --
-- Every agent, with how much of it is in which state, counted up to :most, when something last
-- happened in its newest run, and how many decisions it has not picked up.
with recursive known (agent) as (
    select min(agent) from intent where workspace = :workspace
    union all
    select (select min(i.agent) from intent as i where i.workspace = :workspace and i.agent > known.agent)
    from known where known.agent is not null
)
select
    known.agent,
    (
        select count(*) from (
            select 1 from intent as i
            where i.workspace = :workspace and i.agent = known.agent and i.status = 'WAITING'
            limit :most
        )
    ),
    (
        select count(*) from (
            select 1 from intent as i
            where
                i.workspace = :workspace and i.agent = known.agent
                and i.status in (
                    'CREATED', 'SUBMITTED', 'DELIVERED', 'ACKNOWLEDGED', 'IN_PROGRESS'
                )
            limit :most
        )
    ),
    (
        select count(*) from (
            select 1 from intent as i
            where
                i.workspace = :workspace and i.agent = known.agent
                and i.status in ('FAILED', 'TIMED_OUT')
            limit :most
        )
    ),
    (
        select i.updated_at from intent as i
        where i.workspace = :workspace and i.id = (
            select max((
                select max(n.id) from intent as n
                where
                    n.workspace = :workspace and n.agent = known.agent and n.status = s.value
            ))
            from json_each(:statuses) as s
        )
    )
from known
where known.agent is not null
order by known.agent;
