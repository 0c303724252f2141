-- Everything belongs to a workspace, so every key, foreign key and index starts with it: the tables
-- can be spread by workspace, and a policy of row-level security on that column can become the second
-- wall. What does not start with it are the queues that every server works for all of them (timer,
-- outbox, the changes of intents) and the credentials by which a workspace is found at all.
--
-- Ids, tokens and words collate "C": they sort as they do in the program, whatever the database's
-- locale. JSON is `json`, not `jsonb`: it comes back as it went in, digits and order of keys included.

create table schema_version (
    version integer primary key,
    name text not null,
    applied_at timestamptz not null default clock_timestamp()
);

create table organization (
    id text collate "C" primary key,
    created_at timestamptz not null
);

create table workspace (
    id text collate "C" primary key,
    organization text collate "C" not null references organization (id),
    created_at timestamptz not null
);

-- Raised by what follows; the argument says what.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '%', tg_argv[0] using errcode = 'integrity_constraint_violation';
end;
$$;


-- No reference to the workspace: each insert would take a lock on its one row, beside all others.
create table intent (
    workspace text collate "C" not null,
    id text collate "C" not null,
    type text not null,
    title text not null,
    agent text collate "C" not null,
    on_behalf_of text,
    handled boolean not null,
    status text collate "C" not null check (status in (
        'SUBMITTED', 'DELIVERED', 'ACKNOWLEDGED', 'IN_PROGRESS', 'WAITING',
        'COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT'
    )),
    waiting_reason text check (waiting_reason in (
        'WAITING_FOR_HUMAN', 'WAITING_FOR_TOOL', 'WAITING_FOR_AGENT', 'WAITING_FOR_TIME'
    )),
    seq bigint not null check (seq > 0),
    submitted_at timestamptz not null,
    updated_at timestamptz not null,
    deadline_at timestamptz,
    payload json not null,
    progress json not null,
    primary key (workspace, id),
    check ((status = 'WAITING') = (waiting_reason is not null))
);

create index intent_by_status on intent (workspace, status, id);
create index intent_by_agent on intent (workspace, agent, status, id);
create index intent_by_change on intent (updated_at);

create trigger intent_ends_for_good before update on intent for each row
when (old.status in ('COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT'))
execute function refuse_change('a terminal intent never changes');


create table event (
    workspace text collate "C" not null,
    intent_id text collate "C" not null,
    seq bigint not null check (seq > 0),
    type text collate "C" not null,
    at timestamptz not null,
    actor json not null,
    data json not null,
    primary key (workspace, intent_id, seq),
    foreign key (workspace, intent_id) references intent (workspace, id)
);

create trigger event_is_never_rewritten before update on event for each row
execute function refuse_change('what has happened is never rewritten');

create trigger event_is_never_deleted before delete on event for each row
execute function refuse_change('the log never shrinks');

create trigger event_is_never_emptied before truncate on event for each statement
execute function refuse_change('the log never shrinks');


create table task (
    workspace text collate "C" not null,
    id text collate "C" not null,
    intent_id text collate "C" not null,
    agent text collate "C" not null,
    type text collate "C" not null check (type in (
        'approval', 'review', 'confirmation', 'assignment', 'form', 'clarification',
        'manual_action', 'override'
    )),
    state text collate "C" not null check (state in (
        'open', 'claimed', 'concluded', 'expired', 'withdrawn', 'overridden'
    )),
    outcome text,
    opened_at timestamptz not null,
    closed_at timestamptz,
    document json not null,
    primary key (workspace, id),
    foreign key (workspace, intent_id) references intent (workspace, id),
    check ((state = 'concluded') = (outcome is not null)),
    check ((state in ('open', 'claimed')) = (closed_at is null))
);

create index task_by_intent on task (workspace, intent_id, state, id);
create index task_by_state on task (workspace, state, id);
create index task_by_agent on task (workspace, agent, state, id);

create trigger task_closes_for_good before update on task for each row
when (old.closed_at is not null)
execute function refuse_change('a decision is written once: a closed task never changes');

-- Live tasks under every selector token they ask now.
create table task_audience (
    workspace text collate "C" not null,
    token text collate "C" not null,
    task_id text collate "C" not null,
    primary key (workspace, token, task_id),
    foreign key (workspace, task_id) references task (workspace, id)
);


