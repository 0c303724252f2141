-- next_timer --
-- When the earliest timer that nobody has leased is due, and the first of those whose lease lapsed.
select
    (select due_at from timer where leased_until is null order by due_at limit 1),
    (select due_at from timer where leased_until <= :now order by leased_until limit 1);

-- due_timers --
-- Timers that are due and were never leased, earliest first. Those that are leased, or due later,
-- are not in this stretch of the index, so however many they are they cost nothing.
select workspace, intent_id, task_id, kind, due_at from timer
where leased_until is null and due_at <= :now
order by due_at limit :limit;

-- lapsed_timers --
-- Timers whose lease has lapsed, the one that lapsed first first.
select workspace, intent_id, task_id, kind, due_at from timer
where leased_until <= :now
order by leased_until limit :limit;

-- overdue_timers --
-- How many timers due by then are still there, leased ones too.
select
    (select count(*) from timer where leased_until is null and due_at <= :until)
    + (select count(*) from timer where leased_until > 0 and due_at <= :until);

-- lease_timers --
-- Lease the timers named in :refs, a JSON array of [workspace, intent, task, kind].
update timer set leased_until = :until
from json_each(:refs) as r
where
    timer.workspace = r.value ->> 0 and timer.intent_id = r.value ->> 1
    and timer.task_id = r.value ->> 2 and timer.kind = r.value ->> 3;

-- due_outbox --
-- Items of one lane that are due and leased to nobody, oldest first.
select id, workspace, lane, intent_id, task_id, body, attempts, created_at from outbox
where lane = :lane and due_at <= :now and (leased_until is null or leased_until <= :now)
order by due_at, id limit :limit;

-- lease_outbox --
-- Lease the items whose ids are in :ids, a JSON array, and count the attempt.
update outbox set leased_until = :until, attempts = attempts + 1
where id in (select value from json_each(:ids));

-- delete_outbox --
-- Drop the items whose ids are in :ids, a JSON array.
delete from outbox where id in (select value from json_each(:ids));

-- retry_outbox --
-- Put off the items of :items, a JSON array of [id, moment], leased to nobody.
update outbox set due_at = r.value ->> 1, leased_until = null
from json_each(:items) as r
where outbox.id = r.value ->> 0;

-- delete_resumes --
-- Drop what tells agents about the tasks whose ids are in :ids, a JSON array.
delete from outbox
where
    lane = 'resume' and workspace = :workspace
    and task_id in (select value from json_each(:ids));

-- depths --
-- How much is open or queued by now. Of the leaves that wait for their log to be opened at most
-- twice :most are counted; the oldest is among them, or the first that a checkpoint does not cover.
select
    (
        select count(*) from workspace as w
        cross join task as t on t.workspace = w.id and t.state in ('open', 'claimed')
    ),
    (select count(*) from outbox where lane = 'notice' and due_at <= :now),
    (select count(*) from outbox where lane = 'resume' and due_at <= :now),
    (select created_at from outbox where id = (select min(id) from outbox where lane = 'resume')),
    (select count(*) from timer where leased_until is null and due_at <= :now)
    + (select count(*) from timer where leased_until > 0 and due_at <= :now),
    (select count(*) from (
        select 1 from event indexed by event_without_place where idx < 0
        limit :most
    ))
    + (select count(*) from (
        select 1 from fact indexed by fact_without_place where idx < 0
        limit :most
    ))
    + (select coalesce(sum(sequenced - size), 0) from log_head where sequenced > size),
    (
        select min(at) from (
            select e.at from log_head as h
            cross join event as e on e.workspace = h.workspace and e.idx = h.size
            where h.sequenced > h.size
            union all
            select f.at from log_head as h
            cross join fact as f on f.workspace = h.workspace and f.idx = h.size
            where h.sequenced > h.size
            union all
            select min(at) from event indexed by event_without_place
            where idx < 0
            union all
            select min(at) from fact indexed by fact_without_place
            where idx < 0
        )
    );
