-- Whether an entry may be put under a parent; see 0041. What is published waits for the others of its tree, always: two that are
-- published at once, each under the other, both looked like leaves and saw nothing of one another.
create or replace function cms_tree_refusal(tenant uuid, environment uuid, of_type text, of_field text, child text, parent text,
  in_perspective smallint, most int) returns jsonb language plpgsql volatile as $$
declare
  above text := parent;
  levels int := 1;
  height int;
  is_new boolean := false;
  is_leaf boolean;
begin
  if parent is null then return null; end if;
  if in_perspective = 0 and parent <> child then
    select not exists (select 1 from entries entry where entry.tenant_id = tenant and entry.environment_id = environment
      and entry.id = child) into is_new;
  end if;
  if not is_new then
    perform pg_advisory_xact_lock(hashtextextended(environment::text || ' tree of ' || of_type, 1));
  end if;
  select not exists (select 1 from entry_refs ref where ref.tenant_id = tenant and ref.environment_id = environment
    and ref.target_id = child and ref.perspective = in_perspective and ref.type = of_type and ref.field = of_field) into is_leaf;
  while above is not null loop
    if above = child then return '{"tree": "cycle"}'; end if;
    levels := levels + 1;
    if levels > most then return '{"tree": "depth"}'; end if;
    select ref.target_id into above from entry_refs ref where ref.tenant_id = tenant and ref.environment_id = environment
      and ref.entry_id = above and ref.perspective = in_perspective and ref.field = of_field and ref.locale = ''
      and ref.ordinal = 0 and ref.type = of_type;
  end loop;
  if is_leaf then return null; end if;
  with recursive below (id, level) as (
    select child collate "C", 0
    union all
    select ref.entry_id, below.level + 1 from below join entry_refs ref on ref.tenant_id = tenant
      and ref.environment_id = environment and ref.target_id = below.id and ref.perspective = in_perspective
      and ref.type = of_type and ref.field = of_field where below.level < most)
  select max(level) into height from below;
  return case when levels + height > most then '{"tree": "depth"}'::jsonb end;
end $$;
