-- insert_intents --
-- New intents. Rows are repeated where {rows} stands.
insert into intent (
    workspace, id, type, title, agent, on_behalf_of, handled, status, waiting_reason, seq,
    submitted_at, updated_at, deadline_at, payload, progress, subject, retention_class
) values {rows};

-- update_intents --
-- Intents that are still as they were read; the number of rows changed tells whether all were.
with new (
    workspace, id, before, seq, status, waiting_reason, updated_at, deadline_at, progress
) as (values {rows})
update intent set
    seq = new.seq,
    status = new.status,
    waiting_reason = new.waiting_reason,
    updated_at = new.updated_at,
    deadline_at = new.deadline_at,
    progress = new.progress
from new
where intent.workspace = new.workspace and intent.id = new.id and intent.seq = new.before;

-- insert_events --
-- New events, with their places.
insert into event (
    workspace, intent_id, seq, type, at, actor, data, leaf, salts, idx
) values {rows};

-- insert_tasks --
-- New tasks.
insert into task (
    workspace, id, intent_id, agent, type, state, outcome, opened_at, closed_at, document, search,
    risk, due_at, closed_by
) values {rows};

-- update_tasks --
-- Tasks that went on; the number of rows changed tells whether all were there.
with new (
    workspace, id, intent_id, agent, type, state, outcome, opened_at, closed_at, document, search,
    risk, due_at, closed_by
) as (values {rows})
update task set
    state = new.state,
    outcome = new.outcome,
    closed_at = new.closed_at,
    document = new.document,
    due_at = new.due_at,
    closed_by = new.closed_by
from new
where task.workspace = new.workspace and task.id = new.id;

-- insert_audience --
-- Tokens under which live tasks are listed from now on, and what they are sorted by there.
insert into task_audience (workspace, token, task_id, risk, due_at) values {rows}
on conflict (workspace, token, task_id)
do update set risk = excluded.risk, due_at = excluded.due_at;

-- delete_audience --
-- Tokens under which tasks are listed no more.
delete from task_audience where (workspace, token, task_id) in (values {rows});

-- set_timers --
-- Arm timers anew, leased to nobody.
insert into timer (workspace, intent_id, task_id, kind, due_at) values {rows}
on conflict (workspace, intent_id, task_id, kind)
do update set due_at = excluded.due_at, leased_until = null;

-- delete_timers --
-- Disarm timers.
delete from timer where (workspace, intent_id, task_id, kind) in (values {rows});

-- insert_outbox --
-- Duties to carry out, due at once.
insert into outbox (workspace, lane, intent_id, task_id, body, created_at, due_at) values {rows};

-- insert_steps --
-- Names of steps, each recorded once.
insert into step (workspace, intent_id, name, seq) values {rows};

-- insert_replays --
-- Spent idempotency keys.
insert into replay (
    workspace, scope, key, fingerprint, intent_id, task_id, created_at
) values {rows};