-- The event in which a step of that name was recorded.
create table step (
    workspace text collate "C" not null,
    intent_id text collate "C" not null,
    name text collate "C" not null,
    seq bigint not null,
    primary key (workspace, intent_id, name),
    foreign key (workspace, intent_id, seq) references event (workspace, intent_id, seq)
);

create table replay (
    workspace text collate "C" not null,
    scope text collate "C" not null,
    key text collate "C" not null,
    fingerprint text not null,
    intent_id text collate "C" not null,
    task_id text collate "C",
    created_at timestamptz not null,
    primary key (workspace, scope, key),
    foreign key (workspace, intent_id) references intent (workspace, id)
);


-- task_id is empty for a timer of the intent itself.
create table timer (
    workspace text collate "C" not null,
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    kind text collate "C" not null check (kind in ('rung', 'deadline', 'sleep')),
    due_at timestamptz not null,
    leased_until timestamptz,
    primary key (workspace, intent_id, task_id, kind),
    foreign key (workspace, intent_id) references intent (workspace, id),
    check ((kind = 'rung') = (task_id <> ''))
);

create index timer_by_due on timer (due_at) where leased_until is null;
create index timer_by_lease on timer (leased_until) where leased_until is not null;

-- An id is never given twice: the ids of notices are made from it.
create table outbox (
    id bigint generated always as identity primary key,
    workspace text collate "C" not null,
    lane text collate "C" not null check (lane in ('notice', 'resume')),
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    body json not null,
    attempts integer not null default 0,
    created_at timestamptz not null,
    due_at timestamptz not null,
    leased_until timestamptz,
    foreign key (workspace, intent_id) references intent (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
);

create index outbox_by_due on outbox (lane, due_at, id);
create index outbox_resume_by_task on outbox (workspace, task_id) where lane = 'resume';

create table notice (
    workspace text collate "C" not null,
    id text collate "C" not null,
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    person_id text collate "C" not null,
    channel text not null,
    reason text not null,
    state text not null check (state in ('sent', 'failed')),
    detail text,
    at timestamptz not null,
    primary key (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
);

create index notice_by_task on notice (workspace, task_id, at, id);


create table person (
    workspace text collate "C" not null references workspace (id),
    id text collate "C" not null,
    email text collate "C" not null,
    name text not null,
    region text,
    time_zone text,
    disabled boolean not null,
    created_at timestamptz not null,
    roles json not null,
    groups json not null,
    details json not null default '{}',
    primary key (workspace, id),
    unique (workspace, email)
);

-- Every address that is somebody's, main or alias, so that none is two people's.
create table person_address (
    workspace text collate "C" not null,
    address text collate "C" not null,
    person_id text collate "C" not null,
    primary key (workspace, address),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index person_address_by_person on person_address (workspace, person_id);

-- Every selector token that reaches a person.
create table person_token (
    workspace text collate "C" not null,
    token text collate "C" not null,
    person_id text collate "C" not null,
    primary key (workspace, token, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index person_token_by_person on person_token (workspace, person_id);

create table api_key (
    workspace text collate "C" not null references workspace (id),
    id text collate "C" not null,
    kind text collate "C" not null check (kind in ('agent', 'person', 'admin', 'auditor')),
    hash text collate "C" not null unique,
    hint text not null,
    label text,
    agent text collate "C",
    person_id text collate "C",
    created_at timestamptz not null,
    revoked_at timestamptz,
    primary key (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id),
    check (kind <> 'agent' or agent is not null),
    check ((kind = 'person') = (person_id is not null))
);

create table sign_in (
    hash text collate "C" primary key,
    workspace text collate "C" not null,
    person_id text collate "C" not null,
    expires_at timestamptz not null,
    foreign key (workspace, person_id) references person (workspace, id)
);

create index sign_in_by_expiry on sign_in (expires_at);

create table session (
    hash text collate "C" primary key,
    workspace text collate "C" not null,
    person_id text collate "C" not null,
    expires_at timestamptz not null,
    foreign key (workspace, person_id) references person (workspace, id)
);

create index session_by_expiry on session (expires_at);


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
