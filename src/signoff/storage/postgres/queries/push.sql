-- keep_subscription --
-- A browser that rings, in the place of the same one.
insert into push_subscription (
    workspace, id, person_id, endpoint, p256dh, auth, device, created_at
) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (workspace, id) do update set
    person_id = excluded.person_id, p256dh = excluded.p256dh, auth = excluded.auth,
    device = excluded.device, created_at = excluded.created_at
returning 1;

-- subscriptions_of --
-- The browsers that ring for people $2, the oldest first.
select workspace, person_id, endpoint, p256dh, auth, device, created_at
from push_subscription
where workspace = $1 and person_id = any($2::text[])
order by created_at, id;

-- drop_subscription --
-- Browser $2 rings no more.
delete from push_subscription where workspace = $1 and id = $2
returning 1;

-- server_secret --
-- What the servers of this database share.
select value from server_secret where name = $1;

-- keep_server_secret --
-- The first to share it decides what it is.
insert into server_secret (name, value, made_at) values ($1, $2, $3)
on conflict (name) do nothing
returning 1;
