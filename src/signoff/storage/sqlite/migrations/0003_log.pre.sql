-- Whatever happens becomes one leaf of its workspace's log: events of intents, and facts beside them.
-- The leaf is the exact text that is hashed; data, salts and labels beside it can be erased, and
-- ``erased`` then names what is gone. ``idx`` is the leaf's place: there is one writer, so the order
-- of writing is the order of the commits, and a place is given with the row. What happened before
-- there was a log has no leaf; what is older than its workspace's log has a number below nought, in
-- the same order, until that log is opened.
alter table event add column leaf text not null default '';
alter table event add column salts text not null default '';
alter table event add column erased text not null default '[]';
alter table event add column idx integer check ((idx is null) = (leaf = ''));

create index event_by_place on event (workspace, idx, at) where idx is not null;
create index event_without_place on event (workspace, at) where idx < 0;

drop trigger event_is_never_rewritten;
create trigger event_is_never_rewritten before update on event
when
    new.workspace is not old.workspace or new.intent_id is not old.intent_id
    or new.seq is not old.seq or new.type is not old.type or new.at is not old.at
    or new.leaf is not old.leaf
    or case when old.idx < 0 and new.idx >= 0 then
        new.data is not old.data or new.salts is not old.salts or new.actor is not old.actor
        or new.erased is not old.erased
    else
        new.idx is not old.idx
        or json_array_length(new.erased) <= json_array_length(old.erased)
    end
begin
    select raise(abort, 'what has happened is never rewritten, but to erase');
end;

create trigger event_passes_no_log before insert on event
when
    new.idx < 0
    and exists (select 1 from log_head where workspace = new.workspace)
begin
    select raise(abort, 'nothing with a leaf is written past the log');
end;

create table fact (
    workspace text not null references workspace (id),
    id text not null,
    type text not null,
    at integer not null,
    actor text not null,
    intent_id text,
    task_id text,
    data text not null,
    leaf text not null,
    salts text not null,
    erased text not null default '[]',
    idx integer check ((idx is null) = (leaf = '')),
    primary key (workspace, id)
) strict;

create index fact_by_intent on fact (workspace, intent_id) where intent_id is not null;

-- Whom a fact is about, and who brought it about: for erasing what is said of a person.
create index fact_by_person on fact (workspace, data ->> '$.person_id')
where data ->> '$.person_id' is not null;
create index fact_by_actor on fact (workspace, actor ->> '$.id')
where actor ->> '$.kind' = 'person';

create index fact_by_credential on fact (workspace, data ->> '$.credential_id')
where type = 'passkey.added';

create index fact_by_place on fact (workspace, idx, at) where idx is not null;
create index fact_without_place on fact (workspace, at) where idx < 0;

create trigger fact_is_never_rewritten before update on fact
when
    new.workspace is not old.workspace or new.id is not old.id or new.type is not old.type
    or new.at is not old.at or new.intent_id is not old.intent_id
    or new.task_id is not old.task_id or new.leaf is not old.leaf
    or case when old.idx < 0 and new.idx >= 0 then
        new.data is not old.data or new.salts is not old.salts or new.actor is not old.actor
        or new.erased is not old.erased
    else
        new.idx is not old.idx
        or json_array_length(new.erased) <= json_array_length(old.erased)
    end
begin
    select raise(abort, 'what has happened is never rewritten, but to erase');
end;

create trigger fact_passes_no_log before insert on fact
when
    new.idx < 0
    and exists (select 1 from log_head where workspace = new.workspace)
begin
    select raise(abort, 'nothing with a leaf is written past the log');
end;

create trigger fact_is_never_deleted before delete on fact
begin
    select raise(abort, 'the log never shrinks');
end;


-- How far each workspace's log has come: places given, and places under the published checkpoint.
create table log_head (
    workspace text primary key references workspace (id),
    origin text not null,
    sequenced integer not null,
    size integer not null check (size >= 0),
    checkpoint text,
    published_at integer,
    check (sequenced >= size)
) strict, without rowid;

create index log_head_behind on log_head (workspace) where sequenced > size;

create trigger log_head_never_goes_back before update on log_head
when
    new.workspace is not old.workspace or new.origin is not old.origin
    or new.size < old.size or new.sequenced < old.sequenced
    or (old.checkpoint is not null and new.checkpoint is null)
begin
    select raise(abort, 'the log never shrinks');
