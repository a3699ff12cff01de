-- What changes of content types moved within the values of their entries. Versions and the trash keep values as they
-- were; what came after them is done to them as they are read.
create table type_reshapes (
  tenant_id uuid not null,
  environment_id uuid not null,
  type text not null,
  version integer not null,
  -- Of the moment itself: writers of the environment are locked out, so that all they wrote before is older.
  at timestamptz not null default clock_timestamp(),
  steps jsonb not null,
  primary key (tenant_id, environment_id, type, version),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id) on delete cascade
);
call flow.wall('type_reshapes', 'select, insert, delete');

-- Moves values within one object, [{ "from", "to", "by_locale" }]; components that have lost everything go.
create function cms_move_values(value jsonb, moves jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  move jsonb;
  source text[];
  target text[];
  path text[];
  place text[];
  locales text[];
  one text;
  moved jsonb;
begin
  if jsonb_typeof(value) is distinct from 'object' then return value; end if;
  for move in select each_move from jsonb_array_elements(moves) each_move loop
    source := array(select jsonb_array_elements_text(move -> 'from'));
    target := array(select jsonb_array_elements_text(move -> 'to'));
    locales := array[null];
    -- By locale at the top, the values themselves move as they are.
    if (move -> 'by_locale')::boolean and cardinality(source) + cardinality(target) > 2 then
      locales := case when jsonb_typeof(value -> source[1]) = 'object'
        then array(select jsonb_object_keys(value -> source[1])) else '{}' end;
    end if;
    foreach one in array locales loop
      path := case when one is null then source else array[source[1], one] || source[2:] end;
      place := case when one is null then target else array[target[1], one] || target[2:] end;
      moved := value #> path;
      continue when moved is null;
      value := value #- path;
      for i in reverse cardinality(path) - 1 .. 1 loop
        exit when value #> path[1:i] is distinct from '{}';
        value := value #- path[1:i];
      end loop;
      continue when moved = 'null';
      for i in 1 .. cardinality(place) - 1 loop
        if jsonb_typeof(value #> place[1:i]) is distinct from 'object' then
          value := jsonb_set(value, place[1:i], '{}');
        end if;
      end loop;
      value := jsonb_set(value, place, moved);
    end loop;
  end loop;
  return value;
end $$;

-- The moves in every object that a way leads to: a key, values by locale, elements, blocks or components of a kind.
create function cms_reshape_at(value jsonb, way jsonb, depth integer, moves jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  step text := way -> depth ->> 0;
  name text := way -> depth ->> 1;
begin
  if step is null then return cms_move_values(value, moves); end if;
  if step = 'key' then
    if jsonb_typeof(value) is distinct from 'object' or coalesce(jsonb_typeof(value -> name), '') not in ('object', 'array') then return value; end if;
    return jsonb_set(value, array[name], cms_reshape_at(value -> name, way, depth + 1, moves));
  elsif step = 'locales' and jsonb_typeof(value) = 'object' then
    return (select coalesce(jsonb_object_agg(key, cms_reshape_at(one, way, depth + 1, moves)), '{}') from jsonb_each(value) each_locale (key, one));
  elsif step in ('each', 'block') and jsonb_typeof(value) = 'array' then
    return (select coalesce(jsonb_agg(case when step = 'each' or one ->> 'type' = name
        then cms_reshape_at(one, way, depth + 1, moves) else one end order by place), '[]')
      from jsonb_array_elements(value) with ordinality elements (one, place));
  elsif step = 'node' and jsonb_typeof(value) = 'object' then
    if value ->> 'type' = name and jsonb_typeof(value -> 'attrs') = 'object' then
      value := jsonb_set(value, '{attrs}', cms_reshape_at(value -> 'attrs', way, depth + 1, moves));
    end if;
    if jsonb_typeof(value -> 'content') = 'array' then
      value := jsonb_set(value, '{content}', (select coalesce(jsonb_agg(cms_reshape_at(one, way, depth, moves) order by place), '[]')
        from jsonb_array_elements(value -> 'content') with ordinality nodes (one, place)));
    end if;
  end if;
  return value;
end $$;

create function cms_reshape(data jsonb, steps jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare step jsonb;
begin
  if data is not null then
    for step in select one from jsonb_array_elements(steps) one loop
      data := cms_reshape_at(data, step -> 'at', 0, step -> 'moves');
    end loop;
  end if;
  return data;
end $$;

-- What was kept of an entry at a time, under the ids that the fields of its type have now.
create function cms_data_as_now(tenant uuid, environment uuid, type_id text, data jsonb, since timestamptz) returns jsonb language plpgsql stable set search_path = public, pg_temp as $$
declare reshape jsonb;
begin
  for reshape in select type_reshapes.steps from type_reshapes
    where tenant_id = tenant and environment_id = environment and type = type_id and at > since order by version
  loop
    data := cms_reshape(data, reshape);
  end loop;
  return data;
end $$;
