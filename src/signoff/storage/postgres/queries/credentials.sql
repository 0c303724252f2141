-- insert_key --
-- A new API key.
insert into api_key (
    workspace, id, kind, hash, hint, label, agent, person_id, created_at, revoked_at
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- key_by_hash --
-- One API key, revoked or not, by the hash of its secret.
select workspace, id, kind, hash, hint, label, agent, person_id, created_at, revoked_at
from api_key where hash = $1;

-- page_keys --
-- At most $3 API keys of workspace $1 with an id below $2, newest first.
select workspace, id, kind, hash, hint, label, agent, person_id, created_at, revoked_at
from api_key
where workspace = $1 and id < $2
order by id desc limit $3;

-- revoke_key --
-- Revoke a key; revoking it again keeps the first moment.
update api_key
set revoked_at = coalesce(revoked_at, $3::timestamptz, clock_timestamp())
where workspace = $1 and id = $2
returning id;

-- insert_sign_in --
-- A one-time sign-in token, in the place of those that have expired by $5.
with expired as (
    delete from sign_in where expires_at <= coalesce($5::timestamptz, statement_timestamp())
)
insert into sign_in (workspace, hash, person_id, expires_at) values ($1, $2, $3, $4);

-- spend_sign_in --
-- Take a sign-in token away, so that nobody can spend it again.
delete from sign_in
where hash = $1 and expires_at > coalesce($2::timestamptz, statement_timestamp())
returning workspace, hash, person_id, expires_at;

-- insert_session --
-- A session, in the place of those that have expired by $5.
with expired as (
    delete from session where expires_at <= coalesce($5::timestamptz, statement_timestamp())
)
insert into session (workspace, hash, person_id, expires_at) values ($1, $2, $3, $4);

-- session_by_hash --
-- A session that has not expired, of a person who is not disabled.
select s.workspace, s.hash, s.person_id, s.expires_at
from session as s
join person as p on p.workspace = s.workspace and p.id = s.person_id
where
    s.hash = $1 and s.expires_at > coalesce($2::timestamptz, statement_timestamp())
    and not p.disabled;

-- delete_session --
-- End a session.
delete from session where hash = $1;
