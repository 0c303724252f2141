-- insert_key --
-- A new API key.
insert into api_key (
    workspace, id, kind, hash, hint, label, agent, person_id, created_at, revoked_at
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
returning 1;

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
-- Revoke a key, unless it has been revoked already.
update api_key
set revoked_at = coalesce($3::timestamptz, clock_timestamp())
where workspace = $1 and id = $2 and revoked_at is null
returning 1;

-- key_by_id --
-- Whether there is such a key.
select 1 from api_key where workspace = $1 and id = $2;

-- insert_sign_in --
-- A one-time sign-in token, in the place of those that have expired by $5.
with expired as (
    delete from sign_in where expires_at <= coalesce($5::timestamptz, statement_timestamp())
)
insert into sign_in (workspace, hash, person_id, expires_at) values ($1, $2, $3, $4)
returning 1;

-- spend_sign_in --
-- Take a sign-in token away, so that nobody can spend it again.
delete from sign_in
where hash = $1 and expires_at > coalesce($2::timestamptz, statement_timestamp())
returning workspace, hash, person_id, expires_at;

-- insert_passkey --
-- A passkey, unless it is somebody's already.
insert into passkey (
    workspace, credential_id, person_id, public_key, label, sign_count, created_at
) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning 1;

-- passkeys_of_person --
-- The passkeys of one person, oldest first.
select workspace, credential_id, person_id, public_key, label, sign_count, created_at
from passkey where workspace = $1 and person_id = $2
order by created_at, credential_id;

-- passkey_by_id --
-- Passkey $2.
select workspace, credential_id, person_id, public_key, label, sign_count, created_at
from passkey where workspace = $1 and credential_id = $2;

-- use_passkey --
-- Note the counter of a use, which goes up, or stays 0 where the authenticator does not count.
update passkey set sign_count = $3
where
    workspace = $1 and credential_id = $2
    and (sign_count < $3 or (sign_count = 0 and $3 = 0))
returning 1;

-- delete_passkey --
-- Take a passkey away.
delete from passkey where workspace = $1 and credential_id = $2
returning 1;
