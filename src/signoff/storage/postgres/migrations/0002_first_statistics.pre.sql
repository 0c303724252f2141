-- A planner that has never seen a row believes that every column tells rows apart equally well: it
-- then takes any index that starts with the workspace, reads the whole workspace for each row it
-- looks up, and the plan is kept while the tables grow. So it is shown rows of the usual kind once;
-- what it learned stays when they are gone, until the tables' own rows teach it better.

alter table event disable trigger user;

insert into organization (id, created_at) values ('shown', now());
insert into workspace (id, organization, created_at) values ('shown/once', 'shown', now());

insert into intent (
    workspace, id, type, title, agent, handled, status, waiting_reason, seq, submitted_at,
    updated_at, payload, progress
)
select
    'shown/once', 'int_' || n, 'shown', 'shown', 'agent-' || n % 5, true,
    case when n % 4 = 0 then 'COMPLETED' else 'WAITING' end,
    case when n % 4 = 0 then null else 'WAITING_FOR_HUMAN' end,
    3, now() + n * interval '1 second', now() + n * interval '1 second', '{}', '{}'
from generate_series(1, 400) as n;

insert into event (workspace, intent_id, seq, type, at, actor, data)
select 'shown/once', 'int_' || n, seq, 'shown', now() + n * interval '1 second', '{}', '{}'
from generate_series(1, 400) as n cross join generate_series(1, 3) as seq;

insert into task (
    workspace, id, intent_id, agent, type, state, outcome, opened_at, closed_at, document
)
select
    'shown/once', 'task_' || n, 'int_' || n, 'agent-' || n % 5, 'approval',
    case when n % 4 = 0 then 'concluded' else 'open' end,
    case when n % 4 = 0 then 'approved' end,
    now() + n * interval '1 second',
    case when n % 4 = 0 then now() end, '{}'
from generate_series(1, 400) as n;

insert into task_audience (workspace, token, task_id)
select 'shown/once', 'role:' || n % 5, 'task_' || n from generate_series(1, 400) as n;

insert into step (workspace, intent_id, name, seq)
select 'shown/once', 'int_' || n, 'step-' || seq, seq
from generate_series(1, 200) as n cross join generate_series(1, 2) as seq;

insert into replay (workspace, scope, key, fingerprint, intent_id, created_at)
select 'shown/once', 'agent-' || n % 5, 'key-' || n, 'shown', 'int_' || n, now()
from generate_series(1, 400) as n;

insert into timer (workspace, intent_id, task_id, kind, due_at)
select 'shown/once', 'int_' || n, 'task_' || n, 'rung', now() + n * interval '1 second'
from generate_series(1, 400) as n;

insert into outbox (workspace, lane, intent_id, task_id, body, created_at, due_at)
select
    'shown/once', case when n % 2 = 0 then 'notice' else 'resume' end, 'int_' || n, 'task_' || n,
    '{}', now(), now() + n * interval '1 second'
from generate_series(1, 400) as n;

insert into notice (
    workspace, id, intent_id, task_id, person_id, channel, reason, state, at
)
select
    'shown/once', 'notice-' || n, 'int_' || n, 'task_' || n, 'per_' || n % 50, 'inbox', 'opened',
    'sent', now() + n * interval '1 second'
from generate_series(1, 400) as n;

insert into person (workspace, id, email, name, disabled, created_at, roles, groups)
select 'shown/once', 'per_' || n, 'shown-' || n, 'shown', false, now(), '[]', '[]'
from generate_series(1, 400) as n;

insert into person_token (workspace, token, person_id)
select 'shown/once', token, 'per_' || n
from generate_series(1, 400) as n
cross join lateral (values ('person:per_' || n), ('role:' || n % 5)) as t (token);

insert into api_key (workspace, id, kind, hash, hint, agent, created_at)
select 'shown/once', 'key_' || n, 'agent', 'hash-' || n, 'shown', 'agent-' || n % 5, now()
from generate_series(1, 400) as n;

analyze intent, event, task, task_audience, step, replay, timer, outbox, notice, person,
    person_token, api_key, workspace;

delete from api_key where workspace = 'shown/once';
delete from person_token where workspace = 'shown/once';
delete from person where workspace = 'shown/once';
delete from notice where workspace = 'shown/once';
delete from outbox where workspace = 'shown/once';
delete from timer where workspace = 'shown/once';
delete from replay where workspace = 'shown/once';
delete from step where workspace = 'shown/once';
delete from task_audience where workspace = 'shown/once';
delete from task where workspace = 'shown/once';
delete from event where workspace = 'shown/once';
delete from intent where workspace = 'shown/once';
delete from workspace where id = 'shown/once';
delete from organization where id = 'shown';

alter table event enable trigger user;
