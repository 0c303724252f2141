-- preferences_of_people --
-- What the people of :ids, a JSON array, have chosen.
select p.person_id, p.document
from json_each(:ids) as asked
cross join preference as p on p.workspace = :workspace and p.person_id = asked.value;

-- save_preferences --
-- Put what somebody chooses in the place of what they had chosen.
insert into preference (workspace, person_id, document, saved_at) values {rows}
on conflict (workspace, person_id)
do update set document = excluded.document, saved_at = excluded.saved_at;
