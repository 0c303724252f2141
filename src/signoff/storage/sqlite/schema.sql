CREATE TABLE api_key (
    workspace text not null references workspace (id),
    id text not null,
    kind text not null check (kind in ('agent', 'person', 'admin', 'auditor')),
    hash text not null unique,
    hint text not null,
    label text,
    agent text,
    person_id text,
    created_at integer not null,
    revoked_at integer,
    primary key (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id),
    check (kind <> 'agent' or agent is not null),
    check ((kind = 'person') = (person_id is not null))
) strict, without rowid;

CREATE INDEX api_key_by_person on api_key (workspace, person_id) where person_id is not null;

CREATE TABLE attachment (
    workspace text not null,
    id text not null,
    intent_id text not null,
    task_id text not null,
    person_id text not null,
    name text not null,
    media_type text not null,
    size integer not null check (size >= 0),
    digest text not null,
    created_at integer not null,
    erased_at integer,
    primary key (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
) strict, without rowid;

CREATE INDEX attachment_by_digest on attachment (workspace, digest) where erased_at is null;

CREATE INDEX attachment_by_intent on attachment (workspace, intent_id);

CREATE INDEX attachment_by_person on attachment (workspace, person_id);

CREATE INDEX attachment_by_task on attachment (workspace, task_id);

CREATE TABLE dedication (
    only integer primary key check (only = 1),
    use text not null check (use in ('live', 'test'))
) strict;

CREATE TABLE delivery (
    workspace text not null,
    id text not null,
    webhook_id text not null,
    idx integer not null,
    type text not null,
    intent_id text,
    state text not null check (state in ('due', 'sent', 'failed')),
    attempts integer not null default 0,
    due_at integer check ((state = 'due') = (due_at is not null)),
    leased_until integer,
    status integer,
    detail text,
    milliseconds integer,
    created_at integer not null,
    at integer not null,
    primary key (workspace, webhook_id, id),
    foreign key (workspace, webhook_id) references webhook (workspace, id) on delete cascade
) strict, without rowid;

CREATE INDEX delivery_by_due on delivery (due_at) where due_at is not null;

CREATE UNIQUE INDEX delivery_by_id on delivery (workspace, id);

CREATE TABLE draft (
    workspace text not null,
    task_id text not null,
    person_id text not null,
    view_digest text not null,
    form text not null,
    saved_at integer not null,
    primary key (workspace, task_id, person_id),
    foreign key (workspace, task_id) references task (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE INDEX draft_by_person on draft (workspace, person_id);

CREATE INDEX draft_by_time on draft (saved_at);

CREATE TABLE event (
    workspace text not null,
    intent_id text not null,
    seq integer not null check (seq > 0),
    type text not null,
    at integer not null,
    actor text not null,
    data text not null, leaf text not null default '', salts text not null default '', erased text not null default '[]', idx integer check ((idx is null) = (leaf = '')),
    primary key (workspace, intent_id, seq),
    foreign key (workspace, intent_id) references intent (workspace, id)
) strict;

CREATE INDEX event_by_place on event (workspace, idx, at) where idx is not null;

CREATE INDEX event_without_place on event (workspace, at) where idx < 0;

CREATE TRIGGER event_is_never_deleted
before delete on event
begin
    select raise(abort, 'the log never shrinks');
end;

CREATE TRIGGER event_is_never_rewritten before update on event
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

CREATE TRIGGER event_passes_no_log before insert on event
when
    new.idx < 0
    and exists (select 1 from log_head where workspace = new.workspace)
begin
    select raise(abort, 'nothing with a leaf is written past the log');
end;

CREATE TABLE fact (
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

CREATE INDEX fact_by_actor on fact (workspace, actor ->> '$.id')
where actor ->> '$.kind' = 'person';

CREATE INDEX fact_by_credential on fact (workspace, data ->> '$.credential_id')
where type = 'passkey.added';

CREATE INDEX fact_by_intent on fact (workspace, intent_id) where intent_id is not null;

CREATE INDEX fact_by_person on fact (workspace, data ->> '$.person_id')
where data ->> '$.person_id' is not null;

CREATE INDEX fact_by_place on fact (workspace, idx, at) where idx is not null;

CREATE INDEX fact_without_place on fact (workspace, at) where idx < 0;

CREATE TRIGGER fact_is_never_deleted before delete on fact
begin
    select raise(abort, 'the log never shrinks');
end;

CREATE TRIGGER fact_is_never_rewritten before update on fact
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

CREATE TRIGGER fact_passes_no_log before insert on fact
when
    new.idx < 0
    and exists (select 1 from log_head where workspace = new.workspace)
begin
    select raise(abort, 'nothing with a leaf is written past the log');
end;

CREATE TABLE heartbeat (
    only integer primary key check (only = 1),
    at integer not null
) strict;

CREATE TABLE identity (
    workspace text not null,
    issuer text not null,
    subject text not null,
    person_id text not null,
    label text,
    created_at integer not null,
    primary key (workspace, issuer, subject),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE INDEX identity_by_person on identity (workspace, person_id);

CREATE INDEX identity_by_subject on identity (issuer, subject);

CREATE TABLE inbound (
    channel text not null,
    id text not null,
    at integer not null,
    primary key (channel, id)
) strict, without rowid;

CREATE INDEX inbound_by_time on inbound (at);

CREATE TABLE intent (
    workspace text not null references workspace (id),
    id text not null,
    type text not null,
    title text not null,
    agent text not null,
    on_behalf_of text,
    handled integer not null check (handled in (0, 1)),
    status text not null check (status in (
        'SUBMITTED', 'DELIVERED', 'ACKNOWLEDGED', 'IN_PROGRESS', 'WAITING',
        'COMPLETED', 'FAILED', 'CANCELED', 'TIMED_OUT'
    )),
    waiting_reason text check (waiting_reason in (
        'WAITING_FOR_HUMAN', 'WAITING_FOR_TOOL', 'WAITING_FOR_AGENT', 'WAITING_FOR_TIME'
    )),
    seq integer not null check (seq > 0),
    submitted_at integer not null,
    updated_at integer not null,
    deadline_at integer,
    payload text not null,
    progress text not null, subject text, retention_class text, erased_at integer, erased integer not null default 0 check (erased in (0, 1)),
    primary key (workspace, id),
    check ((status = 'WAITING') = (waiting_reason is not null))
) strict;

CREATE INDEX intent_by_agent on intent (workspace, agent, status, id);

CREATE INDEX intent_by_change on intent (updated_at);

CREATE INDEX intent_by_principal on intent (workspace, on_behalf_of)
where on_behalf_of is not null;

CREATE INDEX intent_by_retention on intent (workspace, retention_class, updated_at)
where retention_class is not null and erased = 0;

CREATE INDEX intent_by_status on intent (workspace, status, id);

CREATE INDEX intent_by_subject on intent (workspace, subject) where subject is not null;

CREATE TRIGGER intent_ends_for_good before update on intent
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

CREATE TABLE legal_hold (
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

CREATE TABLE link (
    hash text primary key,
    workspace text not null,
    kind text not null check (kind in ('page', 'reply')),
    person_id text not null,
    task_id text not null,
    notice_id text not null,
    view_digest text not null,
    outcomes text not null,
    expires_at integer not null,
    created_at integer not null,
    spent_at integer,
    code text,
    wrong integer not null default 0,
    foreign key (workspace, person_id) references person (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
) strict, without rowid;

CREATE INDEX link_by_expiry on link (expires_at);

CREATE INDEX link_by_person on link (workspace, person_id);

CREATE INDEX link_by_task on link (workspace, task_id);

CREATE TRIGGER link_is_spent_once before update on link
when old.spent_at is not null or new.hash is not old.hash or new.outcomes is not old.outcomes
begin
    select raise(abort, 'a link is spent once');
end;

CREATE TABLE log_anchor (
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

CREATE INDEX log_anchor_by_time on log_anchor (workspace, at, id);

CREATE TABLE log_head (
    workspace text primary key references workspace (id),
    origin text not null,
    sequenced integer not null,
    size integer not null check (size >= 0),
    checkpoint text,
    published_at integer,
    check (sequenced >= size)
) strict, without rowid;

CREATE INDEX log_head_behind on log_head (workspace) where sequenced > size;

CREATE TRIGGER log_head_is_never_deleted before delete on log_head
begin
    select raise(abort, 'the log never shrinks');
end;

CREATE TRIGGER log_head_never_goes_back before update on log_head
when
    new.workspace is not old.workspace or new.origin is not old.origin
    or new.size < old.size or new.sequenced < old.sequenced
    or (old.checkpoint is not null and new.checkpoint is null)
begin
    select raise(abort, 'the log never shrinks');
end;

CREATE TABLE log_key (
    workspace text not null references workspace (id),
    generation integer not null,
    secret blob not null,
    public blob not null,
    made_at integer not null,
    retired_at integer,
    primary key (workspace, generation)
) strict;

CREATE TABLE log_tile (
    workspace text not null references workspace (id),
    level integer not null check (level >= 0),
    n integer not null check (n >= 0),
    hashes blob not null,
    primary key (workspace, level, n)
) strict;

CREATE TRIGGER log_tile_is_never_deleted before delete on log_tile
begin
    select raise(abort, 'the log never shrinks');
end;

CREATE TRIGGER log_tile_only_grows before update on log_tile
when
    new.workspace is not old.workspace or new.level is not old.level or new.n is not old.n
    or substr(new.hashes, 1, length(old.hashes)) is not old.hashes
begin
    select raise(abort, 'the log never shrinks');
end;

CREATE TABLE notice (
    workspace text not null,
    id text not null,
    intent_id text not null,
    task_id text not null,
    person_id text,
    channel text not null,
    reason text not null,
    state text not null check (state in ('due', 'sent', 'failed', 'skipped')),
    detail text,
    at integer not null,
    due_at integer check ((state = 'due') = (due_at is not null)),
    digest integer not null default 0 check (digest in (0, 1)),
    attempts integer not null default 0,
    leased_until integer,
    provider_id text,
    address text,
    place text,
    primary key (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
) strict, without rowid;

CREATE INDEX notice_by_due on notice (channel, due_at) where due_at is not null;

CREATE INDEX notice_by_provider on notice (provider_id) where provider_id is not null;

CREATE INDEX notice_by_task on notice (workspace, task_id, at, id);

CREATE INDEX notice_failed on notice (workspace, at) where state = 'failed';

CREATE TABLE organization (
    id text primary key,
    created_at integer not null
) strict, without rowid;

CREATE TABLE outage (
    id integer primary key autoincrement,
    start_at integer not null,
    end_at integer not null,
    recovered_at integer,
    check (start_at < end_at)
) strict;

CREATE INDEX outage_to_recover on outage (id) where recovered_at is null;

CREATE TABLE outbox (
    id integer primary key autoincrement,
    workspace text not null,
    lane text not null check (lane in ('notice', 'resume')),
    intent_id text not null,
    task_id text not null,
    body text not null,
    attempts integer not null default 0,
    created_at integer not null,
    due_at integer not null,
    leased_until integer,
    foreign key (workspace, intent_id) references intent (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
) strict;

CREATE INDEX outbox_by_due on outbox (lane, due_at);

CREATE INDEX outbox_resume_by_task on outbox (workspace, task_id) where lane = 'resume';

CREATE TABLE passkey (
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

CREATE TABLE person (
    workspace text not null references workspace (id),
    id text not null,
    email text not null check (email = lower(email)),
    name text not null,
    region text,
    time_zone text,
    disabled integer not null check (disabled in (0, 1)),
    created_at integer not null,
    roles text not null,
    groups text not null, details text not null default '{}',
    primary key (workspace, id),
    unique (workspace, email)
) strict, without rowid;

CREATE TABLE person_address (
    workspace text not null,
    address text not null check (address = lower(address)),
    person_id text not null,
    primary key (workspace, address),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE TABLE person_token (
    workspace text not null,
    token text not null,
    person_id text not null,
    primary key (workspace, token, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE TABLE preference (
    workspace text not null,
    person_id text not null,
    document text not null,
    saved_at integer not null,
    primary key (workspace, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE TABLE presence (
    workspace text not null,
    task_id text not null,
    person_id text not null,
    seen_at integer not null,
    primary key (workspace, task_id, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE INDEX presence_by_person on presence (workspace, person_id);

CREATE INDEX presence_by_time on presence (seen_at);

CREATE TABLE push_subscription (
    workspace text not null,
    id text not null,
    person_id text not null,
    endpoint text not null,
    p256dh text not null,
    auth text not null,
    device text,
    created_at integer not null,
    primary key (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE INDEX push_subscription_by_person on push_subscription (workspace, person_id);

CREATE TABLE replay (
    workspace text not null,
    scope text not null,
    key text not null,
    fingerprint text not null,
    intent_id text not null,
    task_id text,
    created_at integer not null,
    primary key (workspace, scope, key),
    foreign key (workspace, intent_id) references intent (workspace, id)
) strict, without rowid;

CREATE TABLE schema_version (
    version integer primary key,
    name text not null,
    applied_at integer not null
) strict;

CREATE TABLE server_secret (
    name text primary key,
    value blob not null,
    made_at integer not null
) strict, without rowid;

CREATE TABLE session (
    hash text primary key,
    workspace text not null,
    person_id text not null,
    expires_at integer not null, id text not null default '', method text not null default 'sign_in_link', strength text not null default 'session', provider text not null default 'local', device text, created_at integer not null default 0, authenticated_at integer not null default 0, seen_at integer not null default 0,
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE INDEX session_by_expiry on session (expires_at);

CREATE INDEX session_by_person on session (workspace, person_id);

CREATE TABLE settings (
    workspace text not null references workspace (id),
    version integer not null check (version > 0),
    document text not null,
    saved_at integer not null,
    saved_by text not null,
    primary key (workspace, version)
) strict;

CREATE TRIGGER settings_are_never_deleted before delete on settings
begin
    select raise(abort, 'a version of the settings is never deleted');
end;

CREATE TRIGGER settings_are_never_rewritten before update on settings
begin
    select raise(abort, 'a version of the settings is never rewritten');
end;

CREATE TABLE sign_in (
    hash text primary key,
    workspace text not null,
    person_id text not null,
    expires_at integer not null,
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE INDEX sign_in_by_expiry on sign_in (expires_at);

CREATE INDEX sign_in_by_person on sign_in (workspace, person_id);

CREATE TABLE slack_post (
    workspace text not null,
    id text not null,
    intent_id text not null,
    task_id text not null,
    notice_id text not null,
    person_id text,
    team text not null,
    channel text not null,
    ts text not null,
    view_digest text not null,
    seq integer not null,
    closed integer not null default 0 check (closed in (0, 1)),
    created_at integer not null,
    primary key (workspace, id),
    foreign key (workspace, task_id) references task (workspace, id)
) strict, without rowid;

CREATE INDEX slack_post_by_id on slack_post (id);

CREATE INDEX slack_post_by_message on slack_post (team, channel, ts);

CREATE INDEX slack_post_by_person on slack_post (workspace, person_id) where person_id is not null;

CREATE INDEX slack_post_by_task on slack_post (workspace, task_id);

CREATE INDEX slack_post_open on slack_post (workspace, intent_id) where closed = 0;

CREATE TABLE step (
    workspace text not null,
    intent_id text not null,
    name text not null,
    seq integer not null,
    primary key (workspace, intent_id, name),
    foreign key (workspace, intent_id, seq) references event (workspace, intent_id, seq)
) strict, without rowid;

CREATE TABLE task (
    workspace text not null,
    id text not null,
    intent_id text not null,
    agent text not null,
    type text not null check (type in (
        'approval', 'review', 'confirmation', 'assignment', 'form', 'clarification',
        'manual_action', 'override'
    )),
    state text not null check (state in (
        'open', 'claimed', 'concluded', 'expired', 'withdrawn', 'overridden'
    )),
    outcome text,
    opened_at integer not null,
    closed_at integer,
    document text not null, search text, risk text check (risk in ('low', 'medium', 'high')), due_at integer, closed_by text,
    primary key (workspace, id),
    foreign key (workspace, intent_id) references intent (workspace, id),
    check ((state = 'concluded') = (outcome is not null)),
    check ((state in ('open', 'claimed')) = (closed_at is null))
) strict;

CREATE INDEX task_by_agent on task (workspace, agent, state, id);

CREATE INDEX task_by_closing on task (workspace, closed_at) where closed_at is not null;

CREATE INDEX task_by_intent on task (workspace, intent_id, state, id);

CREATE INDEX task_by_state on task (workspace, state, id);

CREATE TRIGGER task_closes_for_good before update on task
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

CREATE TABLE task_audience (
    workspace text not null,
    token text not null,
    task_id text not null, risk integer not null default 1, due_at integer not null default 0,
    primary key (workspace, token, task_id),
    foreign key (workspace, task_id) references task (workspace, id)
) strict, without rowid;

CREATE INDEX task_audience_by_due on task_audience (workspace, token, risk, due_at, task_id);

CREATE TABLE task_view (
    workspace text not null,
    task_id text not null,
    person_id text not null,
    view_digest text not null,
    first_at integer not null,
    primary key (workspace, task_id, person_id, view_digest),
    foreign key (workspace, task_id) references task (workspace, id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

CREATE TABLE timer (
    workspace text not null,
    intent_id text not null,
    task_id text not null,
    kind text not null check (kind in ('rung', 'deadline', 'sleep')),
    due_at integer not null,
    leased_until integer,
    primary key (workspace, intent_id, task_id, kind),
    foreign key (workspace, intent_id) references intent (workspace, id),
    check ((kind = 'rung') = (task_id <> ''))
) strict, without rowid;

CREATE INDEX timer_by_due on timer (due_at) where leased_until is null;

CREATE INDEX timer_by_lease on timer (leased_until) where leased_until is not null;

CREATE TABLE webhook (
    workspace text not null references workspace (id),
    id text not null,
    url text not null,
    label text,
    events text not null,
    secrets text not null,
    state text not null check (state in ('enabled', 'disabled')),
    detail text,
    since integer not null check (since >= 0),
    failing_since integer,
    created_at integer not null,
    created_by text not null,
    primary key (workspace, id)
) strict, without rowid;

CREATE INDEX webhook_enabled on webhook (workspace) where state = 'enabled';

CREATE TABLE workspace (
    id text primary key,
    organization text not null references organization (id),
    created_at integer not null
) strict, without rowid;

