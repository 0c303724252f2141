-- intent_by_id --
-- One intent, its tasks aside.
select
    workspace, id, type, title, agent, on_behalf_of, handled, status, waiting_reason, seq,
    submitted_at, updated_at, deadline_at, payload, progress, subject, retention_class
from intent
where workspace = :workspace and id = :id;

-- live_tasks_of_intent --
-- The live tasks of one intent.
select document from task
where workspace = :workspace and intent_id = :intent_id and state in ('open', 'claimed');

-- task_by_id --
-- One task with what a reader wants of its intent beside it.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from task as t
join intent as i on i.workspace = t.workspace and i.id = t.intent_id
where t.workspace = :workspace and t.id = :id;

-- page_intents --
-- Ids of intents, newest first.
select id from intent
where workspace = :workspace and id < :before
order by id desc limit :limit;

-- page_intents_by_status --
-- Ids of intents in one status, newest first.
select id from intent
where workspace = :workspace and status = :status and id < :before
order by id desc limit :limit;

-- page_intents_by_agent --
-- Ids of one agent's intents in one status, newest first.
select id from intent
where workspace = :workspace and agent = :agent and status = :status and id < :before
order by id desc limit :limit;

-- intents_by_ids --
-- The intents of a page, newest first. :ids is a JSON array that is in that order already.
select
    i.workspace, i.id, i.type, i.title, i.agent, i.on_behalf_of, i.handled, i.status,
    i.waiting_reason, i.seq, i.submitted_at, i.updated_at, i.deadline_at, i.payload, i.progress,
    i.subject, i.retention_class
from json_each(:ids) as page
cross join intent as i on i.workspace = :workspace and i.id = page.value;

-- page_tasks --
-- Ids of tasks, newest first.
select id from task
where workspace = :workspace and id < :before
order by id desc limit :limit;

-- page_tasks_by_state --
-- Ids of tasks in one state, newest first.
select id from task
where workspace = :workspace and state = :state and id < :before
order by id desc limit :limit;

-- page_tasks_by_agent --
-- Ids of one agent's tasks in one state, newest first.
select id from task
where workspace = :workspace and agent = :agent and state = :state and id < :before
order by id desc limit :limit;

-- page_tasks_by_intent --
-- Ids of one intent's tasks in one state, newest first.
select id from task
where
    workspace = :workspace and intent_id = :intent_id and state = :state and id < :before
    and (:agent is null or agent = :agent)
order by id desc limit :limit;

-- page_tasks_by_token --
-- Ids of live tasks that ask one selector token, newest first, narrowed where that is asked for.
select a.task_id
from task_audience as a
cross join task as t on t.workspace = a.workspace and t.id = a.task_id
where
    a.workspace = :workspace and a.token = :token and a.task_id < :before
    and (:agent is null or t.agent = :agent)
    and (:intent_id is null or t.intent_id = :intent_id)
    and (:states is null or t.state in (select value from json_each(:states)))
order by a.task_id desc limit :limit;

-- queue_by_id --
-- Places of live tasks listed under one token, newest first, narrowed where that is asked for.
select a.risk, a.due_at, a.task_id
from task_audience as a
cross join task as t on t.workspace = a.workspace and t.id = a.task_id
where
    a.workspace = :workspace and a.token = :token and a.task_id < :id
    and (:risks is null or a.risk in (select value from json_each(:risks)))
    and (:due_before is null or a.due_at < :due_before)
    and (:types is null or t.type in (select value from json_each(:types)))
    and (:agent is null or t.agent = :agent)
    and (:words is null or not exists (
        select 1 from json_each(:words) where coalesce(instr(t.search, value), 0) = 0
    ))
    and (:apart is null or not exists (
        select 1 from task_audience as b
        where b.workspace = a.workspace and b.token = :apart and b.task_id = a.task_id
    ))
order by a.task_id desc limit :limit;

-- queue_by_due --
-- The same of one risk, those that are due soonest first.
select a.risk, a.due_at, a.task_id
from task_audience as a indexed by task_audience_by_due
cross join task as t on t.workspace = a.workspace and t.id = a.task_id
where
    a.workspace = :workspace and a.token = :token and a.risk = :risk
    and (a.due_at, a.task_id) > (:due_at, :id)
    and (:due_before is null or a.due_at < :due_before)
    and (:types is null or t.type in (select value from json_each(:types)))
    and (:agent is null or t.agent = :agent)
    and (:words is null or not exists (
        select 1 from json_each(:words) where coalesce(instr(t.search, value), 0) = 0
    ))
    and (:apart is null or not exists (
        select 1 from task_audience as b
        where b.workspace = a.workspace and b.token = :apart and b.task_id = a.task_id
    ))
order by a.due_at, a.task_id limit :limit;

-- queue_size --
-- How many live tasks are listed under any of :tokens, each once, narrowed where that is asked for,
-- counted up to :most.
select count(*) from (
    select distinct a.task_id
    from json_each(:tokens) as k
    cross join task_audience as a on a.workspace = :workspace and a.token = k.value
    cross join task as t on t.workspace = a.workspace and t.id = a.task_id
    where
        (:risks is null or a.risk in (select value from json_each(:risks)))
        and (:due_before is null or a.due_at < :due_before)
        and (:types is null or t.type in (select value from json_each(:types)))
        and (:agent is null or t.agent = :agent)
        and (:words is null or not exists (
            select 1 from json_each(:words) where coalesce(instr(t.search, value), 0) = 0
        ))
        and (:apart is null or not exists (
            select 1 from task_audience as b
            where b.workspace = a.workspace and b.token = :apart and b.task_id = a.task_id
        ))
    limit :most
);

-- tasks_by_ids --
-- The tasks of a page. :ids is a JSON array, newest first, and they come in that order.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from json_each(:ids) as page
cross join task as t on t.workspace = :workspace and t.id = page.value
cross join intent as i on i.workspace = t.workspace and i.id = t.intent_id;

-- page_events --
-- The events of one intent after a number, in order.
select workspace, intent_id, seq, type, at, actor, data, '' as leaf, '' as salts from event
where workspace = :workspace and intent_id = :intent_id and seq > :after
order by seq limit :limit;

-- steps_of_intent --
-- The events that recorded the steps of one intent.
select e.workspace, e.intent_id, e.seq, e.type, e.at, e.actor, e.data, '' as leaf, '' as salts
from step as s
cross join event as e on
    e.workspace = s.workspace and e.intent_id = s.intent_id and e.seq = s.seq
where s.workspace = :workspace and s.intent_id = :intent_id;

-- changed_since --
-- Ids of intents written at or after a moment.
select id from intent where updated_at >= :moment;
