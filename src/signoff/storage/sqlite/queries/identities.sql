-- insert_identity --
-- A subject that stands for a person, unless it stands for somebody already.
insert into identity (workspace, issuer, subject, person_id, label, created_at) values {rows}
on conflict do nothing;

-- identities_of_subject --
-- Whom a subject stands for, in whichever workspaces.
select workspace, issuer, subject, person_id, label, created_at
from identity indexed by identity_by_subject
where issuer = :issuer and subject = :subject;

-- identities_of_person --
-- Everything that stands for a person.
select workspace, issuer, subject, person_id, label, created_at
from identity indexed by identity_by_person
where workspace = :workspace and person_id = :person_id;

-- subjects_of_people --
-- As whom an issuer knows the people of :ids, a JSON array.
select i.person_id, i.subject
from json_each(:ids) as asked
cross join identity as i indexed by identity_by_person on
    i.workspace = :workspace and i.person_id = asked.value
where i.issuer = :issuer;

-- delete_identity --
-- Let a subject stand for nobody.
delete from identity where workspace = :workspace and issuer = :issuer and subject = :subject;
