-- Tasks are written in another form from here on, which has a schedule. Those of the older form
-- could not be read, so a database that holds any is refused before anything is changed.
create temp table refused (found integer);
create temp trigger refuses before insert on refused when new.found > 0
begin
    select raise(abort, 'it holds tasks that a version before the first release wrote');
end;
insert into refused
select count(*) from main.task where json_type(document, '$.schedule') is null;
drop table refused;

-- Aliases, attributes, calendar and absences: read with the person, never searched for.
alter table person add column details text not null default '{}';

-- Every address that is somebody's, main or alias, so that none is two people's.
create table person_address (
    workspace text not null,
    address text not null check (address = lower(address)),
    person_id text not null,
    primary key (workspace, address),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

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
    workspace text not null references workspace (id),
    version integer not null check (version > 0),
    document text not null,
    saved_at integer not null,
    saved_by text not null,
    primary key (workspace, version)
) strict;

create trigger settings_are_never_rewritten before update on settings
begin
    select raise(abort, 'a version of the settings is never rewritten');
end;

create trigger settings_are_never_deleted before delete on settings
begin
    select raise(abort, 'a version of the settings is never deleted');
end;

-- A timer is due either by its own time, or by the end of a lease that somebody let lapse.
drop index timer_by_due;
create index timer_by_due on timer (due_at) where leased_until is null;
create index timer_by_lease on timer (leased_until) where leased_until is not null;

-- When a server was last alive, in one row; and the times in which none was.
create table heartbeat (
    only integer primary key check (only = 1),
    at integer not null
) strict;

create table outage (
    id integer primary key autoincrement,
    start_at integer not null,
    end_at integer not null,
    recovered_at integer,
    check (start_at < end_at)
) strict;

create index outage_to_recover on outage (id) where recovered_at is null;

-- What the database is for, in one row once that has been said.
create table dedication (
    only integer primary key check (only = 1),
    use text not null check (use in ('live', 'test'))
) strict;

-- One that has been used already never becomes one for tests.
insert into dedication (only, use)
select 1, 'live' where exists (select 1 from workspace);
