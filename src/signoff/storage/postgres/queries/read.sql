-- now --
-- The server's time, the one deadlines are judged by.
select clock_timestamp();

-- intent_by_id --
-- One intent and the documents of its live tasks, as of one moment.
select
    i.workspace, i.id, i.type, i.title, i.agent, i.on_behalf_of, i.handled, i.status,
    i.waiting_reason, i.seq, i.submitted_at, i.updated_at, i.deadline_at, i.payload, i.progress,
    i.subject, i.retention_class,
    array(
        select t.document from task as t
        where t.workspace = i.workspace and t.intent_id = i.id and t.state in ('open', 'claimed')
        order by t.id
    ) as live_tasks
from intent as i
where i.workspace = $1 and i.id = $2;

-- task_by_id --
-- One task with what a reader wants of its intent beside it.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from task as t
join intent as i on i.workspace = t.workspace and i.id = t.intent_id
where t.workspace = $1 and t.id = $2;

-- page_intents --
-- At most $3 intents of workspace $1 with an id below $2, newest first.
select
    workspace, id, type, title, agent, on_behalf_of, handled, status, waiting_reason, seq,
    submitted_at, updated_at, deadline_at, payload, progress, subject, retention_class
from intent
where workspace = $1 and id < $2
order by id desc limit $3;

-- page_intents_by_status --
-- The same of those in one of the statuses $4: the newest of each, then the newest of all.
select
    i.workspace, i.id, i.type, i.title, i.agent, i.on_behalf_of, i.handled, i.status,
    i.waiting_reason, i.seq, i.submitted_at, i.updated_at, i.deadline_at, i.payload, i.progress,
    i.subject, i.retention_class
from (
    select found.id
    from unnest($4::text[]) as asked (status)
    cross join lateral (
        select id from intent
        where workspace = $1 and status = asked.status and id < $2
        order by id desc limit $3
    ) as found
    order by found.id desc limit $3
) as page
join intent as i on i.workspace = $1 and i.id = page.id
order by i.id desc;

-- page_intents_by_agent --
-- The same of the agent $5's.
select
    i.workspace, i.id, i.type, i.title, i.agent, i.on_behalf_of, i.handled, i.status,
    i.waiting_reason, i.seq, i.submitted_at, i.updated_at, i.deadline_at, i.payload, i.progress,
    i.subject, i.retention_class
from (
    select found.id
    from unnest($4::text[]) as asked (status)
    cross join lateral (
        select id from intent
        where workspace = $1 and agent = $5 and status = asked.status and id < $2
        order by id desc limit $3
    ) as found
    order by found.id desc limit $3
) as page
join intent as i on i.workspace = $1 and i.id = page.id
order by i.id desc;

-- page_tasks --
-- At most $3 tasks of workspace $1 with an id below $2, newest first.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from (
    select id, intent_id from task
    where workspace = $1 and id < $2
    order by id desc limit $3
) as page
join task as t on t.workspace = $1 and t.id = page.id
join intent as i on i.workspace = $1 and i.id = page.intent_id
order by t.id desc;

-- page_tasks_by_state --
-- The same of those in one of the states $4: the newest of each, then the newest of all.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from (
    select found.id, found.intent_id
    from unnest($4::text[]) as asked (state)
    cross join lateral (
        select id, intent_id from task
        where workspace = $1 and state = asked.state and id < $2
        order by id desc limit $3
    ) as found
    order by found.id desc limit $3
) as page
join task as t on t.workspace = $1 and t.id = page.id
join intent as i on i.workspace = $1 and i.id = page.intent_id
order by t.id desc;

-- page_tasks_by_agent --
-- The same of the agent $5's.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from (
    select found.id, found.intent_id
    from unnest($4::text[]) as asked (state)
    cross join lateral (
        select id, intent_id from task
        where workspace = $1 and agent = $5 and state = asked.state and id < $2
        order by id desc limit $3
    ) as found
    order by found.id desc limit $3
) as page
join task as t on t.workspace = $1 and t.id = page.id
join intent as i on i.workspace = $1 and i.id = page.intent_id
order by t.id desc;

-- page_tasks_by_intent --
-- The same of the intent $5's, and only where it is the agent $6's, if that is given.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from (
    select found.id, found.intent_id
    from unnest($4::text[]) as asked (state)
    cross join lateral (
        select id, intent_id from task
        where
            workspace = $1 and intent_id = $5 and state = asked.state and id < $2
            and ($6::text is null or agent = $6)
        order by id desc limit $3
    ) as found
    order by found.id desc limit $3
) as page
join task as t on t.workspace = $1 and t.id = page.id
join intent as i on i.workspace = $1 and i.id = page.intent_id
order by t.id desc;

-- page_tasks_by_token --
-- The same of those that ask one of the selector tokens $5 now, narrowed to the agent $6 and the
-- intent $7 where those are given. "offset 0" keeps the order: the newest by the index, then each.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from (
    select distinct found.id, found.intent_id
    from unnest($5::text[]) as asked (token)
    cross join lateral (
        select a.task_id as id, kept.intent_id
        from task_audience as a
        cross join lateral (
            select intent_id from task
            where
                workspace = a.workspace and id = a.task_id
                and state = any ($4::text[])
                and ($6::text is null or agent = $6)
                and ($7::text is null or intent_id = $7)
            offset 0
        ) as kept
        where a.workspace = $1 and a.token = asked.token and a.task_id < $2
        order by a.task_id desc limit $3
    ) as found
    order by found.id desc limit $3
) as page
join task as t on t.workspace = $1 and t.id = page.id
join intent as i on i.workspace = $1 and i.id = page.intent_id
order by t.id desc;

