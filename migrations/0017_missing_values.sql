-- What an object lacks of what is required of it, as paths. `needs`: [{ "id", "required"?, "fields"?: needs, "components"?: { id: needs } }].
create function cms_missing(owner jsonb, needs jsonb, prefix text) returns setof text language plpgsql immutable as $$
declare
  need jsonb;
begin
  for need in select item from jsonb_array_elements(needs) item loop
    return query select cms_missing_value(owner -> (need ->> 'id'), need, prefix || (need ->> 'id'));
  end loop;
end $$;

create function cms_missing_value(value jsonb, need jsonb, path text) returns setof text language plpgsql immutable as $$
declare
  inner_needs jsonb;
begin
  if value is null or value in ('null', '""', '[]') then
    if (need -> 'required')::boolean then
      return next path;
    end if;
  elsif need ? 'fields' then
    return query select cms_missing(value, need -> 'fields', path || '.');
  elsif jsonb_typeof(value) = 'array' then
    for i in 0 .. jsonb_array_length(value) - 1 loop
      inner_needs := need -> 'components' -> (value -> i ->> 'type');
      if inner_needs is not null then
        return query select cms_missing(value -> i, inner_needs, path || '[' || i || '].');
      elsif value -> i = '""' and (need -> 'required')::boolean then
        return next path || '[' || i || ']';
      end if;
    end loop;
  end if;
end $$;

-- What is required and missing in the locales that are to be published, [{ "path", "locale" }] or null. `locales` is
-- [{ "locale", "chain", "is_default" }]. Without `wanted` the default one is asked for, and each that has values of its own.
create function cms_incomplete(data jsonb, needs jsonb, localized jsonb, locales jsonb, wanted text[], with_shared boolean)
returns jsonb language plpgsql immutable as $$
declare
  asked text[];
  need jsonb;
  item jsonb;
  chain text[];
  origin text;
  found jsonb := '[]';
begin
  if needs = '[]' then
    return null;
  end if;
  select coalesce(array_agg(one ->> 'locale'), '{}') into asked from jsonb_array_elements(locales) one
    where case when wanted is not null then one ->> 'locale' = any (wanted)
      else (one -> 'is_default')::boolean or exists (select 1 from jsonb_array_elements_text(localized) field
        where coalesce(data -> field -> (one ->> 'locale'), 'null') <> 'null') end;
  for need in select one from jsonb_array_elements(needs) one loop
    if not coalesce((need -> 'localized')::boolean, false) then
      if with_shared then
        select found || coalesce(jsonb_agg(jsonb_build_object('path', path, 'locale', null)), '[]') into found
          from cms_missing_value(data -> (need ->> 'id'), need, need ->> 'id') path;
      end if;
      continue;
    end if;
    for item in select one from jsonb_array_elements(locales) one where one ->> 'locale' = any (asked) loop
      chain := array(select jsonb_array_elements_text(item -> 'chain'));
      select step into origin from unnest(chain) with ordinality as steps (step, position)
        where coalesce(data -> (need ->> 'id') -> step, 'null') <> 'null' order by position limit 1;
      -- What another of these locales has, or lacks, is said of that one.
      continue when origin <> item ->> 'locale' and origin = any (asked);
      continue when origin is null and chain[2:] && asked;
      select found || coalesce(jsonb_agg(jsonb_build_object('path', path, 'locale', item ->> 'locale')), '[]') into found
        from cms_missing_value(data -> (need ->> 'id') -> origin, need, (need ->> 'id')
          || case when (item -> 'is_default')::boolean then '' else '.' || coalesce(origin, item ->> 'locale') end) path;
    end loop;
  end loop;
  return nullif(found, '[]');
end $$;

-- An empty text is no value that another entry could have taken.
alter table entry_fields no force row level security;
update entry_fields set unique_value = null where unique_value = '';
alter table entry_fields force row level security;
