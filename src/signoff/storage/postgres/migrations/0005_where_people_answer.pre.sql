-- Where people answer: notices over several channels, links, sessions, drafts, files, and what is
-- sent to other systems.

-- What the lists narrow and search by, and what the figures count; ``document`` holds all of it too.
-- ``search`` is what a task is found by, in small letters.
alter table task add column search text;
alter table task add column risk text check (risk in ('low', 'medium', 'high'));
alter table task add column due_at timestamptz;
alter table task add column closed_by text;
update task set
    search = lower(document -> 'ask' ->> 'title'), risk = document -> 'ask' ->> 'risk',
    due_at = (
        select max(m.due_at) from timer as m
        where m.workspace = task.workspace and m.intent_id = task.intent_id and m.task_id = task.id
    )
where state in ('open', 'claimed');

create index task_by_closing on task (workspace, closed_at) where closed_at is not null;

-- What a list is sorted by: ``risk`` is 0, 1 or 2. A task from before this is sorted by when its
-- ladder fires next, until it changes.
alter table task_audience add column risk integer not null default 1;
alter table task_audience add column due_at timestamptz not null default 'epoch';
update task_audience as a set
    risk = case t.risk when 'low' then 0 when 'high' then 2 else 1 end,
    due_at = coalesce(t.due_at, 'epoch')
from task as t where t.workspace = a.workspace and t.id = a.task_id;

create index task_audience_by_due on task_audience (workspace, token, risk, due_at, task_id);

-- One person told, or to be told, over one channel. One that is due waits until ``due_at`` and is
-- leased to whoever sends it; in a digest it goes out together with the others of that person. What
-- goes to a place where several read it names no person.
alter table notice alter column person_id drop not null;
alter table notice alter column channel type text collate "C";
alter table notice drop constraint notice_state_check;
alter table notice add constraint notice_state_check
    check (state in ('due', 'sent', 'failed', 'skipped'));
alter table notice add column due_at timestamptz;
alter table notice add constraint notice_is_due check ((state = 'due') = (due_at is not null));
alter table notice add column digest boolean not null default false;
alter table notice add column attempts integer not null default 0;
alter table notice add column leased_until timestamptz;
alter table notice add column provider_id text collate "C";
alter table notice add column address text;
alter table notice add column place text;

create index notice_by_due on notice (channel, due_at) where due_at is not null;
create index notice_failed on notice (workspace, at) where state = 'failed';
create index notice_by_provider on notice (provider_id) where provider_id is not null;

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

-- What a session is: how it began, how sure that was, and when it was last used.
alter table session add column id text collate "C" not null default '';
alter table session add column method text not null default 'sign_in_link';
alter table session add column strength text not null default 'session';
alter table session add column provider text not null default 'local';
alter table session add column device text;
alter table session add column created_at timestamptz not null default '-infinity';
alter table session add column authenticated_at timestamptz not null default '-infinity';
alter table session add column seen_at timestamptz not null default '-infinity';
update session set id = 'ses_' || substr(hash, 1, 32), created_at = expires_at - interval '12 hours',
    authenticated_at = expires_at - interval '12 hours', seen_at = expires_at - interval '12 hours';

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


-- The planner is shown rows of the usual kind, as the second migration explains: of what is new, and
-- of what has a new index.
insert into organization (id, created_at) values ('shown', now());
insert into workspace (id, organization, created_at) values ('shown/once', 'shown', now());

insert into intent (
    workspace, id, type, title, agent, handled, status, waiting_reason, seq, submitted_at,
    updated_at, payload, progress
)
select
    'shown/once', 'int_' || n, 'shown', 'shown', 'agent-' || n % 5, true, 'WAITING',
    'WAITING_FOR_HUMAN', 3, now() + n * interval '1 second', now() + n * interval '1 second', '{}',
    '{}'
from generate_series(1, 400) as n;

insert into task (
    workspace, id, intent_id, agent, type, state, outcome, opened_at, closed_at, document, search,
    risk, due_at, closed_by
)
select
    'shown/once', 'task_' || n, 'int_' || n, 'agent-' || n % 5, 'approval',
    case when n % 4 = 0 then 'concluded' else 'open' end,
    case when n % 4 = 0 then 'approved' end,
    now() + n * interval '1 second',
    case when n % 4 = 0 then now() + n * interval '1 second' end, '{}', 'shown', 'medium',
    now() + n * interval '1 second', case when n % 4 = 0 then 'person' end
from generate_series(1, 400) as n;

insert into task_audience (workspace, token, task_id, risk, due_at)
select 'shown/once', 'role:' || n % 5, 'task_' || n, n % 3, now() + n * interval '1 second'
from generate_series(1, 400) as n;

