-- insert_session --
-- A session.
insert into session (
    workspace, hash, id, person_id, expires_at, created_at, authenticated_at, seen_at, method, strength,
    provider, device
) values {rows};

-- session_by_hash --
-- A session that has not expired and was not idle for long, of a person who is not disabled.
select
    s.workspace, s.hash, s.id, s.person_id, s.expires_at, s.created_at, s.authenticated_at,
    s.seen_at, s.method, s.strength, s.provider, s.device
from session as s
join person as p on p.workspace = s.workspace and p.id = s.person_id
where s.hash = :hash and s.expires_at > :now and s.seen_at > :idle and p.disabled = 0;

-- sessions_of_person --
-- The sessions that somebody has open.
select
    workspace, hash, id, person_id, expires_at, created_at, authenticated_at, seen_at, method, strength,
    provider, device
from session indexed by session_by_person
where
    workspace = :workspace and person_id = :person_id and expires_at > :now and seen_at > :idle;

-- see_session --
-- A session is used.
update session set seen_at = :now where hash = :hash;

-- delete_session --
-- End a session.
delete from session where hash = :hash;

-- end_some_sessions --
-- End those of somebody's sessions whose ids are in :ids, a JSON array.
delete from session indexed by session_by_person
where
    workspace = :workspace and person_id = :person_id
    and id in (select value from json_each(:ids));

-- forget_sessions --
-- Drop sessions that have expired.
delete from session where expires_at <= :now;
