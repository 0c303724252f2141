-- record_notices --
-- Who is told, or not; what became of it later is written under the same id, leased to nobody.
insert into notice (
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::text[], $9::text[], $10::timestamptz[], $11::timestamptz[],
                     $12::boolean[], $13::integer[], $14::text[], $15::text[], $16::text[])
on conflict (workspace, id)
do update set
    state = excluded.state, detail = excluded.detail, at = excluded.at, due_at = excluded.due_at,
    digest = excluded.digest, attempts = excluded.attempts, leased_until = null,
    provider_id = excluded.provider_id, address = excluded.address,
    place = excluded.place
returning 1;

-- notices_of_task --
-- Who was told about one task, in order.
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from notice
where workspace = $1 and task_id = $2
order by at, id;

-- claim_notices --
-- Lease at most $2 notices of channel $4 for $3 that are due and leased to nobody, the earliest first,
-- and count the attempt. Those that another caller is looking at are passed over.
with moment as (
    select coalesce($1::timestamptz, statement_timestamp()) as now
),
due as materialized (
    select workspace, id from notice
    where
        channel = $4 and due_at is not null
        and due_at <= coalesce($1::timestamptz, statement_timestamp())
        and (
            leased_until is null
            or leased_until <= coalesce($1::timestamptz, statement_timestamp())
        )
    order by due_at limit $2
    for update skip locked
),
claimed as (
    update notice as n set leased_until = moment.now + $3::interval, attempts = n.attempts + 1
    from due, moment
    where n.workspace = due.workspace and n.id = due.id
    returning
        n.workspace, n.id, n.intent_id, n.task_id, n.person_id, n.channel, n.reason, n.state,
        n.detail, n.at, n.due_at, n.digest, n.attempts, n.provider_id, n.address, n.place
)
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from claimed order by due_at, workspace, person_id, id;

-- notice_of_provider --
-- The notice that a channel calls this.
select
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at, due_at,
    digest, attempts, provider_id, address, place
from notice
where provider_id = $1;
