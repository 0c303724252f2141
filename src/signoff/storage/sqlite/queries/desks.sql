-- save_draft --
-- What somebody has typed, in the place of what they had typed before.
insert into draft (workspace, task_id, person_id, view_digest, form, saved_at) values {rows}
on conflict (workspace, task_id, person_id) do update set
    view_digest = excluded.view_digest, form = excluded.form, saved_at = excluded.saved_at;

-- draft_by_id --
-- What somebody has typed.
select view_digest, form, saved_at from draft
where workspace = :workspace and task_id = :task_id and person_id = :person_id;

-- drop_draft --
-- Forget what somebody has typed.
delete from draft
where workspace = :workspace and task_id = :task_id and person_id = :person_id;

-- forget_drafts --
-- Forget what was typed long ago.
delete from draft indexed by draft_by_time where saved_at < :before;

-- note_looking --
-- Somebody looks at a task.
insert into presence (workspace, task_id, person_id, seen_at) values {rows}
on conflict (workspace, task_id, person_id) do update set seen_at = excluded.seen_at;

-- stop_looking --
-- Somebody looks at a task no more.
delete from presence
where workspace = :workspace and task_id = :task_id and person_id = :person_id;

-- forget_looking --
-- Forget who looked at something long ago.
delete from presence indexed by presence_by_time where seen_at < :before;

-- looking_at --
-- Who has been seen at a task since a moment.
select person_id from presence
where workspace = :workspace and task_id = :task_id and seen_at >= :since
order by person_id;
