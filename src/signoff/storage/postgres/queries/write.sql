-- None of these is run by itself: a batch sends those it needs as one statement, each a common
-- table expression (see ``bundle``). Each parameter is a column, as an array of all rows.

-- insert_intents --
-- Add intents; one whose id is taken is left out, and the missing row is noticed.
insert into intent (workspace, id, type, title, agent, on_behalf_of, handled, status,
                    waiting_reason, seq, submitted_at, updated_at, deadline_at, payload, progress,
                    subject, retention_class)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::boolean[], $8::text[], $9::text[], $10::bigint[], $11::timestamptz[],
                     $12::timestamptz[], $13::timestamptz[], $14::json[], $15::json[],
                     $16::text[], $17::text[])
on conflict do nothing
returning 1;

-- update_intents --
-- Change intents that are still at the event the batch was judged by.
update intent i
set seq = n.seq, status = n.status, waiting_reason = n.waiting_reason, updated_at = n.updated_at,
    deadline_at = n.deadline_at, progress = n.progress
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
            $7::timestamptz[], $8::timestamptz[], $9::json[])
    as n (workspace, id, before, seq, status, waiting_reason, updated_at, deadline_at, progress)
where i.workspace = n.workspace and i.id = n.id and i.seq = n.before
returning 1;

-- insert_events --
-- Append events; the key refuses a second event with the same number. Those with a leaf are queued
-- for the log by a trigger.
insert into event (workspace, intent_id, seq, type, at, actor, data, leaf, salts)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[],
                     $6::json[], $7::json[], $8::text[], $9::text[])
returning 1;

-- insert_tasks --
-- Add tasks.
insert into task (workspace, id, intent_id, agent, type, state, outcome, opened_at, closed_at,
                  document, search, risk, due_at, closed_by)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::timestamptz[], $9::timestamptz[], $10::json[], $11::text[],
                     $12::text[], $13::timestamptz[], $14::text[])
returning 1;

-- update_tasks --
-- Change live tasks; a closed one never changes again.
update task t
set
    state = n.state, outcome = n.outcome, closed_at = n.closed_at, document = n.document,
    due_at = n.due_at, closed_by = n.closed_by
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::timestamptz[], $9::timestamptz[], $10::json[], $11::text[], $12::text[],
            $13::timestamptz[], $14::text[])
    as n (workspace, id, intent_id, agent, type, state, outcome, opened_at, closed_at, document,
          search, risk, due_at, closed_by)
where t.workspace = n.workspace and t.id = n.id and t.state in ('open', 'claimed')
returning 1;

-- insert_audience --
-- List tasks under the tokens they ask now, with what they are sorted by there.
insert into task_audience (workspace, token, task_id, risk, due_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[])
on conflict (workspace, token, task_id)
do update set risk = excluded.risk, due_at = excluded.due_at
returning 1;

-- delete_audience --
-- List tasks no more under the tokens they asked.
delete from task_audience a
using unnest($1::text[], $2::text[], $3::text[]) as n (workspace, token, task_id)
where a.workspace = n.workspace and a.token = n.token and a.task_id = n.task_id
returning 1;

-- set_timers --
-- Arm timers, leased to nobody.
insert into timer (workspace, intent_id, task_id, kind, due_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
on conflict (workspace, intent_id, task_id, kind)
do update set due_at = excluded.due_at, leased_until = null
returning 1;

-- delete_timers --
-- Disarm timers.
delete from timer t
using unnest($1::text[], $2::text[], $3::text[], $4::text[])
    as n (workspace, intent_id, task_id, kind)
where t.workspace = n.workspace and t.intent_id = n.intent_id and t.task_id = n.task_id
    and t.kind = n.kind
returning 1;

-- insert_outbox --
-- Queue duties, due at once.
insert into outbox (workspace, lane, intent_id, task_id, body, created_at, due_at)
select n.*, n.created_at
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::json[], $6::timestamptz[])
    as n (workspace, lane, intent_id, task_id, body, created_at)
returning 1;

-- insert_steps --
-- Note where the events of named steps are; the key refuses a second one of the same name.
insert into step (workspace, intent_id, name, seq)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
returning 1;

-- insert_replays --
-- Spend idempotency keys.
insert into replay (workspace, scope, key, fingerprint, intent_id, task_id, created_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::timestamptz[])
returning 1;
