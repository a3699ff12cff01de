-- By which types are named in GraphQL: the older keeps a name that two would have. Those that are there go by their ids, as before.
alter table content_types add column made_at bigint;
alter table content_types no force row level security;
update content_types type set made_at = ranked.place
from (select tenant_id, environment_id, id, row_number() over (partition by tenant_id, environment_id order by id) as place
  from content_types) ranked
where ranked.tenant_id = type.tenant_id and ranked.environment_id = type.environment_id and ranked.id = type.id;
alter table content_types force row level security;
alter table content_types alter column made_at set default (extract(epoch from clock_timestamp()) * 1000000)::bigint;
alter table content_types alter column made_at set not null;
