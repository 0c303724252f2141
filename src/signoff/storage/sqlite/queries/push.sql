-- keep_subscription --
-- A browser that rings, in the place of the same one.
insert into push_subscription (
    workspace, id, person_id, endpoint, p256dh, auth, device, created_at
) values {rows}
on conflict (workspace, id) do update set
    person_id = excluded.person_id, p256dh = excluded.p256dh, auth = excluded.auth,
    device = excluded.device, created_at = excluded.created_at;

-- subscriptions_of --
-- The browsers that ring for these people, the oldest first.
select workspace, person_id, endpoint, p256dh, auth, device, created_at
from push_subscription indexed by push_subscription_by_person
where workspace = :workspace and person_id in (select value from json_each(:person_ids))
order by created_at, id;

-- drop_subscription --
-- A browser that rings no more.
delete from push_subscription where workspace = :workspace and id = :id;

-- server_secret --
-- What the servers of this database share.
select value from server_secret where name = :name;

-- keep_server_secret --
-- The first to share it decides what it is.
insert into server_secret (name, value, made_at) values {rows} on conflict (name) do nothing;
