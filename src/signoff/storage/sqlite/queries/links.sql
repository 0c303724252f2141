-- insert_link --
-- A link.
insert into link (
    hash, workspace, kind, person_id, task_id, notice_id, view_digest, outcomes, expires_at,
    created_at, spent_at, code, wrong
) values {rows};

-- forget_links --
-- Drop links that expired before then.
delete from link where expires_at < :before;

-- load_links --
-- The links whose hashes are in :refs, a JSON array of [hash].
select
    l.hash, l.workspace, l.kind, l.person_id, l.task_id, l.notice_id, l.view_digest, l.outcomes,
    l.expires_at, l.created_at, l.spent_at, l.code, l.wrong
from json_each(:refs) as r
cross join link as l on l.hash = r.value ->> 0;

-- spend_links --
-- Spend links that have not been spent.
with new (hash, spent_at) as (values {rows})
update link set spent_at = new.spent_at
from new
where link.hash = new.hash and link.spent_at is null;

-- miss_link --
-- Count a wrong code.
update link set wrong = wrong + 1
where hash = :hash and spent_at is null
returning wrong;
