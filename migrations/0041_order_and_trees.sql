-- The manual order of the entries of a type: a number between those of its neighbours, of an entry and not of its
-- versions. New entries come last, by the time; one that is moved takes the shortest number that is free in its place.
alter table entries add column order_key numeric;
alter table published_entries add column order_key numeric;
create index entries_in_order on entries (tenant_id, environment_id, type, order_key, id) where order_key is not null;
create index published_entries_in_order on published_entries
  (tenant_id, environment_id, type, locale, order_key, entry_id) where order_key is not null;

-- The place behind all entries of a type.
create function cms_last_place(tenant uuid, environment uuid, of_type text) returns numeric language sql volatile
  return greatest(extract(epoch from clock_timestamp()), (select trunc(order_key, 6) + 0.000001 from entries
    where tenant_id = tenant and environment_id = environment and type = of_type and order_key is not null
    order by order_key desc limit 1));

-- The shortest number between two others; null where it would be longer than keys may get.
create function cms_between(low numeric, high numeric) returns numeric language plpgsql immutable as $$
declare
  place numeric;
begin
  if low < high then
    for digits in greatest(0, -ceil(log(high - low))::int) .. 20 loop
      place := round((low + high) * 0.5, digits);
      if place > low and place < high then return place; end if;
    end loop;
  end if;
  return null;
end $$;

-- Spreads the entries around one evenly, all but the one that is being moved: few where these have room, more where not.
create function cms_spread(tenant uuid, environment uuid, of_type text, moved text, anchor text) returns void
  language plpgsql volatile as $$
declare
  here numeric;
  ids text[];
  below numeric;
  above numeric;
  step numeric;
  digits int;
begin
  select order_key into here from entries where tenant_id = tenant and environment_id = environment and id = anchor;
  foreach digits in array array[32, 256, 2048, 16384, 2000000000] loop
    with lower as materialized (select id, order_key, row_number() over (order by order_key desc, id desc) as place from entries
        where tenant_id = tenant and environment_id = environment and type = of_type and order_key is not null
          and (order_key, id) <= (here, anchor) and id <> moved order by order_key desc, id desc limit digits::bigint + 1),
      upper as materialized (select id, order_key, row_number() over (order by order_key, id) as place from entries
        where tenant_id = tenant and environment_id = environment and type = of_type and order_key is not null
          and (order_key, id) > (here, anchor) and id <> moved order by order_key, id limit digits::bigint + 1)
    select array_agg(id order by order_key, id) filter (where place <= digits),
        max(order_key) filter (where is_lower and place > digits), min(order_key) filter (where not is_lower and place > digits)
      into ids, below, above
      from (select *, true as is_lower from lower union all select *, false from upper) around;
    below := coalesce(below, floor(least(here, above, 0)) - cardinality(ids) - 1);
    above := coalesce(above, ceil(greatest(here, below)) + cardinality(ids) + 1);
    step := (above - below) / (cardinality(ids) + 1);
    exit when step > 0.0000000001;
  end loop;
  digits := greatest(0, 1 - floor(log(step))::int);
  with fresh as materialized (select id, round(below + step * place, digits) as order_key
      from unnest(ids) with ordinality as spread (id, place)),
    written as (update entries entry set order_key = fresh.order_key from fresh
      where entry.tenant_id = tenant and entry.environment_id = environment and entry.id = fresh.id)
  update published_entries shown set order_key = fresh.order_key from fresh
    where shown.tenant_id = tenant and shown.environment_id = environment and shown.entry_id = fresh.id;
end $$;

-- The place of an entry before or behind another, or behind all. One at a time in a type: each sees where the ones
-- before it went.
create function cms_place(tenant uuid, environment uuid, of_type text, moved text, anchor text, is_before boolean)
  returns numeric language plpgsql volatile as $$
declare
  here numeric;
  next numeric;
  place numeric;
begin
  perform pg_advisory_xact_lock(hashtextextended(environment::text || ' order of ' || of_type, 1));
  for attempt in 1 .. 2 loop
    select order_key into here from entries where tenant_id = tenant and environment_id = environment and id = anchor;
    if here is null then return cms_last_place(tenant, environment, of_type); end if;
    if is_before then
      select order_key into next from entries where tenant_id = tenant and environment_id = environment and type = of_type
        and order_key is not null and (order_key, id) < (here, anchor) and id <> moved
        order by order_key desc, id desc limit 1;
      if next is null then return floor(here) - 1; end if;
    else
      select order_key into next from entries where tenant_id = tenant and environment_id = environment and type = of_type
        and order_key is not null and (order_key, id) > (here, anchor) and id <> moved
        order by order_key, id limit 1;
      if next is null then return cms_last_place(tenant, environment, of_type); end if;
    end if;
    place := cms_between(least(here, next), greatest(here, next));
    if place is not null then return place; end if;
    perform cms_spread(tenant, environment, of_type, moved, anchor);
  end loop;
  return here;
end $$;

-- Why an entry cannot stand below another one in the tree that a field makes of the entries of a type: it is above that
-- one, or there would be too many levels. Null where it can. One at a time in a type, unless nothing can stand below the
-- entry yet: each sees where the ones before it went.
create function cms_tree_refusal(tenant uuid, environment uuid, of_type text, of_field text, child text, parent text,
  in_perspective smallint, most int) returns jsonb language plpgsql volatile as $$
declare
  above text := parent;
  levels int := 1;
  height int;
  is_leaf boolean;
begin
  if parent is null then return null; end if;
  select not exists (select 1 from entry_refs ref where ref.tenant_id = tenant and ref.environment_id = environment
      and ref.target_id = child and ref.perspective = in_perspective and ref.type = of_type and ref.field = of_field)
    and (in_perspective = 1 or not exists (select 1 from entries entry where entry.tenant_id = tenant
      and entry.environment_id = environment and entry.id = child)) into is_leaf;
  if not is_leaf or parent = child then
    perform pg_advisory_xact_lock(hashtextextended(environment::text || ' tree of ' || of_type, 1));
  end if;
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
