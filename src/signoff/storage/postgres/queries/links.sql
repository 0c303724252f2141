-- insert_link --
-- A link, in the place of those that expired before $14.
with expired as (
    delete from link where expires_at < $14::timestamptz
)
insert into link (
    hash, workspace, kind, person_id, task_id, notice_id, view_digest, outcomes, expires_at,
    created_at, spent_at, code, wrong
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
returning 1;

-- load_links --
-- The links of the hashes $1.
select
    hash, workspace, kind, person_id, task_id, notice_id, view_digest, outcomes, expires_at,
    created_at, spent_at, code, wrong
from link where hash = any ($1::text[]);

-- spend_links --
-- Spend links that have not been spent.
update link as l set spent_at = n.spent_at
from unnest($1::text[], $2::timestamptz[]) as n (hash, spent_at)
where l.hash = n.hash and l.spent_at is null
returning 1;

-- miss_link --
-- Count a wrong code.
update link set wrong = wrong + 1
where hash = $1 and spent_at is null
returning wrong;
