-- insert_webhook --
-- An endpoint, which is told of what has its place in the log from now on.
insert into webhook (
    workspace, id, url, label, events, secrets, state, detail, failing_since, created_at,
    created_by, since
)
values (
    :workspace, :id, :url, :label, :events, :secrets, :state, :detail, :failing_since,
    :created_at, :created_by,
    coalesce((select sequenced from log_head where workspace = :workspace), 0)
)
returning since;

-- webhook_by_id --
-- One endpoint.
select
    workspace, id, url, label, events, secrets, state, detail, since, failing_since, created_at,
    created_by
from webhook where workspace = :workspace and id = :id;

-- webhooks --
-- All endpoints of a workspace.
select
    workspace, id, url, label, events, secrets, state, detail, since, failing_since, created_at,
    created_by
from webhook where workspace = :workspace;

-- update_webhook --
-- Write an endpoint, but for its place in the log.
update webhook set
    url = :url, label = :label, events = :events, secrets = :secrets, state = :state,
    detail = :detail, failing_since = :failing_since
where workspace = :workspace and id = :id;

-- delete_webhook --
-- Remove an endpoint with its deliveries.
delete from webhook where workspace = :workspace and id = :id;

-- webhooks_behind --
-- Enabled endpoints for which there is more in the log.
select
    w.workspace, w.id, w.url, w.label, w.events, w.secrets, w.state, w.detail, w.since,
    w.failing_since, w.created_at, w.created_by, h.sequenced
from webhook as w indexed by webhook_enabled
cross join log_head as h on h.workspace = w.workspace
where w.state = 'enabled' and w.since < h.sequenced
limit :limit;

-- move_webhook --
-- Note how far the log has been looked at for an endpoint.
update webhook set since = :since
where workspace = :workspace and id = :id and since = :expected;

-- insert_deliveries --
-- Deliveries; one whose id is there is left as it is.
insert into delivery (
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
) values {rows}
on conflict do nothing;

-- due_deliveries --
-- Deliveries that are due, the earliest first, of one endpoint at most :each. Of those that are due
-- so many are looked at as :window says.
select
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
from (
    select
        *, row_number() over (partition by workspace, webhook_id order by due_at) as nth
    from (
        select d.* from delivery as d indexed by delivery_by_due
        cross join webhook as w on w.workspace = d.workspace and w.id = d.webhook_id
        where
            d.due_at is not null and d.due_at <= :now
            and (d.leased_until is null or d.leased_until <= :now)
            and w.state = 'enabled'
            and d.webhook_id not in (select value from json_each(:without))
        order by d.due_at limit :window
    )
)
where nth <= :each
order by due_at limit :limit;

-- lease_deliveries --
-- Lease the deliveries of :refs, a JSON array of [workspace, id], and count the attempt.
update delivery set leased_until = :until, attempts = attempts + 1
from json_each(:refs) as r
where delivery.workspace = r.value ->> 0 and delivery.id = r.value ->> 1;

-- settle_delivery --
-- What came of an attempt.
update delivery set
    state = :state, attempts = :attempts, due_at = :due_at, leased_until = null, at = :at,
    status = :status, detail = :detail, milliseconds = :milliseconds
where workspace = :workspace and id = :id;

-- mend_webhook --
-- Something got through.
update webhook set failing_since = null
where workspace = :workspace and id = :id and failing_since is not null;

-- fail_webhook --
-- Nothing gets through, since then or before.
update webhook set failing_since = coalesce(failing_since, :at)
where workspace = :workspace and id = :id
returning failing_since;

-- delivery_by_id --
-- One delivery.
select
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
from delivery where workspace = :workspace and id = :id;

-- deliveries --
-- Deliveries of one endpoint, newest first.
select
    workspace, id, webhook_id, idx, type, intent_id, state, attempts, due_at, created_at, at,
    status, detail, milliseconds
from delivery
where
    workspace = :workspace and webhook_id = :webhook_id and id < :before
    and (:state is null or state = :state)
order by id desc limit :limit;

-- redeliver --
-- Make deliveries due again: those of :ids, a JSON array, or those that failed since then.
update delivery set
    state = 'due', due_at = :now, attempts = 0, leased_until = null
where
    workspace = :workspace and webhook_id = :webhook_id
    and case
        when :ids is null then state = 'failed' and at >= :since
        else id in (select value from json_each(:ids))
    end;

-- delivery_depths --
-- How many deliveries are due, and how many endpoints are failing.
select
    (select count(*) from delivery where due_at is not null and due_at <= :now),
    (
        select count(*) from webhook indexed by webhook_enabled
        where state = 'enabled' and failing_since is not null
    );