insert into person (workspace, id, email, name, disabled, created_at, roles, groups)
select 'shown/once', 'per_' || n, 'shown-' || n, 'shown', false, now(), '[]', '[]'
from generate_series(1, 400) as n;

insert into notice (
    workspace, id, intent_id, task_id, person_id, channel, reason, state, at, due_at, provider_id
)
select
    'shown/once', 'notice_' || n, 'int_' || n, 'task_' || n, 'per_' || n, 'channel-' || n % 5,
    'opened', case n % 4 when 0 then 'due' when 1 then 'failed' else 'sent' end,
    now() + n * interval '1 second', case when n % 4 = 0 then now() + n * interval '1 second' end,
    case when n % 2 = 0 then 'shown-' || n end
from generate_series(1, 400) as n;

insert into preference (workspace, person_id, document, saved_at)
select 'shown/once', 'per_' || n, '{}', now() from generate_series(1, 400) as n;

insert into link (
    hash, workspace, kind, person_id, task_id, notice_id, view_digest, outcomes, expires_at,
    created_at
)
select
    'hash-' || n, 'shown/once', 'page', 'per_' || n, 'task_' || n, 'notice_' || n, 'shown', '[]',
    now() + n * interval '1 second', now()
from generate_series(1, 400) as n;

insert into session (hash, workspace, person_id, expires_at, id)
select 'hash-' || n, 'shown/once', 'per_' || n, now() + n * interval '1 second', 'ses_' || n
from generate_series(1, 400) as n;

insert into identity (workspace, issuer, subject, person_id, created_at)
select 'shown/once', 'issuer-' || n % 3, 'subject-' || n, 'per_' || n, now()
from generate_series(1, 400) as n;

insert into draft (workspace, task_id, person_id, view_digest, form, saved_at)
select 'shown/once', 'task_' || n, 'per_' || n, 'shown', '{}', now()
from generate_series(1, 400) as n;

insert into presence (workspace, task_id, person_id, seen_at)
select 'shown/once', 'task_' || n, 'per_' || n, now() + n * interval '1 second'
from generate_series(1, 400) as n;

insert into attachment (
    workspace, id, intent_id, task_id, person_id, name, media_type, size, digest, created_at
)
select
    'shown/once', 'att_' || n, 'int_' || n, 'task_' || n, 'per_' || n, 'shown', 'shown', n,
    'digest-' || n, now()
from generate_series(1, 400) as n;

insert into push_subscription (
    workspace, id, person_id, endpoint, p256dh, auth, created_at
)
select 'shown/once', 'push_' || n, 'per_' || n, 'shown', 'shown', 'shown', now()
from generate_series(1, 400) as n;

insert into webhook (
    workspace, id, url, events, secrets, state, since, created_at, created_by
)
select 'shown/once', 'whk_' || n, 'shown', '[]', '[]', 'enabled', 0, now(), 'shown'
from generate_series(1, 40) as n;

insert into delivery (
    workspace, id, webhook_id, idx, type, intent_id, state, due_at, created_at, at
)
select
    'shown/once', 'msg_' || n, 'whk_' || n % 40 + 1, n, 'shown', 'int_' || n,
    case when n % 4 = 0 then 'due' else 'sent' end,
    case when n % 4 = 0 then now() + n * interval '1 second' end, now(), now()
from generate_series(1, 400) as n;

insert into slack_post (
    workspace, id, intent_id, task_id, notice_id, person_id, team, channel, ts, view_digest, seq,
    created_at
)
select
    'shown/once', 'slk_' || n, 'int_' || n, 'task_' || n, 'notice_' || n, 'per_' || n,
    'team-' || n % 3, 'channel-' || n % 40, 'ts-' || n, 'shown', 1, now()
from generate_series(1, 400) as n;

insert into inbound (channel, id, at)
select 'channel-' || n % 5, 'id-' || n, now() + n * interval '1 second'
from generate_series(1, 400) as n;

analyze intent, task, task_audience, notice, preference, link, session, identity, draft, presence, attachment,
    push_subscription, webhook, delivery, slack_post, inbound;

delete from inbound;
delete from slack_post where workspace = 'shown/once';
delete from delivery where workspace = 'shown/once';
delete from webhook where workspace = 'shown/once';
delete from push_subscription where workspace = 'shown/once';
delete from attachment where workspace = 'shown/once';
delete from presence where workspace = 'shown/once';
delete from draft where workspace = 'shown/once';
delete from identity where workspace = 'shown/once';
delete from session where workspace = 'shown/once';
delete from link where workspace = 'shown/once';
delete from preference where workspace = 'shown/once';
delete from notice where workspace = 'shown/once';
delete from person where workspace = 'shown/once';
delete from task_audience where workspace = 'shown/once';
delete from task where workspace = 'shown/once';
delete from intent where workspace = 'shown/once';
delete from workspace where id = 'shown/once';
delete from organization where id = 'shown';
