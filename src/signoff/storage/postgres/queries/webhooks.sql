-- insert_webhook --
-- An endpoint, which is told of what has its place in the log from now on.
insert into webhook (
    workspace, id, url, label, events, secrets, state, detail, failing_since, created_at,
    created_by, since
)
values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
    coalesce((select sequenced from log_head where workspace = $1), 0)
)
returning since;

-- webhook_by_id --
-- Endpoint $2 of workspace $1.
select
    workspace, id, url, label, events, secrets, state, detail, since, failing_since, created_at,
    created_by
from webhook where workspace = $1 and id = $2;

-- webhooks --
-- All endpoints of a workspace.
select
    workspace, id, url, label, events, secrets, state, detail, since, failing_since, created_at,
    created_by
from webhook where workspace = $1 order by id;

-- update_webhook --
-- Write an endpoint, but for its place in the log.
update webhook set
    url = $3, label = $4, events = $5, secrets = $6, state = $7, detail = $8, failing_since = $9
where workspace = $1 and id = $2
returning 1;

-- delete_webhook --
-- Remove an endpoint with its deliveries.
delete from webhook where workspace = $1 and id = $2
returning 1;

-- webhooks_behind --
-- At most $1 enabled endpoints for which there is more in the log.
select
    w.workspace, w.id, w.url, w.label, w.events, w.secrets, w.state, w.detail, w.since,
    w.failing_since, w.created_at, w.created_by, h.sequenced
from webhook as w
join log_head as h on h.workspace = w.workspace
where w.state = 'enabled' and w.since < h.sequenced
limit $1;

-- move_webhook --
-- Note how far the log has been looked at for an endpoint, and write its deliveries; nothing where
-- somebody else has moved it.
with moved as (
    update webhook set since = $4
    where workspace = $1 and id = $2 and since = $3
    returning 1
),
written as (
    insert into delivery (
        workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
        status, detail, milliseconds
    )
    select n.*
    from unnest($5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[],
                $11::text[], $12::integer[], $13::timestamptz[], $14::timestamptz[],
                $15::timestamptz[], $16::integer[], $17::text[], $18::integer[]) as n
    where exists (select 1 from moved)
    on conflict do nothing
)
select 1 from moved;

-- insert_delivery --
-- One delivery.
insert into delivery (
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict do nothing
returning 1;

-- claim_deliveries --
-- Lease at most $2 deliveries for $3 that are due, the earliest first, of one endpoint at most $4 and of
-- none of $5, and count the attempt. Of those that are due $6 are looked at. Those that another caller
-- is looking at are passed over.
with moment as (
    select coalesce($1::timestamptz, statement_timestamp()) as now
),
due as materialized (
    select d.workspace, d.id, d.webhook_id, d.due_at from delivery as d
    join webhook as w on w.workspace = d.workspace and w.id = d.webhook_id
    where
        d.due_at is not null
        and d.due_at <= coalesce($1::timestamptz, statement_timestamp())
        and (
            d.leased_until is null
            or d.leased_until <= coalesce($1::timestamptz, statement_timestamp())
        )
        and w.state = 'enabled'
        and d.webhook_id <> all ($5::text[])
    order by d.due_at limit $6
    for update of d skip locked
),
ranked as (
    select
        workspace, id, due_at,
        row_number() over (partition by workspace, webhook_id order by due_at) as nth
    from due
),
chosen as materialized (
    select workspace, id from ranked where nth <= $4 order by due_at limit $2
),
claimed as (
    update delivery as d set leased_until = moment.now + $3::interval, attempts = d.attempts + 1
    from chosen, moment
    where d.workspace = chosen.workspace and d.id = chosen.id
    returning
        d.workspace, d.id, d.webhook_id, d.idx, d.type, d.intent_id, d.state, d.attempts, d.due_at,
        d.created_at, d.at, d.status, d.detail, d.milliseconds
)
select
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
from claimed order by due_at, id;

-- settle_delivery --
-- What came of an attempt; where something got through, its endpoint is not failing.
with settled as (
    update delivery set
        state = $4, attempts = $5, due_at = $6, leased_until = null, at = $7, status = $8,
        detail = $9, milliseconds = $10
    where workspace = $1 and id = $2
)
update webhook set failing_since = null
where workspace = $1 and id = $3 and $4 = 'sent' and failing_since is not null
returning 1;

-- fail_webhook --
-- Nothing gets through, since then or before.
update webhook set failing_since = coalesce(failing_since, $3)
where workspace = $1 and id = $2
returning failing_since;

-- delivery_by_id --
-- One delivery.
select
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
from delivery where workspace = $1 and id = $2;

-- deliveries --
-- At most $5 deliveries of endpoint $2 with an id below $4, newest first.
select
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
from delivery
where
    workspace = $1 and webhook_id = $2 and id < $4
    and ($3::text is null or state = $3)
order by id desc limit $5;

-- redeliver --
-- Make deliveries of endpoint $2 due again: those of $3, or those that failed since $4.
update delivery
set
    state = 'due', due_at = coalesce($5::timestamptz, statement_timestamp()), attempts = 0,
    leased_until = null
where
    workspace = $1 and webhook_id = $2
    and case
        when $3::text[] is null then state = 'failed' and at >= $4::timestamptz
        else id = any ($3::text[])
    end
returning 1;

-- delivery_depths --
-- How many deliveries are due, and how many endpoints are failing.
select
    (
        select count(*) from delivery
        where due_at is not null and due_at <= coalesce($1::timestamptz, statement_timestamp())
    ) as due,
    (
        select count(*) from webhook where state = 'enabled' and failing_since is not null
    ) as failing;
