-- Tasks are written in another form from here on, which has a schedule. Those of the older form
-- could not be read, so a database that holds any is refused before anything is changed.
do $$
begin
    if exists (select 1 from task where document -> 'schedule' is null) then
        raise exception 'it holds tasks that a version before the first release wrote';
    end if;
end
$$;

-- Aliases, attributes, calendar and absences: read with the person, never searched for.
alter table person add column details json not null default '{}';

-- Every address that is somebody's, main or alias, so that none is two people's.
create table person_address (
    workspace text collate "C" not null,
    address text collate "C" not null,
    person_id text collate "C" not null,
    primary key (workspace, address),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index person_address_by_person on person_address (workspace, person_id);

insert into person_address (workspace, address, person_id)
select workspace, email, id from person;

-- What a region makes reachable, by the tokens of attributes.
insert into person_token (workspace, token, person_id)
select k.workspace, k.token || '@region:' || p.region, k.person_id
from person as p
join person_token as k on k.workspace = p.workspace and k.person_id = p.id
where p.region is not null and k.token not like 'person:%';

-- Every version of a workspace's settings, with who wrote it.
create table settings (
    workspace text collate "C" not null references workspace (id),
    version bigint not null check (version > 0),
    document json not null,
    saved_at timestamptz not null,
    saved_by text not null,
    primary key (workspace, version)
);

create trigger settings_are_never_rewritten before update on settings for each row
execute function refuse_change('a version of the settings is never rewritten');

create trigger settings_are_never_deleted before delete on settings for each row
execute function refuse_change('a version of the settings is never deleted');

-- A timer is due either by its own time, or by the end of a lease that somebody let lapse.
drop index timer_by_due;
create index timer_by_due on timer (due_at) where leased_until is null;
create index timer_by_lease on timer (leased_until) where leased_until is not null;

-- When a server was last alive, in one row; and the times in which none was.
create table heartbeat (
    one boolean primary key check (one),
    at timestamptz not null
);

create table outage (
    id bigint generated always as identity primary key,
    start_at timestamptz not null,
    end_at timestamptz not null,
    recovered_at timestamptz,
    check (start_at < end_at)
);

create index outage_to_recover on outage (id) where recovered_at is null;

-- What the database is for, in one row once that has been said.
create table dedication (
    one boolean primary key check (one),
    use text not null check (use in ('live', 'test'))
);

-- One that has been used already never becomes one for tests.
insert into dedication (one, use)
select true, 'live' where exists (select 1 from workspace);

-- The planner is shown rows of the usual kind, as the migration before this one explains: of what is
-- new, and of timers again, for new indexes made it forget how many it had seen.
insert into organization (id, created_at) values ('shown', now());
insert into workspace (id, organization, created_at) values ('shown/once', 'shown', now());

insert into intent (
    workspace, id, type, title, agent, handled, status, waiting_reason, seq, submitted_at,
    updated_at, payload, progress
)
select
    'shown/once', 'int_' || n, 'shown', 'shown', 'agent-' || n % 5, true, 'WAITING',
    'WAITING_FOR_HUMAN', 3, now(), now(), '{}', '{}'
from generate_series(1, 400) as n;

insert into timer (workspace, intent_id, task_id, kind, due_at, leased_until)
select
    'shown/once', 'int_' || n, 'task_' || n, 'rung', now() + n * interval '1 second',
    case when n % 20 = 0 then now() + n * interval '1 second' end
from generate_series(1, 400) as n;

insert into person (workspace, id, email, name, disabled, created_at, roles, groups)
select 'shown/once', 'per_' || n, 'shown-' || n, 'shown', false, now(), '[]', '[]'
from generate_series(1, 400) as n;

insert into person_address (workspace, address, person_id)
select 'shown/once', address, 'per_' || n
from generate_series(1, 400) as n
cross join lateral (values ('shown-' || n), ('shown-too-' || n)) as a (address);

analyze person_address, timer;

delete from person_address where workspace = 'shown/once';
delete from person where workspace = 'shown/once';
delete from timer where workspace = 'shown/once';
delete from intent where workspace = 'shown/once';
delete from workspace where id = 'shown/once';
delete from organization where id = 'shown';
