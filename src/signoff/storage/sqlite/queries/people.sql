-- insert_organization --
-- An organization, where it is not there yet.
insert into organization (id, created_at) values (:id, :now) on conflict (id) do nothing;

-- insert_workspace --
-- A workspace, where it is not there yet.
insert into workspace (id, organization, created_at) values (:id, :organization, :now)
on conflict (id) do nothing;

-- workspaces --
-- Every workspace by name.
select id from workspace order by id;

-- insert_person --
-- A person, unless the mail address is taken.
insert into person (
    workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups
) values {rows}
on conflict do nothing;

-- update_person --
-- Everything about a person but who they are and since when.
update person set
    email = :email, name = :name, region = :region, time_zone = :time_zone, disabled = :disabled,
    roles = :roles, groups = :groups
where workspace = :workspace and id = :id;

-- person_by_reference --
-- One person by id or mail address.
select workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups
from person
where workspace = :workspace and id = :reference
union all
select workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups
from person
where workspace = :workspace and email = :reference;

-- page_people --
-- People, newest first.
select workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups
from person
where workspace = :workspace and id < :before
order by id desc limit :limit;

-- insert_person_tokens --
-- Selector tokens that reach a person from now on.
insert into person_token (workspace, token, person_id) values {rows} on conflict do nothing;

-- delete_person_tokens --
-- Selector tokens that reach a person no more.
delete from person_token where (workspace, token, person_id) in (values {rows});

-- reached_people --
-- Everybody enabled whom one of the tokens in :tokens, a JSON array, reaches.
select distinct
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups
from json_each(:tokens) as asked
cross join person_token as k on k.workspace = :workspace and k.token = asked.value
cross join person as p on p.workspace = k.workspace and p.id = k.person_id and p.disabled = 0
order by p.id limit :limit;
