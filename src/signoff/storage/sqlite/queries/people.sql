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
    workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups, details
) values {rows}
on conflict do nothing;

-- update_person --
-- Everything about a person but who they are and since when.
update person set
    email = :email, name = :name, region = :region, time_zone = :time_zone, disabled = :disabled,
    roles = :roles, groups = :groups, details = :details
where workspace = :workspace and id = :id;

-- insert_addresses --
-- Addresses that are a person's from now on.
insert into person_address (workspace, address, person_id) values {rows};

-- delete_addresses --
-- Addresses that are a person's no more.
delete from person_address where (workspace, address, person_id) in (values {rows});

-- address_of_another --
-- One of the addresses in :addresses, a JSON array, that is not this person's but somebody's.
select a.address
from json_each(:addresses) as asked
cross join person_address as a on a.workspace = :workspace and a.address = asked.value
where a.person_id <> :id limit 1;

-- person_by_reference --
-- One person by id or mail address, an alias too.
select
    workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups, details
from person
where workspace = :workspace and id = :reference
union all
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups, p.details
from person_address as a
cross join person as p on p.workspace = a.workspace and p.id = a.person_id
where a.workspace = :workspace and a.address = :reference;

-- page_people --
-- People, newest first.
select
    workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups, details
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
    p.groups, p.details
from json_each(:tokens) as asked
cross join person_token as k on k.workspace = :workspace and k.token = asked.value
cross join person as p on p.workspace = k.workspace and p.id = k.person_id and p.disabled = 0
order by p.id limit :limit;

-- insert_settings --
-- The next version of a workspace's settings, unless another one is the latest.
insert into settings (workspace, version, document, saved_at, saved_by)
select :workspace, :version, :document, :now, :by
where :version = 1 + (
    select coalesce(max(version), 0) from settings where workspace = :workspace
);
