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
-- ``subject`` is whose data it holds, ``retention_class`` by whose rule it is erased, ``erased_at`` when
-- something of it was last erased, ``erased`` whether nothing is left to erase.
create table intent (
    workspace text collate "C" not null,
    id text collate "C" not null,
    type text not null,
    title text not null,
    agent text collate "C" not null,
    on_behalf_of text collate "C",
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
    subject text collate "C",
    retention_class text collate "C",
    erased_at timestamptz,
    erased boolean not null default false,
    primary key (workspace, id),
    check ((status = 'WAITING') = (waiting_reason is not null))
);

create index intent_by_status on intent (workspace, status, id);
create index intent_by_agent on intent (workspace, agent, status, id);
create index intent_by_change on intent (updated_at);
create index intent_by_subject on intent (workspace, subject) where subject is not null;
create index intent_by_principal on intent (workspace, on_behalf_of)
where on_behalf_of is not null;
create index intent_by_retention on intent (workspace, retention_class, updated_at)
where retention_class is not null and not erased;

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


create table event (
    workspace text collate "C" not null,
    intent_id text collate "C" not null,
    seq bigint not null check (seq > 0),
    type text collate "C" not null,
    at timestamptz not null,
    actor json not null,
    data json not null,
    leaf text not null default '',
    salts text not null default '',
    erased text not null default '[]',
    primary key (workspace, intent_id, seq),
    foreign key (workspace, intent_id) references intent (workspace, id)
) with (toast_tuple_target = 8160);

create trigger event_is_never_rewritten before update on event for each row
when (
    (old.workspace, old.intent_id, old.seq, old.type, old.at, old.leaf)
    is distinct from (new.workspace, new.intent_id, new.seq, new.type, new.at, new.leaf)
    or json_array_length(new.erased::json) <= json_array_length(old.erased::json)
)
execute function refuse_change('what has happened is never rewritten, but to erase');

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
    search text,
    risk text check (risk in ('low', 'medium', 'high')),
    due_at timestamptz,
    closed_by text,
    primary key (workspace, id),
    foreign key (workspace, intent_id) references intent (workspace, id),
    check ((state = 'concluded') = (outcome is not null)),
    check ((state in ('open', 'claimed')) = (closed_at is null))
);

create index task_by_intent on task (workspace, intent_id, state, id);
create index task_by_state on task (workspace, state, id);
create index task_by_agent on task (workspace, agent, state, id);
create index task_by_closing on task (workspace, closed_at) where closed_at is not null;

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

create trigger task_closes_for_good before update on task for each row
when (old.closed_at is not null)
execute function keep_decision();

-- Live tasks under every selector token they ask now.
create table task_audience (
    workspace text collate "C" not null,
    token text collate "C" not null,
    task_id text collate "C" not null,
    risk integer not null default 1,
    due_at timestamptz not null default 'epoch',
    primary key (workspace, token, task_id),
    foreign key (workspace, task_id) references task (workspace, id)
);
create index task_audience_by_due on task_audience (workspace, token, risk, due_at, task_id);


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
    person_id text collate "C",
    channel text collate "C" not null,
    reason text not null,
    state text not null check (state in ('due', 'sent', 'failed', 'skipped')),
    detail text,
    at timestamptz not null,
    due_at timestamptz,
    digest boolean not null default false,
    attempts integer not null default 0,
    leased_until timestamptz,
    provider_id text collate "C",
    address text,
    place text,
    primary key (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id),
    constraint notice_is_due check ((state = 'due') = (due_at is not null))
);

create index notice_by_task on notice (workspace, task_id, at, id);
create index notice_by_due on notice (channel, due_at) where due_at is not null;
create index notice_failed on notice (workspace, at) where state = 'failed';
create index notice_by_provider on notice (provider_id) where provider_id is not null;


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
    id text collate "C" not null default '',
    method text not null default 'sign_in_link',
    strength text not null default 'session',
    provider text not null default 'local',
    device text,
    created_at timestamptz not null default '-infinity',
    authenticated_at timestamptz not null default '-infinity',
    seen_at timestamptz not null default '-infinity',
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


-- Whatever happens becomes one leaf of its workspace's log: events of intents, and facts beside them.
-- The leaf is the exact text that is hashed; data, salts and labels beside it can be erased, and
-- ``erased``, a JSON array, then names what is gone.
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


