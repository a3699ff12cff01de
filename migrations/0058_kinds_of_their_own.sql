-- A kind that gets another name is a block of a list, a node or a mark of a document: nothing else that is called so.
drop function cms_rename_kind(jsonb, text, text);
create function cms_rename_kind(value jsonb, old_kind text, new_kind text, part text default null) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
begin
  if jsonb_typeof(value) = 'array' then
    return (select coalesce(jsonb_agg(case when one ->> 'type' = old_kind then jsonb_set(one, '{type}', to_jsonb(new_kind)) else one end
      order by place), '[]') from jsonb_array_elements(value) with ordinality elements (one, place));
  elsif jsonb_typeof(value) = 'object' then
    if value ->> 'type' = old_kind and part is distinct from 'mark' then value := jsonb_set(value, '{type}', to_jsonb(new_kind)); end if;
    if jsonb_typeof(value -> 'marks') = 'array' and part is distinct from 'node' then
      value := jsonb_set(value, '{marks}', cms_rename_kind(value -> 'marks', old_kind, new_kind));
    end if;
    if jsonb_typeof(value -> 'content') = 'array' then
      value := jsonb_set(value, '{content}', (select coalesce(jsonb_agg(cms_rename_kind(one, old_kind, new_kind, part) order by place), '[]')
        from jsonb_array_elements(value -> 'content') with ordinality nodes (one, place)));
    end if;
  end if;
  return value;
end $$;

-- As before, and says which of them a kind is.
create or replace function cms_reshape_at(value jsonb, way jsonb, depth integer, moves jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  step text := way -> depth ->> 0;
  name text := way -> depth ->> 1;
begin
  if step is null and jsonb_typeof(moves) = 'object' then
    return cms_rename_kind(value, moves ->> 'from', moves ->> 'to', moves ->> 'as');
  end if;
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
  elsif step in ('node', 'mark') and jsonb_typeof(value) = 'object' then
    if step = 'node' and value ->> 'type' = name and jsonb_typeof(value -> 'attrs') = 'object' then
      value := jsonb_set(value, '{attrs}', cms_reshape_at(value -> 'attrs', way, depth + 1, moves));
    end if;
    if step = 'mark' and jsonb_typeof(value -> 'marks') = 'array' then
      value := jsonb_set(value, '{marks}', (select coalesce(jsonb_agg(case
          when mark ->> 'type' = name and jsonb_typeof(mark -> 'attrs') = 'object'
          then jsonb_set(mark, '{attrs}', cms_reshape_at(mark -> 'attrs', way, depth + 1, moves)) else mark end order by place), '[]')
        from jsonb_array_elements(value -> 'marks') with ordinality marks (mark, place)));
    end if;
    if jsonb_typeof(value -> 'content') = 'array' then
      value := jsonb_set(value, '{content}', (select coalesce(jsonb_agg(cms_reshape_at(one, way, depth, moves) order by place), '[]')
        from jsonb_array_elements(value -> 'content') with ordinality nodes (one, place)));
    end if;
  end if;
  return value;
end $$;
