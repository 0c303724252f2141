-- last_beat --
-- When a server was last alive. Whoever beats meanwhile waits for us, or we for them.
select at from heartbeat where one for update;

-- beat --
-- A server is alive; the moment, which is $1 or the present, never goes back.
insert into heartbeat (one, at) values (true, coalesce($1::timestamptz, clock_timestamp()))
on conflict (one) do update set at = greatest(heartbeat.at, excluded.at)
returning at;

-- record_outage --
-- A time in which no server was alive.
insert into outage (start_at, end_at) values ($1, $2);

-- outage_to_recover --
-- The oldest outage that nobody has recovered from yet.
select id, start_at, end_at from outage where recovered_at is null order by id limit 1;

-- finish_outage --
-- Everything that an outage held up has been dealt with.
update outage set recovered_at = coalesce($2::timestamptz, statement_timestamp())
where id = $1 and recovered_at is null;

-- dedicate --
-- Say what the database is for, where nobody has said so before.
insert into dedication (one, use) values (true, $1) on conflict do nothing;

-- dedicated --
-- What the database is for.
select use from dedication where one;
