-- Whatever happens becomes one leaf of its workspace's log: events of intents, and facts beside them.
-- The leaf is the exact text that is hashed; data, salts and labels beside it can be erased, and
-- ``erased``, a JSON array, then names what is gone. What happened before there was a log has no leaf.
alter table event add column leaf text not null default '';
alter table event add column salts text not null default '';
alter table event add column erased text not null default '[]';

-- Rows are read whole: what fits a page is neither compressed nor moved out of its row.
alter table event set (toast_tuple_target = 8160);

drop trigger event_is_never_rewritten on event;
create trigger event_is_never_rewritten before update on event for each row
when (
    (old.workspace, old.intent_id, old.seq, old.type, old.at, old.leaf)
    is distinct from (new.workspace, new.intent_id, new.seq, new.type, new.at, new.leaf)
    or json_array_length(new.erased::json) <= json_array_length(old.erased::json)
)
execute function refuse_change('what has happened is never rewritten, but to erase');

create table fact (
    workspace text collate "C" not null,
    id text collate "C" not null,
    type text collate "C" not null,
    at timestamptz not null,
    actor json not null,
    intent_id text collate "C",
    task_id text collate "C",
    data json not null,
    leaf text not null,
    salts text not null,
    erased text not null default '[]',
    primary key (workspace, id)
) with (toast_tuple_target = 8160);

create index fact_by_intent on fact (workspace, intent_id) where intent_id is not null;

-- Whom a fact is about, and who brought it about: for erasing what is said of a person.
create index fact_by_person on fact (workspace, (data ->> 'person_id') collate "C")
where data ->> 'person_id' is not null;
create index fact_by_actor on fact (workspace, (actor ->> 'id') collate "C")
where actor ->> 'kind' = 'person';

create index fact_by_credential on fact (workspace, (data ->> 'credential_id') collate "C")
where type = 'passkey.added';

create trigger fact_is_never_rewritten before update on fact for each row
when (
    (old.workspace, old.id, old.type, old.at, old.intent_id, old.task_id, old.leaf)
    is distinct from
    (new.workspace, new.id, new.type, new.at, new.intent_id, new.task_id, new.leaf)
    or json_array_length(new.erased::json) <= json_array_length(old.erased::json)
)
execute function refuse_change('what has happened is never rewritten, but to erase');

create trigger fact_is_never_deleted before delete on fact for each row
execute function refuse_change('the log never shrinks');

create trigger fact_is_never_emptied before truncate on fact for each statement
execute function refuse_change('the log never shrinks');


-- Leaves that have no place in the log yet, all of one statement in one row. Positions are given as
-- rows are written, not as they are committed: what counts is which rows a sequencer sees.
create table log_pending (
    workspace text collate "C" not null,
    position bigint generated always as identity,
    sources text[] collate "C" not null,
    seqs bigint[] not null,
    moments timestamptz[] not null,
    primary key (workspace, position)
);

-- Queued by the database itself, so that nothing with a leaf can be written past the log, and so
-- that a fact that was there already is not queued again.
create function queue_events() returns trigger language plpgsql as $$
begin
    insert into log_pending (workspace, sources, seqs, moments)
    select
        workspace, array_agg(intent_id order by intent_id, seq),
        array_agg(seq order by intent_id, seq), array_agg(at order by intent_id, seq)
    from added where leaf <> '' group by workspace;
    return null;
end;
$$;

create trigger events_are_queued after insert on event
referencing new table as added for each statement execute function queue_events();

create function queue_facts() returns trigger language plpgsql as $$
begin
    insert into log_pending (workspace, sources, seqs, moments)
    select
        workspace, array_agg(id order by id), array_agg(0 order by id), array_agg(at order by id)
    from added where leaf <> '' group by workspace;
    return null;
end;
$$;

create trigger facts_are_queued after insert on fact
referencing new table as added for each statement execute function queue_facts();

