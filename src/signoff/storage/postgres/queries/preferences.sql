-- preferences_of_people --
-- What people $2 of workspace $1 have chosen.
select person_id, document from preference where workspace = $1 and person_id = any ($2::text[]);

-- save_preferences --
-- Put what somebody chooses in the place of what they had chosen.
insert into preference (workspace, person_id, document, saved_at)
values ($1, $2, $3, coalesce($4::timestamptz, clock_timestamp()))
on conflict (workspace, person_id)
do update set document = excluded.document, saved_at = excluded.saved_at
returning 1;