end;

create trigger log_head_is_never_deleted before delete on log_head
begin
    select raise(abort, 'the log never shrinks');
end;

create table log_tile (
    workspace text not null references workspace (id),
    level integer not null check (level >= 0),
    n integer not null check (n >= 0),
    hashes blob not null,
    primary key (workspace, level, n)
) strict;

create trigger log_tile_only_grows before update on log_tile
when
    new.workspace is not old.workspace or new.level is not old.level or new.n is not old.n
    or substr(new.hashes, 1, length(old.hashes)) is not old.hashes
begin
    select raise(abort, 'the log never shrinks');
end;

create trigger log_tile_is_never_deleted before delete on log_tile
begin
    select raise(abort, 'the log never shrinks');
end;

create table log_key (
    workspace text not null references workspace (id),
    generation integer not null,
    secret blob not null,
    public blob not null,
    made_at integer not null,
    retired_at integer,
    primary key (workspace, generation)
) strict;

-- What somebody else holds of a checkpoint, or why they do not.
create table log_anchor (
    workspace text not null references workspace (id),
    id text not null,
    kind text not null check (kind in ('file', 'git', 'mail', 'timestamp', 'witness')),
    name text not null,
    size integer not null,
    checkpoint text not null,
    at integer not null,
    evidence text,
    detail text,
    primary key (workspace, id)
) strict;

create index log_anchor_by_time on log_anchor (workspace, at, id);


create table legal_hold (
    workspace text not null references workspace (id),
    id text not null,
    scope text not null check (scope in ('intent', 'subject', 'retention', 'workspace')),
    target text not null,
    reason text not null,
    placed_by text not null,
    placed_at integer not null,
    lifted_at integer,
    primary key (workspace, id)
) strict;

-- When somebody was first shown a task, in each form it had.
create table task_view (
    workspace text not null,
    task_id text not null,
    person_id text not null,
    view_digest text not null,
    first_at integer not null,
    primary key (workspace, task_id, person_id, view_digest),
    foreign key (workspace, task_id) references task (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

create table passkey (
    workspace text not null,
    credential_id text not null,
    person_id text not null,
    public_key text not null,
    label text,
    sign_count integer not null,
    created_at integer not null,
    primary key (workspace, person_id, credential_id),
    unique (workspace, credential_id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

create index api_key_by_person on api_key (workspace, person_id) where person_id is not null;
create index sign_in_by_person on sign_in (workspace, person_id);
create index session_by_person on session (workspace, person_id);


-- Whose data an intent holds, and by whose rule it is erased. ``erased_at`` is when something of it
-- was last erased, ``erased`` whether nothing is left to erase.
alter table intent add column subject text;
alter table intent add column retention_class text;
alter table intent add column erased_at integer;
alter table intent add column erased integer not null default 0 check (erased in (0, 1));

create index intent_by_subject on intent (workspace, subject) where subject is not null;
create index intent_by_principal on intent (workspace, on_behalf_of)
where on_behalf_of is not null;
create index intent_by_retention on intent (workspace, retention_class, updated_at)
where retention_class is not null and erased = 0;

drop trigger intent_ends_for_good;
create trigger intent_ends_for_good before update on intent
when old.status in ('COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT') and (
    new.erased_at is null
    or new.workspace is not old.workspace or new.id is not old.id or new.type is not old.type
    or new.agent is not old.agent or new.handled is not old.handled
    or new.status is not old.status or new.waiting_reason is not old.waiting_reason
    or new.seq is not old.seq or new.submitted_at is not old.submitted_at
    or new.updated_at is not old.updated_at or new.deadline_at is not old.deadline_at
    or new.retention_class is not old.retention_class
)
begin
    select raise(abort, 'a terminal intent never changes, but to erase');
end;

drop trigger task_closes_for_good;
create trigger task_closes_for_good before update on task
when old.closed_at is not null and (
    new.workspace is not old.workspace or new.id is not old.id
    or new.intent_id is not old.intent_id or new.agent is not old.agent
    or new.type is not old.type or new.state is not old.state
    or new.outcome is not old.outcome or new.opened_at is not old.opened_at
    or new.closed_at is not old.closed_at
    or not exists (
        select 1 from intent
        where workspace = old.workspace and id = old.intent_id and erased_at is not null
    )
)
begin
    select raise(abort, 'a decision is written once: a closed task changes but to erase');
end;