-- One place of a workspace's log. ``source`` is an intent, or with seq 0 a fact; ``recorded_at`` is
-- when it happened, as its row says.
create table log_entry (
    workspace text collate "C" not null,
    idx bigint not null check (idx >= 0),
    source text collate "C" not null,
    seq bigint not null,
    recorded_at timestamptz not null,
    primary key (workspace, idx) include (recorded_at),
    unique (workspace, source, seq)
);

create trigger log_entry_is_never_moved before update on log_entry for each row
execute function refuse_change('a place in the log is given once');

create trigger log_entry_is_never_deleted before delete on log_entry for each row
execute function refuse_change('the log never shrinks');

create trigger log_entry_is_never_emptied before truncate on log_entry for each statement
execute function refuse_change('the log never shrinks');

-- How far each workspace's log has come: places given, and places under the published checkpoint.
create table log_head (
    workspace text collate "C" primary key references workspace (id),
    origin text not null,
    sequenced bigint not null,
    size bigint not null check (size >= 0),
    checkpoint text,
    published_at timestamptz,
    check (sequenced >= size)
);

create index log_head_behind on log_head (workspace) where sequenced > size;

create trigger log_head_never_goes_back before update on log_head for each row
when (
    (old.workspace, old.origin) is distinct from (new.workspace, new.origin)
    or new.size < old.size or new.sequenced < old.sequenced
    or (old.checkpoint is not null and new.checkpoint is null)
)
execute function refuse_change('the log never shrinks');

create trigger log_head_is_never_deleted before delete on log_head for each row
execute function refuse_change('the log never shrinks');

create table log_tile (
    workspace text collate "C" not null,
    level integer not null check (level >= 0),
    n bigint not null check (n >= 0),
    hashes bytea not null,
    primary key (workspace, level, n)
);

create trigger log_tile_only_grows before update on log_tile for each row
when (
    (old.workspace, old.level, old.n) is distinct from (new.workspace, new.level, new.n)
    or substr(new.hashes, 1, length(old.hashes)) is distinct from old.hashes
)
execute function refuse_change('the log never shrinks');

create trigger log_tile_is_never_deleted before delete on log_tile for each row
execute function refuse_change('the log never shrinks');

create table log_key (
    workspace text collate "C" not null references workspace (id),
    generation integer not null,
    secret bytea not null,
    public bytea not null,
    made_at timestamptz not null,
    retired_at timestamptz,
    primary key (workspace, generation)
);

-- What somebody else holds of a checkpoint, or why they do not.
create table log_anchor (
    workspace text collate "C" not null references workspace (id),
    id text collate "C" not null,
    kind text not null check (kind in ('file', 'git', 'mail', 'timestamp', 'witness')),
    name text not null,
    size bigint not null,
    checkpoint text not null,
    at timestamptz not null,
    evidence text,
    detail text,
    primary key (workspace, id)
);

create index log_anchor_by_time on log_anchor (workspace, at, id);


create table legal_hold (
    workspace text collate "C" not null references workspace (id),
    id text collate "C" not null,
    scope text not null check (scope in ('intent', 'subject', 'retention', 'workspace')),
    target text not null,
    reason text not null,
    placed_by text not null,
    placed_at timestamptz not null,
    lifted_at timestamptz,
    primary key (workspace, id)
);

-- When somebody was first shown a task, in each form it had.
create table task_view (
    workspace text collate "C" not null,
    task_id text collate "C" not null,
    person_id text collate "C" not null,
    view_digest text collate "C" not null,
    first_at timestamptz not null,
    primary key (workspace, task_id, person_id, view_digest),
    foreign key (workspace, task_id) references task (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id)
);

