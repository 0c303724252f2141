-- last_beat --
-- When a server was last alive.
select at from heartbeat where only = 1;

-- beat --
-- A server is alive; the moment never goes back.
insert into heartbeat (only, at) values (1, :now)
on conflict (only) do update set at = max(at, excluded.at);

-- record_outage --
-- A time in which no server was alive.
insert into outage (start_at, end_at) values (:start, :end);

-- outage_to_recover --
-- The oldest outage that nobody has recovered from yet.
select id, start_at, end_at from outage where recovered_at is null order by id limit 1;

-- finish_outage --
-- Everything that an outage held up has been dealt with.
update outage set recovered_at = :now where id = :id and recovered_at is null;

-- dedicate --
-- Say what the database is for, where nobody has said so before.
insert into dedication (only, use) values (1, :use) on conflict do nothing;

-- dedicated --
-- What the database is for.
select use from dedication where only = 1;
