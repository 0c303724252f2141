-- save_draft --
-- What somebody has typed, in the place of what they had typed before. What was typed before $7 is
-- forgotten.
with old as (
    delete from draft where saved_at < $7
)
insert into draft (workspace, task_id, person_id, view_digest, form, saved_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (workspace, task_id, person_id) do update set
    view_digest = excluded.view_digest, form = excluded.form, saved_at = excluded.saved_at
returning 1;

-- draft_by_id --
-- What person $3 has typed for task $2.
select view_digest, form, saved_at from draft
where workspace = $1 and task_id = $2 and person_id = $3;

-- drop_draft --
-- Forget what person $3 has typed for task $2.
delete from draft where workspace = $1 and task_id = $2 and person_id = $3
returning 1;

-- note_looking --
-- Person $3 looks at task $2. Who looked at something before $5 is forgotten.
with old as (
    delete from presence where seen_at < $5
)
insert into presence (workspace, task_id, person_id, seen_at) values ($1, $2, $3, $4)
on conflict (workspace, task_id, person_id) do update set seen_at = excluded.seen_at
returning 1;

-- stop_looking --
-- Person $3 looks at task $2 no more.
delete from presence where workspace = $1 and task_id = $2 and person_id = $3
returning 1;

-- looking_at --
-- Who has been seen at task $2 since $3.
select person_id from presence
where workspace = $1 and task_id = $2 and seen_at >= $3
order by person_id;
