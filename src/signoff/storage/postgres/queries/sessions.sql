-- insert_session --
-- A session, in the place of those that have expired by $13.
with expired as (
    delete from session where expires_at <= coalesce($13::timestamptz, statement_timestamp())
)
insert into session (
    workspace, hash, id, person_id, expires_at, created_at, authenticated_at, seen_at, method, strength,
    provider, device
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
returning 1;

-- session_by_hash --
-- A session that has not expired and was not idle for $3, of a person who is not disabled.
select
    s.workspace, s.hash, s.id, s.person_id, s.expires_at, s.created_at, s.authenticated_at,
    s.seen_at, s.method, s.strength, s.provider, s.device
from session as s
join person as p on p.workspace = s.workspace and p.id = s.person_id
where
    s.hash = $1 and s.expires_at > coalesce($2::timestamptz, statement_timestamp())
    and s.seen_at > coalesce($2::timestamptz, statement_timestamp()) - $3::interval
    and not p.disabled;

-- sessions_of_person --
-- The sessions that person $2 has open, the one used last first.
select
    workspace, hash, id, person_id, expires_at, created_at, authenticated_at, seen_at, method, strength,
    provider, device
from session
where
    workspace = $1 and person_id = $2
    and expires_at > coalesce($3::timestamptz, statement_timestamp())
    and seen_at > coalesce($3::timestamptz, statement_timestamp()) - $4::interval
order by seen_at desc, id desc;

-- see_session --
-- A session is used.
update session set seen_at = coalesce($2::timestamptz, statement_timestamp()) where hash = $1
returning 1;

-- delete_session --
-- End a session.
delete from session where hash = $1
returning 1;

-- end_some_sessions --
-- End those of the sessions of person $2 whose ids are $3.
delete from session where workspace = $1 and person_id = $2 and id = any ($3::text[])
returning 1;