-- How somebody wants to be told and to read: a ``Preferences``.
create table preference (
    workspace text collate "C" not null,
    person_id text collate "C" not null,
    document json not null,
    saved_at timestamptz not null,
    primary key (workspace, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
);

-- A link to one task for one person, by the hash of its secret: what it may answer, and until when.
-- ``spent_at`` is set in the transaction of the answer it gave, and never again; ``wrong`` counts the
-- wrong codes.
create table link (
    hash text collate "C" primary key,
    workspace text collate "C" not null,
    kind text not null check (kind in ('page', 'reply')),
    person_id text collate "C" not null,
    task_id text collate "C" not null,
    notice_id text collate "C" not null,
    view_digest text not null,
    outcomes json not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    spent_at timestamptz,
    code text,
    wrong integer not null default 0,
    foreign key (workspace, person_id) references person (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
);

create index link_by_expiry on link (expires_at);
create index link_by_person on link (workspace, person_id);
create index link_by_task on link (workspace, task_id);

create trigger link_is_spent_once before update on link for each row
when (old.spent_at is not null or new.hash <> old.hash)
execute function refuse_change('a link is spent once');

-- Who vouches for whom: the subject of an issuer is this person.
create table identity (
    workspace text collate "C" not null,
    issuer text collate "C" not null,
    subject text collate "C" not null,
    person_id text collate "C" not null,
    label text,
    created_at timestamptz not null,
    primary key (workspace, issuer, subject),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index identity_by_subject on identity (issuer, subject);
create index identity_by_person on identity (workspace, person_id);

-- An answer somebody has begun: what they had typed, and what they saw when they did.
create table draft (
    workspace text collate "C" not null,
    task_id text collate "C" not null,
    person_id text collate "C" not null,
    view_digest text not null,
    form json not null,
    saved_at timestamptz not null,
    primary key (workspace, task_id, person_id),
    foreign key (workspace, task_id) references task (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index draft_by_person on draft (workspace, person_id);
create index draft_by_time on draft (saved_at);

-- Who has a task open just now.
create table presence (
    workspace text collate "C" not null,
    task_id text collate "C" not null,
    person_id text collate "C" not null,
    seen_at timestamptz not null,
    primary key (workspace, task_id, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index presence_by_time on presence (seen_at);
create index presence_by_person on presence (workspace, person_id);

-- A file somebody has put on a task; its bytes are outside, named by their digest.
create table attachment (
    workspace text collate "C" not null,
    id text collate "C" not null,
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    person_id text collate "C" not null,
    name text collate "C" not null,
    media_type text not null,
    size bigint not null check (size >= 0),
    digest text collate "C" not null,
    created_at timestamptz not null,
    erased_at timestamptz,
    primary key (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
);

create index attachment_by_task on attachment (workspace, task_id);
create index attachment_by_intent on attachment (workspace, intent_id);
create index attachment_by_digest on attachment (workspace, digest) where erased_at is null;
create index attachment_by_person on attachment (workspace, person_id);

-- A browser that shows notices when nobody has a page open (RFC 8030).
create table push_subscription (
    workspace text collate "C" not null,
    id text collate "C" not null,
    person_id text collate "C" not null,
    endpoint text not null,
    p256dh text not null,
    auth text not null,
    device text,
    created_at timestamptz not null,
    primary key (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id)
);

create index push_subscription_by_person on push_subscription (workspace, person_id);

-- Secrets the servers of one database share, sealed where a seal is set.
create table server_secret (
    name text collate "C" primary key,
    value bytea not null,
    made_at timestamptz not null
);

-- Another system that is told of what happens. ``secrets`` are those that sign, newest first, sealed
-- where a seal is set; ``events`` the types it wants; ``since`` the first place of the log that has not
-- been looked at for it.
create table webhook (
    workspace text collate "C" not null references workspace (id),
    id text collate "C" not null,
    url text not null,
    label text,
    events json not null,
    secrets json not null,
    state text not null check (state in ('enabled', 'disabled')),
    detail text,
    since bigint not null check (since >= 0),
    failing_since timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    primary key (workspace, id)
);

-- One event for one endpoint. ``idx`` is its place in the log.
create table delivery (
    workspace text collate "C" not null,
    id text collate "C" not null,
    webhook_id text collate "C" not null,
    idx bigint not null,
    type text not null,
    intent_id text collate "C",
    state text not null check (state in ('due', 'sent', 'failed')),
    attempts integer not null default 0,
    due_at timestamptz check ((state = 'due') = (due_at is not null)),
    leased_until timestamptz,
    status integer,
    detail text,
    milliseconds integer,
    created_at timestamptz not null,
    at timestamptz not null,
    primary key (workspace, webhook_id, id),
    foreign key (workspace, webhook_id) references webhook (workspace, id) on delete cascade
);

create index delivery_by_due on delivery (due_at) where due_at is not null;
create unique index delivery_by_id on delivery (workspace, id);
create index webhook_enabled on webhook (workspace) where state = 'enabled';

-- A message in Slack that stands for a task. ``id`` is what its buttons carry; ``seq`` is the number of
-- the intent's last event when it was written: once that is past, the message is corrected.
create table slack_post (
    workspace text collate "C" not null,
    id text collate "C" not null,
    intent_id text collate "C" not null,
    task_id text collate "C" not null,
    notice_id text collate "C" not null,
    person_id text collate "C",
    team text collate "C" not null,
    channel text collate "C" not null,
    ts text collate "C" not null,
    view_digest text not null,
    seq bigint not null,
    closed boolean not null default false,
    created_at timestamptz not null,
    primary key (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
);

create index slack_post_by_id on slack_post (id);
create index slack_post_by_task on slack_post (workspace, task_id);
create index slack_post_open on slack_post (workspace, intent_id) where not closed;
create index slack_post_by_message on slack_post (team, channel, ts);
create index slack_post_by_person on slack_post (workspace, person_id) where person_id is not null;

-- What came in from a channel and has been dealt with, so that it is dealt with once.
create table inbound (
    channel text collate "C" not null,
    id text collate "C" not null,
    at timestamptz not null,
    primary key (channel, id)
);

create index inbound_by_time on inbound (at);
