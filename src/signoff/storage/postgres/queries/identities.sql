-- insert_identity --
-- A subject that stands for a person, unless it stands for somebody already.
insert into identity (workspace, issuer, subject, person_id, label, created_at)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning 1;

-- identities_of_subject --
-- Whom subject $2 of issuer $1 stands for, in whichever workspaces.
select workspace, issuer, subject, person_id, label, created_at
from identity
where issuer = $1 and subject = $2;

-- identities_of_person --
-- Everything that stands for person $2 of workspace $1.
select workspace, issuer, subject, person_id, label, created_at
from identity
where workspace = $1 and person_id = $2
order by created_at, subject;

-- subjects_of_people --
-- As whom issuer $2 knows people $3 of workspace $1.
select person_id, subject
from identity
where workspace = $1 and issuer = $2 and person_id = any ($3::text[]);

-- delete_identity --
-- Let a subject stand for nobody.
delete from identity where workspace = $1 and issuer = $2 and subject = $3
returning 1;
