-- save_slack_post --
-- A message, as it is now.
insert into slack_post (
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (workspace, id)
do update set view_digest = excluded.view_digest, seq = excluded.seq, closed = excluded.closed
returning 1;

-- slack_post_by_id --
-- The message whose buttons carry $1.
select
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
from slack_post where id = $1;

-- slack_post_by_message --
-- The message $3 in channel $2 of team $1.
select
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
from slack_post where team = $1 and channel = $2 and ts = $3;

-- slack_posts_of_task --
-- All messages about one task.
select
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
from slack_post where workspace = $1 and task_id = $2 order by id;

-- stale_slack_posts --
-- Messages that do not show how their task ended, of whose intents something has happened since.
select
    p.workspace, p.id, p.intent_id, p.task_id, p.notice_id, p.person_id, p.team, p.channel, p.ts,
    p.view_digest, p.seq, p.created_at, p.closed
from slack_post as p
join intent as i on i.workspace = p.workspace and i.id = p.intent_id
where not p.closed and i.seq > p.seq
limit $1;

-- insert_inbound --
-- Note what came in, unless it has come in before; what came in before $4 is forgotten.
with forgotten as (
    delete from inbound where at < $4::timestamptz
)
insert into inbound (channel, id, at) values ($1, $2, $3)
on conflict do nothing
returning 1;
