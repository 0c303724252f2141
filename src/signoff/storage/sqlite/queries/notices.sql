-- record_notices --
-- Who is told, or not; what became of it later is written under the same id, leased to nobody.
insert into notice (
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
) values {rows}
on conflict (workspace, id)
do update set
    state = excluded.state, detail = excluded.detail, at = excluded.at, due_at = excluded.due_at,
    digest = excluded.digest, attempts = excluded.attempts, leased_until = null,
    provider_id = excluded.provider_id, address = excluded.address,
    place = excluded.place;

-- notices_of_task --
-- Who was told about one task, in order.
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from notice
where workspace = :workspace and task_id = :task_id
order by at, id;

-- due_notices --
-- Notices of one channel that are due and leased to nobody, the earliest first.
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from notice
where
    channel = :channel and due_at is not null and due_at <= :now
    and (leased_until is null or leased_until <= :now)
order by due_at limit :limit;

-- lease_notices --
-- Lease the notices named in :refs, a JSON array of [workspace, id], and count the attempt.
update notice set leased_until = :until, attempts = attempts + 1
from json_each(:refs) as r
where notice.workspace = r.value ->> 0 and notice.id = r.value ->> 1;

-- notice_of_provider --
-- The notice that a channel calls this.
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from notice
where provider_id = :provider_id;
