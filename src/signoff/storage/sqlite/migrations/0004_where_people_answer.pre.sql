-- Where people answer: notices over several channels, links, sessions, drafts, files, and what is
-- sent to other systems.

-- What the lists narrow and search by, and what the figures count; ``document`` holds all of it too.
-- ``search`` is what a task is found by, in small letters.
alter table task add column search text;
alter table task add column risk text check (risk in ('low', 'medium', 'high'));
alter table task add column due_at integer;
alter table task add column closed_by text;
update task set search = lower(document ->> '$.ask.title'), risk = document ->> '$.ask.risk',
    due_at = (
        select max(due_at) from timer
        where timer.workspace = task.workspace and timer.intent_id = task.intent_id
            and timer.task_id = task.id
    )
where state in ('open', 'claimed');

create index task_by_closing on task (workspace, closed_at) where closed_at is not null;

-- What a list is sorted by: ``risk`` is 0, 1 or 2. A task from before this is sorted by when its
-- ladder fires next, until it changes.
alter table task_audience add column risk integer not null default 1;
alter table task_audience add column due_at integer not null default 0;
update task_audience set
    risk = case task.risk when 'low' then 0 when 'high' then 2 else 1 end,
    due_at = coalesce(task.due_at, 0)
from task where task.workspace = task_audience.workspace and task.id = task_audience.task_id;

create index task_audience_by_due on task_audience (workspace, token, risk, due_at, task_id);

-- One person told, or to be told, over one channel. One that is due waits until ``due_at`` and is
-- leased to whoever sends it; in a digest it goes out together with the others of that person. What
-- goes to a place where several read it names no person.
drop index notice_by_task;
alter table notice rename to notice_before;
create table notice (
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
insert into notice (
    workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at
)
select workspace, id, intent_id, task_id, person_id, channel, reason, state, detail, at
from notice_before;
drop table notice_before;

create index notice_by_task on notice (workspace, task_id, at, id);
create index notice_by_due on notice (channel, due_at) where due_at is not null;
create index notice_failed on notice (workspace, at) where state = 'failed';
create index notice_by_provider on notice (provider_id) where provider_id is not null;

-- How somebody wants to be told and to read: a ``Preferences``.
create table preference (
    workspace text not null,
    person_id text not null,
    document text not null,
    saved_at integer not null,
    primary key (workspace, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

-- A link to one task for one person, by the hash of its secret: what it may answer, and until when.
-- ``spent_at`` is set in the transaction of the answer it gave, and never again; ``wrong`` counts the
-- wrong codes.
create table link (
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

create index link_by_expiry on link (expires_at);
create index link_by_person on link (workspace, person_id);
create index link_by_task on link (workspace, task_id);

create trigger link_is_spent_once before update on link
when old.spent_at is not null or new.hash is not old.hash or new.outcomes is not old.outcomes
begin
    select raise(abort, 'a link is spent once');
end;

-- What a session is: how it began, how sure that was, and when it was last used.
alter table session add column id text not null default '';
alter table session add column method text not null default 'sign_in_link';
alter table session add column strength text not null default 'session';
alter table session add column provider text not null default 'local';
alter table session add column device text;
alter table session add column created_at integer not null default 0;
alter table session add column authenticated_at integer not null default 0;
alter table session add column seen_at integer not null default 0;
update session set id = 'ses_' || substr(hash, 1, 32), created_at = expires_at - 43200000000,
    authenticated_at = expires_at - 43200000000, seen_at = expires_at - 43200000000;

-- Who vouches for whom: the subject of an issuer is this person.
create table identity (
    workspace text not null,
    issuer text not null,
    subject text not null,
    person_id text not null,
    label text,
    created_at integer not null,
    primary key (workspace, issuer, subject),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

create index identity_by_subject on identity (issuer, subject);
create index identity_by_person on identity (workspace, person_id);

-- An answer somebody has begun: what they had typed, and what they saw when they did.
create table draft (
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

create index draft_by_person on draft (workspace, person_id);
create index draft_by_time on draft (saved_at);

-- Who has a task open just now.
create table presence (
    workspace text not null,
    task_id text not null,
    person_id text not null,
    seen_at integer not null,
    primary key (workspace, task_id, person_id),
    foreign key (workspace, person_id) references person (workspace, id)
) strict, without rowid;

create index presence_by_time on presence (seen_at);
create index presence_by_person on presence (workspace, person_id);

-- A file somebody has put on a task; its bytes are outside, named by their digest.
create table attachment (
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

create index attachment_by_task on attachment (workspace, task_id);
create index attachment_by_intent on attachment (workspace, intent_id);
create index attachment_by_digest on attachment (workspace, digest) where erased_at is null;
create index attachment_by_person on attachment (workspace, person_id);

-- A browser that shows notices when nobody has a page open (RFC 8030).
create table push_subscription (
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

create index push_subscription_by_person on push_subscription (workspace, person_id);

-- Secrets the servers of one database share, sealed where a seal is set.
create table server_secret (
    name text primary key,
    value blob not null,
    made_at integer not null
) strict, without rowid;

-- Another system that is told of what happens. ``secrets`` are those that sign, newest first, sealed
-- where a seal is set; ``events`` the types it wants; ``since`` the first place of the log that has not
-- been looked at for it.
create table webhook (
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

-- One event for one endpoint. ``idx`` is its place in the log.
create table delivery (
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

create index delivery_by_due on delivery (due_at) where due_at is not null;
create unique index delivery_by_id on delivery (workspace, id);
create index webhook_enabled on webhook (workspace) where state = 'enabled';

-- A message in Slack that stands for a task. ``id`` is what its buttons carry; ``seq`` is the number of
-- the intent's last event when it was written: once that is past, the message is corrected.
create table slack_post (
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

create index slack_post_by_id on slack_post (id);
create index slack_post_by_task on slack_post (workspace, task_id);
create index slack_post_open on slack_post (workspace, intent_id) where closed = 0;
create index slack_post_by_message on slack_post (team, channel, ts);
create index slack_post_by_person on slack_post (workspace, person_id) where person_id is not null;

-- What came in from a channel and has been dealt with, so that it is dealt with once.
create table inbound (
    channel text not null,
    id text not null,
    at integer not null,
    primary key (channel, id)
) strict, without rowid;

create index inbound_by_time on inbound (at);
