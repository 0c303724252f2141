-- save_slack_post --
-- A message, as it is now.
insert into slack_post (
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
) values {rows}
on conflict (workspace, id)
do update set view_digest = excluded.view_digest, seq = excluded.seq, closed = excluded.closed;

-- slack_post_by_id --
-- The message whose buttons carry this.
select
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
from slack_post where id = :id;

-- slack_post_by_message --
-- The message at this place.
select
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
from slack_post where team = :team and channel = :channel and ts = :ts;

-- slack_posts_of_task --
-- All messages about one task.
select
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at, closed
from slack_post indexed by slack_post_by_task
where workspace = :workspace and task_id = :task_id;

-- stale_slack_posts --
-- Messages that do not show how their task ended, of whose intents something has happened since.
select
    p.workspace, p.id, p.intent_id, p.task_id, p.notice_id, p.person_id, p.team, p.channel, p.ts,
    p.view_digest, p.seq, p.created_at, p.closed
from slack_post as p indexed by slack_post_open
cross join intent as i on i.workspace = p.workspace and i.id = p.intent_id
where p.closed = 0 and i.seq > p.seq
limit :limit;

-- insert_inbound --
-- Note what came in, unless it has come in before.
insert into inbound (channel, id, at) values {rows}
on conflict do nothing;

-- forget_inbound --
-- Drop what came in before then: nobody sends it again after that.
delete from inbound where at < :before;