-- queue_by_id --
-- At most $2 live tasks of workspace $1 with an id below $10 that are listed under one of the tokens
-- $3, newest first, narrowed where that is asked for: to types $4, agent $5, words $6 and risks $9,
-- without those listed under $7, and to what is due before $8.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from (
    select distinct found.id, found.intent_id
    from unnest($3::text[]) as asked (token)
    cross join lateral (
        select a.task_id as id, kept.intent_id
        from task_audience as a
        cross join lateral (
            select intent_id from task
            where
                workspace = a.workspace and id = a.task_id
                and ($4::text[] is null or type = any ($4))
                and ($5::text is null or agent = $5)
                and ($6::text[] is null or not exists (
                    select 1 from unnest($6) as w (word)
                    where coalesce(position(w.word in search), 0) = 0
                ))
            offset 0
        ) as kept
        where
            a.workspace = $1 and a.token = asked.token and a.task_id < $10
            and ($9::integer[] is null or a.risk = any ($9))
            and ($8::timestamptz is null or a.due_at < $8)
            and ($7::text is null or not exists (
                select 1 from task_audience as b
                where b.workspace = a.workspace and b.token = $7 and b.task_id = a.task_id
            ))
        order by a.task_id desc limit $2
    ) as found
    order by found.id desc limit $2
) as page
join task as t on t.workspace = $1 and t.id = page.id
join intent as i on i.workspace = $1 and i.id = page.intent_id
order by t.id desc;

-- queue_by_due --
-- The same, those due soonest first, beginning for each of the risks $9 behind the moment $10 and the
-- id $11 that belong to it; where $12, the greatest risk first.
select t.workspace, t.agent, i.on_behalf_of, i.title, i.status, t.document
from (
    select distinct
        case when $12::boolean then -found.risk else 0 end as first, found.due_at, found.id,
        found.intent_id
    from unnest($3::text[]) as asked (token)
    cross join unnest($9::integer[], $10::timestamptz[], $11::text[]) as part (risk, due_at, id)
    cross join lateral (
        select a.risk, a.due_at, a.task_id as id, kept.intent_id
        from task_audience as a
        cross join lateral (
            select intent_id from task
            where
                workspace = a.workspace and id = a.task_id
                and ($4::text[] is null or type = any ($4))
                and ($5::text is null or agent = $5)
                and ($6::text[] is null or not exists (
                    select 1 from unnest($6) as w (word)
                    where coalesce(position(w.word in search), 0) = 0
                ))
            offset 0
        ) as kept
        where
            a.workspace = $1 and a.token = asked.token and a.risk = part.risk
            and (a.due_at, a.task_id) > (part.due_at, part.id)
            and ($8::timestamptz is null or a.due_at < $8)
            and ($7::text is null or not exists (
                select 1 from task_audience as b
                where b.workspace = a.workspace and b.token = $7 and b.task_id = a.task_id
            ))
        order by a.due_at, a.task_id limit $2
    ) as found
    order by first, found.due_at, found.id limit $2
) as page
join task as t on t.workspace = $1 and t.id = page.id
join intent as i on i.workspace = $1 and i.id = page.intent_id
order by page.first, page.due_at, page.id;

-- queue_size --
-- How many such tasks there are, each counted once, up to $2.
select count(*) from (
    select distinct found.id
    from unnest($3::text[]) as asked (token)
    cross join lateral (
        select a.task_id as id
        from task_audience as a
        cross join lateral (
            select intent_id from task
            where
                workspace = a.workspace and id = a.task_id
                and ($4::text[] is null or type = any ($4))
                and ($5::text is null or agent = $5)
                and ($6::text[] is null or not exists (
                    select 1 from unnest($6) as w (word)
                    where coalesce(position(w.word in search), 0) = 0
                ))
            offset 0
        ) as kept
        where
            a.workspace = $1 and a.token = asked.token
            and ($9::integer[] is null or a.risk = any ($9))
            and ($8::timestamptz is null or a.due_at < $8)
            and ($7::text is null or not exists (
                select 1 from task_audience as b
                where b.workspace = a.workspace and b.token = $7 and b.task_id = a.task_id
            ))
        limit $2
    ) as found
    limit $2
) as counted;

-- page_events --
-- The events of one intent after number $3, in order, at most $4.
select workspace, intent_id, seq, type, at, actor, data, '' as leaf, '' as salts from event
where workspace = $1 and intent_id = $2 and seq > $3
order by seq limit $4;

-- steps_of_intent --
-- The events that recorded the steps of one intent, in order.
select e.workspace, e.intent_id, e.seq, e.type, e.at, e.actor, e.data, '' as leaf, '' as salts
from step as s
join event as e on e.workspace = s.workspace and e.intent_id = s.intent_id and e.seq = s.seq
where s.workspace = $1 and s.intent_id = $2
order by e.seq;

-- changed_since --
-- Ids of intents written at or after a moment.
select id from intent where updated_at >= $1;
