-- The manual order by whole numbers: their comparison is leakproof, so that a page behind a cursor is found by the index
-- under row-level security. A microsecond has 2048 of them; where two entries have none left between them, the entries
-- around are spread.
drop function cms_place(uuid, uuid, text, text, text, boolean);
drop function cms_spread(uuid, uuid, text, text, text);
drop function cms_between(numeric, numeric);
drop function cms_last_place(uuid, uuid, text);
alter table entries rename column order_key to old_key;
alter table published_entries rename column order_key to old_key;
alter table entries add column order_key bigint;
alter table published_entries add column order_key bigint;
alter table entries no force row level security;
alter table published_entries no force row level security;
update entries set order_key = placed.place from (select tenant_id, environment_id, id,
    row_number() over (partition by tenant_id, environment_id, type order by old_key, id) * 2147483648 as place
    from entries where old_key is not null) placed
  where entries.tenant_id = placed.tenant_id and entries.environment_id = placed.environment_id and entries.id = placed.id;
update published_entries shown set order_key = entry.order_key from entries entry
  where entry.order_key is not null and entry.tenant_id = shown.tenant_id
    and entry.environment_id = shown.environment_id and entry.id = shown.entry_id;
alter table entries force row level security;
alter table published_entries force row level security;
alter table entries drop column old_key;
alter table published_entries drop column old_key;
create index entries_in_order on entries (tenant_id, environment_id, type, order_key, id) where order_key is not null;
create index published_entries_in_order on published_entries
  (tenant_id, environment_id, type, locale, order_key, entry_id) where order_key is not null;

-- The place behind all entries of a type.
create function cms_last_place(tenant uuid, environment uuid, of_type text) returns bigint language sql volatile
  return greatest((extract(epoch from clock_timestamp()) * 1000000)::bigint * 2048, (select order_key + 2048 from entries
    where tenant_id = tenant and environment_id = environment and type = of_type and order_key is not null
    order by order_key desc limit 1));

-- Spreads the entries around one evenly, all but the one that is being moved: few where these have room, more where not.
create function cms_spread(tenant uuid, environment uuid, of_type text, moved text, anchor text) returns void
  language plpgsql volatile as $$
declare
  here bigint;
  ids text[];
  below bigint;
  above bigint;
  step bigint;
  room bigint;
begin
  select order_key into here from entries where tenant_id = tenant and environment_id = environment and id = anchor;
  foreach room in array array[32, 256, 2048, 16384, 2000000000] loop
    with lower as materialized (select id, order_key, row_number() over (order by order_key desc, id desc) as place
        from entries where tenant_id = tenant and environment_id = environment and type = of_type
          and order_key is not null and (order_key, id) <= (here, anchor) and id <> moved
        order by order_key desc, id desc limit room + 1),
      upper as materialized (select id, order_key, row_number() over (order by order_key, id) as place
        from entries where tenant_id = tenant and environment_id = environment and type = of_type
          and order_key is not null and (order_key, id) > (here, anchor) and id <> moved
        order by order_key, id limit room + 1)
    select array_agg(id order by order_key, id) filter (where place <= room),
        max(order_key) filter (where is_lower and place > room), min(order_key) filter (where not is_lower and place > room)
      into ids, below, above
      from (select *, true as is_lower from lower union all select *, false from upper) around;
    below := coalesce(below, least(here, above) - (cardinality(ids) + 1) * 2147483648);
    above := coalesce(above, greatest(here, below) + (cardinality(ids) + 1) * 2147483648);
    step := (above - below) / (cardinality(ids) + 1);
    exit when step >= 65536;
  end loop;
  with fresh as materialized (select id, below + step * place as order_key
      from unnest(ids) with ordinality as spread (id, place)),
    written as (update entries entry set order_key = fresh.order_key from fresh
      where entry.tenant_id = tenant and entry.environment_id = environment and entry.id = fresh.id)
  update published_entries shown set order_key = fresh.order_key from fresh
    where shown.tenant_id = tenant and shown.environment_id = environment and shown.entry_id = fresh.id;
end $$;

-- The place of an entry before or behind another, or behind all. One at a time in a type: each sees where the ones
-- before it went.
create function cms_place(tenant uuid, environment uuid, of_type text, moved text, anchor text, is_before boolean)
  returns bigint language plpgsql volatile as $$
declare
  here bigint;
  next bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended(environment::text || ' order of ' || of_type, 1));
  for attempt in 1 .. 2 loop
    select order_key into here from entries where tenant_id = tenant and environment_id = environment and id = anchor;
    if here is null then return cms_last_place(tenant, environment, of_type); end if;
    if is_before then
      select order_key into next from entries where tenant_id = tenant and environment_id = environment and type = of_type
        and order_key is not null and (order_key, id) < (here, anchor) and id <> moved
        order by order_key desc, id desc limit 1;
      if next is null then return here - 2147483648; end if;
    else
      select order_key into next from entries where tenant_id = tenant and environment_id = environment and type = of_type
        and order_key is not null and (order_key, id) > (here, anchor) and id <> moved
        order by order_key, id limit 1;
      if next is null then return cms_last_place(tenant, environment, of_type); end if;
    end if;
    if abs(next - here) >= 2 then return here + (next - here) / 2; end if;
    perform cms_spread(tenant, environment, of_type, moved, anchor);
  end loop;
  return here;
end $$;
