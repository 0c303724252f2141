-- insert_workspace --
-- A workspace and its organization, where they are not there yet; a row where it is new.
with organization_there as (
    insert into organization (id, created_at) values ($2, coalesce($3::timestamptz, now()))
    on conflict (id) do nothing
)
insert into workspace (id, organization, created_at)
values ($1, $2, coalesce($3::timestamptz, now()))
on conflict (id) do nothing
returning id;

-- workspaces --
-- Every workspace by name.
select id from workspace order by id;

-- insert_settings --
-- The next version of a workspace's settings, unless another one is the latest; a row where it is.
insert into settings (workspace, version, document, saved_at, saved_by)
select $1, $2, $3::json, coalesce($4::timestamptz, statement_timestamp()), $5
where $2 = 1 + (select coalesce(max(version), 0) from settings where workspace = $1)
on conflict do nothing
returning version;

-- insert_person --
-- A person, the addresses $12 that are theirs, and the selector tokens $13 that reach them.
with added as (
    insert into person (
        workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups, details
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9::json, $10::json, $11::json)
    returning workspace, id
),
found_by as (
    insert into person_address (workspace, address, person_id)
    select added.workspace, r.address, added.id
    from added cross join unnest($12::text[]) as r (address)
),
reached as (
    insert into person_token (workspace, token, person_id)
    select added.workspace, r.token, added.id
    from added cross join unnest($13::text[]) as r (token)
)
select id from added;

-- update_person --
-- Everything about a person but who they are and since when, the addresses $11 that are theirs, and
-- the selector tokens $12 that reach them, from now on.
with changed as (
    update person set
        email = $3, name = $4, region = $5, time_zone = $6, disabled = $7, roles = $8::json,
        groups = $9::json, details = $10::json
    where workspace = $1 and id = $2
    returning workspace, id
),
left_behind as (
    delete from person_address
    where workspace = $1 and person_id = $2 and address <> all ($11::text[])
),
found_by as (
    insert into person_address (workspace, address, person_id)
    select changed.workspace, r.address, changed.id
    from changed cross join unnest($11::text[]) as r (address)
    where not exists (
        select 1 from person_address as a
        where a.workspace = $1 and a.address = r.address and a.person_id = $2
    )
),
no_more as (
    delete from person_token
    where workspace = $1 and person_id = $2 and token <> all ($12::text[])
),
reached as (
    insert into person_token (workspace, token, person_id)
    select changed.workspace, r.token, changed.id
    from changed cross join unnest($12::text[]) as r (token)
    on conflict do nothing
)
select id from changed;

-- person_by_reference --
-- One person by id or mail address, an alias too.
select
    workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups, details
from person
where workspace = $1 and id = $2
union all
select
    p.workspace, p.id, p.email, p.name, p.region, p.time_zone, p.disabled, p.created_at, p.roles,
    p.groups, p.details
from person_address as a
join person as p on p.workspace = a.workspace and p.id = a.person_id
where a.workspace = $1 and a.address = $2;

-- page_people --
-- At most $3 people of workspace $1 with an id below $2, newest first.
select
    workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups, details
from person
where workspace = $1 and id < $2
order by id desc limit $3;

-- reached_people --
-- At most $3 people of workspace $1, enabled, whom one of the tokens $2 reaches. "offset 0" keeps the
-- order: whom the tokens name, then each of them; never everybody.
select p.*
from (
    select distinct person_id from person_token where workspace = $1 and token = any ($2::text[])
) as asked
cross join lateral (
    select
        workspace, id, email, name, region, time_zone, disabled, created_at, roles, groups, details
    from person
    where workspace = $1 and id = asked.person_id and not disabled
    offset 0
) as p
order by p.id limit $3;