create table passkey (
    workspace text collate "C" not null,
    credential_id text collate "C" not null,
    person_id text collate "C" not null,
    public_key text not null,
    label text,
    sign_count bigint not null,
    created_at timestamptz not null,
    primary key (workspace, person_id, credential_id),
    unique (workspace, credential_id),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index api_key_by_person on api_key (workspace, person_id) where person_id is not null;
create index sign_in_by_person on sign_in (workspace, person_id);
create index session_by_person on session (workspace, person_id);


-- Whose data an intent holds, and by whose rule it is erased. ``erased_at`` is when something of it
-- was last erased, ``erased`` whether nothing is left to erase.
alter table intent alter column on_behalf_of type text collate "C";
alter table intent add column subject text collate "C";
alter table intent add column retention_class text collate "C";
alter table intent add column erased_at timestamptz;
alter table intent add column erased boolean not null default false;

create index intent_by_subject on intent (workspace, subject) where subject is not null;
create index intent_by_principal on intent (workspace, on_behalf_of)
where on_behalf_of is not null;
create index intent_by_retention on intent (workspace, retention_class, updated_at)
where retention_class is not null and not erased;

drop trigger intent_ends_for_good on intent;
create trigger intent_ends_for_good before update on intent for each row
when (
    old.status in ('COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT')
    and (
        new.erased_at is null
        or (
            old.workspace, old.id, old.type, old.agent, old.handled, old.status,
            old.waiting_reason, old.seq, old.submitted_at, old.updated_at, old.deadline_at,
            old.retention_class
        ) is distinct from (
            new.workspace, new.id, new.type, new.agent, new.handled, new.status,
            new.waiting_reason, new.seq, new.submitted_at, new.updated_at, new.deadline_at,
            new.retention_class
        )
    )
)
execute function refuse_change('a terminal intent never changes, but to erase');

create function keep_decision() returns trigger language plpgsql as $$
begin
    if (
        old.workspace, old.id, old.intent_id, old.agent, old.type, old.state, old.outcome,
        old.opened_at, old.closed_at
    ) is distinct from (
        new.workspace, new.id, new.intent_id, new.agent, new.type, new.state, new.outcome,
        new.opened_at, new.closed_at
    ) or not exists (
        select 1 from intent
        where workspace = old.workspace and id = old.intent_id and erased_at is not null
    ) then
        raise exception 'a decision is written once: a closed task changes but to erase'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end;
$$;

drop trigger task_closes_for_good on task;
create trigger task_closes_for_good before update on task for each row
when (old.closed_at is not null)
execute function keep_decision();


-- The planner is shown rows of the usual kind, as the second migration explains: of what is new, and
-- of what has a new index.
alter table fact disable trigger user;
alter table event disable trigger user;
alter table log_entry disable trigger user;
alter table log_head disable trigger user;
alter table log_tile disable trigger user;

insert into organization (id, created_at) values ('shown', now());
insert into workspace (id, organization, created_at) values ('shown/once', 'shown', now());

insert into log_head (workspace, origin, sequenced, size)
values ('shown/once', 'shown', 1600, 800);

insert into intent (
    workspace, id, type, title, agent, on_behalf_of, handled, status, waiting_reason, seq,
    submitted_at, updated_at, payload, progress, subject, retention_class
)
select
    'shown/once', 'int_' || n, 'shown', 'shown', 'agent-' || n % 5,
    case when n % 2 = 0 then 'somebody-' || n end, true,
    case when n % 4 = 0 then 'COMPLETED' else 'WAITING' end,
    case when n % 4 = 0 then null else 'WAITING_FOR_HUMAN' end,
    3, now() + n * interval '1 second', now() + n * interval '1 second', '{}', '{}',
    case when n % 2 = 0 then 'subject-' || n end, case when n % 2 = 0 then 'class-' || n % 5 end
from generate_series(1, 400) as n;

insert into event (workspace, intent_id, seq, type, at, actor, data, leaf)
select 'shown/once', 'int_' || n, seq, 'shown', now() + n * interval '1 second', '{}', '{}', '{}'
from generate_series(1, 400) as n cross join generate_series(1, 3) as seq;

insert into fact (workspace, id, type, at, actor, intent_id, data, leaf, salts)
select
    'shown/once', 'fact_' || n, case when n % 5 = 0 then 'passkey.added' else 'shown' end,
    now() + n * interval '1 second',
    json_build_object('kind', case when n % 2 = 0 then 'person' else 'agent' end, 'id', 'per_' || n),
    case when n % 2 = 0 then 'int_' || n end,
    json_build_object('person_id', 'per_' || n, 'credential_id', 'key_' || n), '{}', '{}'
from generate_series(1, 400) as n;

insert into log_pending (workspace, sources, seqs, moments)
select 'shown/once', array['int_' || n], array[1], array[now()] from generate_series(1, 400) as n;

insert into log_entry (workspace, idx, source, seq, recorded_at)
select
    'shown/once', n, case when n < 1200 then 'int_' || n / 3 else 'fact_' || n end,
    case when n < 1200 then n % 3 + 1 else 0 end, now() + n * interval '1 second'
from generate_series(0, 1599) as n;

insert into log_tile (workspace, level, n, hashes)
select 'shown/once', n % 2, n, '' from generate_series(1, 400) as n;

insert into log_anchor (workspace, id, kind, name, size, checkpoint, at)
select 'shown/once', 'anc_' || n, 'file', 'shown', n, 'shown', now() + n * interval '1 second'
from generate_series(1, 400) as n;

insert into task (workspace, id, intent_id, agent, type, state, opened_at, document)
select 'shown/once', 'task_' || n, 'int_' || n, 'agent', 'approval', 'open', now(), '{}'
from generate_series(1, 400) as n;

insert into person (workspace, id, email, name, disabled, created_at, roles, groups)
select 'shown/once', 'per_' || n, 'shown-' || n, 'shown', false, now(), '[]', '[]'
from generate_series(1, 400) as n;

insert into task_view (workspace, task_id, person_id, view_digest, first_at)
select 'shown/once', 'task_' || n, 'per_' || n, 'shown', now() from generate_series(1, 400) as n;

insert into passkey (
    workspace, credential_id, person_id, public_key, sign_count, created_at
)
select 'shown/once', 'key_' || n, 'per_' || n, 'shown', 0, now()
from generate_series(1, 400) as n;

insert into api_key (workspace, id, kind, hash, hint, person_id, created_at)
select 'shown/once', 'key_' || n, 'person', 'hash-' || n, 'shown', 'per_' || n, now()
from generate_series(1, 400) as n;

insert into sign_in (workspace, hash, person_id, expires_at)
select 'shown/once', 'hash-' || n, 'per_' || n, now() from generate_series(1, 400) as n;

insert into session (workspace, hash, person_id, expires_at)
select 'shown/once', 'hash-' || n, 'per_' || n, now() from generate_series(1, 400) as n;

analyze intent, event, fact, log_pending, log_entry, log_head, log_tile, log_anchor, task_view,
    passkey, api_key, sign_in, session, workspace;

delete from session where workspace = 'shown/once';
delete from sign_in where workspace = 'shown/once';
delete from api_key where workspace = 'shown/once';
delete from passkey where workspace = 'shown/once';
delete from task_view where workspace = 'shown/once';
delete from person where workspace = 'shown/once';
delete from task where workspace = 'shown/once';
delete from log_anchor where workspace = 'shown/once';
delete from log_tile where workspace = 'shown/once';
delete from log_entry where workspace = 'shown/once';
delete from log_pending where workspace = 'shown/once';
delete from log_head where workspace = 'shown/once';
delete from fact where workspace = 'shown/once';
delete from event where workspace = 'shown/once';
delete from intent where workspace = 'shown/once';
delete from workspace where id = 'shown/once';
delete from organization where id = 'shown';

alter table fact enable trigger user;
alter table event enable trigger user;
alter table log_entry enable trigger user;
alter table log_head enable trigger user;
alter table log_tile enable trigger user;
