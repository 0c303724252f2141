-- insert_key --
-- A new API key.
insert into api_key (
    workspace, id, kind, hash, hint, label, agent, person_id, created_at, revoked_at
) values {rows};

-- key_by_hash --
-- One API key, revoked or not, by the hash of its secret.
select workspace, id, kind, hash, hint, label, agent, person_id, created_at, revoked_at
from api_key where hash = :hash;

-- page_keys --
-- API keys, newest first.
select workspace, id, kind, hash, hint, label, agent, person_id, created_at, revoked_at
from api_key
where workspace = :workspace and id < :before
order by id desc limit :limit;

-- revoke_key --
-- Revoke a key, unless it has been revoked already.
update api_key set revoked_at = :now
where workspace = :workspace and id = :id and revoked_at is null;

-- key_by_id --
-- Whether there is such a key.
select 1 from api_key where workspace = :workspace and id = :id;

-- insert_sign_in --
-- A one-time sign-in token.
insert into sign_in (workspace, hash, person_id, expires_at) values {rows};

-- spend_sign_in --
-- Take a sign-in token away, so that nobody can spend it again.
delete from sign_in where hash = :hash and expires_at > :now
returning workspace, hash, person_id, expires_at;

-- forget_sign_ins --
-- Drop sign-in tokens that have expired.
delete from sign_in where expires_at <= :now;

-- insert_passkey --
-- A passkey, unless it is somebody's already.
insert into passkey (
    workspace, credential_id, person_id, public_key, label, sign_count, created_at
) values {rows}
on conflict do nothing;

-- passkeys_of_person --
-- The passkeys of one person, oldest first.
select workspace, credential_id, person_id, public_key, label, sign_count, created_at
from passkey where workspace = :workspace and person_id = :person_id;

-- passkey_by_id --
-- One passkey.
select workspace, credential_id, person_id, public_key, label, sign_count, created_at
from passkey where workspace = :workspace and credential_id = :credential_id;

-- use_passkey --
-- Note the counter of a use, which goes up, or stays 0 where the authenticator does not count.
update passkey set sign_count = :sign_count
where
    workspace = :workspace and credential_id = :credential_id
    and (sign_count < :sign_count or (sign_count = 0 and :sign_count = 0));

-- delete_passkey --
-- Take a passkey away.
delete from passkey where workspace = :workspace and credential_id = :credential_id;
