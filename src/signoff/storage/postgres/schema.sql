-- Every key starts with the workspace, so that the tables can be spread by it, and so that a policy
-- of row-level security on `workspace` can become the second wall.
-- Ids and tokens collate "C": they sort as they do in the program, whatever the database's locale.
-- JSON is `json`, not `jsonb`: it comes back as it went in, numbers and order of keys included.

create table schema_version (
    number integer primary key,
    name text not null,
    applied_at timestamptz not null default clock_timestamp()
);

create table organization (
    id text collate "C" primary key,
    created_at timestamptz not null
);

create table workspace (
    id text collate "C" primary key,
    organization_id text collate "C" not null references organization (id),
    created_at timestamptz not null
);

-- No reference to the workspace here: every insert would lock its one row with all the others.
create table intent (
    workspace text collate "C" not null,
    id text collate "C" not null,
    type text not null,
    title text not null,
    agent text collate "C" not null,
    on_behalf_of text,
    handled boolean not null,
    status text collate "C" not null check (status in (
        'CREATED', 'SUBMITTED', 'DELIVERED', 'ACKNOWLEDGED', 'IN_PROGRESS', 'WAITING',
        'COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT')),
    waiting_reason text,
    seq bigint not null check (seq > 0),
    submitted_at timestamptz not null,
    updated_at timestamptz not null,
    deadline_at timestamptz,
    payload json not null,
    progress json not null,
    primary key (workspace, id),
    check ((waiting_reason is not null) = (status = 'WAITING'))
);
create index intent_by_status on intent (workspace, status, id);
create index intent_by_agent on intent (workspace, agent, status, id);
create index intent_by_update on intent (updated_at);

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

create table task (
    workspace text collate "C" not null,
    id text collate "C" not null,
    intent_id text collate "C" not null,
    agent text collate "C" not null,
    type text not null,
    state text collate "C" not null check (state in (
        'open', 'claimed', 'concluded', 'expired', 'withdrawn', 'overridden')),
    outcome text,
    opened_at timestamptz not null,
    closed_at timestamptz,
    document json not null,
    primary key (workspace, id),
    foreign key (workspace, intent_id) references intent (workspace, id),
    check ((closed_at is null) = (state in ('open', 'claimed'))),
    check ((outcome is not null) = (state = 'concluded'))
);
create index task_by_state on task (workspace, state, id);
create index task_by_agent on task (workspace, agent, state, id);
create index task_by_intent on task (workspace, intent_id, state, id);

-- Live tasks by the selector tokens they ask; a task leaves when it closes.
create table audience (
    workspace text collate "C" not null,
    token text collate "C" not null,
    task_id text collate "C" not null,
    primary key (workspace, token, task_id)
);

-- `task_id` is empty for a timer of the intent itself.
create table timer (
    workspace text collate "C" not null,
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    kind text collate "C" not null,
    due_at timestamptz not null,
    leased_until timestamptz,
    primary key (workspace, intent_id, task_id, kind)
);
create index timer_by_due on timer (due_at);

-- `due_at` moves on with every lease and retry; `attempts` counts the leases.
create table outbox (
    id bigint generated always as identity primary key,
    workspace text collate "C" not null,
    lane text collate "C" not null,
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    body json not null,
    attempts integer not null default 0,
    created_at timestamptz not null,
    due_at timestamptz not null
);
create index outbox_by_due on outbox (lane, due_at, id);
create index outbox_by_task on outbox (workspace, task_id) where lane = 'resume';

create table step (
    workspace text collate "C" not null,
    intent_id text collate "C" not null,
    name text collate "C" not null,
    seq bigint not null,
    primary key (workspace, intent_id, name)
);

create table replay (
    workspace text collate "C" not null,
    scope text collate "C" not null,
    key text collate "C" not null,
    fingerprint text not null,
    intent_id text collate "C" not null,
    task_id text collate "C",
    created_at timestamptz not null,
    primary key (workspace, scope, key)
);

create table notice (
    workspace text collate "C" not null,
    id text collate "C" not null,
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    person_id text collate "C" not null,
    channel text not null,
    reason text not null,
    state text not null,
    detail text,
    at timestamptz not null,
    primary key (workspace, id)
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
    primary key (workspace, id),
    unique (workspace, email)
);

-- People by the selector tokens that reach them.
create table reach (
    workspace text collate "C" not null,
    token text collate "C" not null,
    person_id text collate "C" not null,
    primary key (workspace, token, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
);
create index reach_by_person on reach (workspace, person_id);

create table api_key (
    workspace text collate "C" not null references workspace (id),
    id text collate "C" not null,
    kind text not null,
    hash text collate "C" not null unique,
    hint text not null,
    label text,
    agent text collate "C",
    person_id text collate "C",
    created_at timestamptz not null,
    revoked_at timestamptz,
    primary key (workspace, id)
);

create table sign_in (
    hash text collate "C" primary key,
    workspace text collate "C" not null,
    person_id text collate "C" not null,
    expires_at timestamptz not null,
    foreign key (workspace, person_id) references person (workspace, id)
);

create table session (
    hash text collate "C" primary key,
    workspace text collate "C" not null,
    person_id text collate "C" not null,
    expires_at timestamptz not null,
    foreign key (workspace, person_id) references person (workspace, id)
);
