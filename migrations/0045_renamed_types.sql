-- Types and components that get another id: which ids they had, so that whoever asks for one is told the present one.
alter table content_types add column former_ids text[] not null default '{}';
alter table components add column former_ids text[] not null default '{}';

grant update (type) on content_type_versions, type_reshapes, entry_versions to cms_app;
grant update (component) on component_versions to cms_app;

-- A list of ids with one under its new name; also under its old one where `is_kept`.
create function cms_list_renamed(list jsonb, old_id text, new_id text, is_kept boolean) returns jsonb language sql immutable
  return case when coalesce(list ? old_id, false) then (select jsonb_agg(to_jsonb(id) order by place) from (
      select id, min(place) as place from (
        select one as id, place * 2 as place from jsonb_array_elements_text(list) with ordinality given (one, place)
          where one <> old_id or is_kept
        union all select new_id, place * 2 + 1 from jsonb_array_elements_text(list) with ordinality given (one, place)
          where one = old_id) both_names group by id) named) else list end;

-- Grants that go on speaking of a type under its new name: all, or those of some environments.
create function cms_grants_renamed(grants jsonb, names jsonb, old_id text, new_id text, is_kept boolean) returns jsonb language sql immutable
  return (select jsonb_agg(case when grant_ -> 'environments' is null or exists (select 1 from jsonb_array_elements_text(names) name
          where grant_ -> 'environments' ? name)
      then grant_ || case when grant_ -> 'types' is null then '{}'
          else jsonb_build_object('types', cms_list_renamed(grant_ -> 'types', old_id, new_id, is_kept)) end
        || case when grant_ -> 'except_types' is null then '{}'
          else jsonb_build_object('except_types', cms_list_renamed(grant_ -> 'except_types', old_id, new_id, is_kept)) end
      else grant_ end order by place)
    from jsonb_array_elements(grants) with ordinality given (grant_, place));

-- Moves all that is stored of a type to its new id, in one environment whose writers are locked out. What a deleted type
-- of that id left behind goes.
create function cms_rename_type(tenant uuid, environment uuid, old_id text, new_id text) returns void language plpgsql
  set search_path = public, pg_temp as $$
declare kept text;
begin
  perform set_config('app.words_come_along', 'on', true);
  foreach kept in array array['content_type_versions', 'type_reshapes', 'published_counts', 'slug_history', 'search_words', 'rebuilds'] loop
    execute format('delete from %I where tenant_id = $1 and environment_id = $2 and type = $3', kept) using tenant, environment, new_id;
  end loop;
  foreach kept in array array['content_type_versions', 'type_reshapes', 'published_counts', 'slug_history', 'search_words', 'rebuilds',
      'entries', 'entry_versions', 'trash', 'entry_fields', 'entry_refs', 'schedules', 'search_texts'] loop
    execute format('update %I set type = $4 where tenant_id = $1 and environment_id = $2 and type = $3', kept)
      using tenant, environment, old_id, new_id;
  end loop;
  update published_entries shown set type = new_id,
      doc = case when starts_with(doc, beginning || to_json(old_id)::text)
        then beginning || to_json(new_id)::text || substr(doc, length(beginning || to_json(old_id)::text) + 1) else doc end
    from (select entry_id, locale, '{"id":' || to_json(entry_id)::text || ',"type":' as beginning from published_entries
      where tenant_id = tenant and environment_id = environment and type = old_id) old
    where shown.tenant_id = tenant and shown.environment_id = environment and shown.entry_id = old.entry_id
      and shown.locale = old.locale;
  update content_types set id = new_id, former_ids = array_remove(former_ids, new_id) || old_id
    where tenant_id = tenant and environment_id = environment and id = old_id;
  perform set_config('app.words_come_along', 'off', true);
end $$;

create function cms_rename_component(tenant uuid, environment uuid, old_id text, new_id text) returns void language plpgsql
  set search_path = public, pg_temp as $$
begin
  delete from component_versions where tenant_id = tenant and environment_id = environment and component = new_id;
  update component_versions set component = new_id where tenant_id = tenant and environment_id = environment and component = old_id;
  update components set id = new_id, former_ids = array_remove(former_ids, new_id) || old_id
    where tenant_id = tenant and environment_id = environment and id = old_id;
end $$;

-- Blocks of a list, or components and annotations in a document, of a kind that gets another name.
create function cms_rename_kind(value jsonb, old_kind text, new_kind text) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
begin
  if jsonb_typeof(value) = 'array' then
    return (select coalesce(jsonb_agg(case when one ->> 'type' = old_kind then jsonb_set(one, '{type}', to_jsonb(new_kind)) else one end
      order by place), '[]') from jsonb_array_elements(value) with ordinality elements (one, place));
  elsif jsonb_typeof(value) = 'object' then
    if value ->> 'type' = old_kind then value := jsonb_set(value, '{type}', to_jsonb(new_kind)); end if;
    if jsonb_typeof(value -> 'marks') = 'array' then
      value := jsonb_set(value, '{marks}', cms_rename_kind(value -> 'marks', old_kind, new_kind));
    end if;
    if jsonb_typeof(value -> 'content') = 'array' then
      value := jsonb_set(value, '{content}', (select coalesce(jsonb_agg(cms_rename_kind(one, old_kind, new_kind) order by place), '[]')
        from jsonb_array_elements(value -> 'content') with ordinality nodes (one, place)));
    end if;
  end if;
  return value;
end $$;

create or replace function cms_move_values(value jsonb, moves jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
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
  -- What a way leads to may be a list or document too, whose parts get another name.
  if jsonb_typeof(moves) = 'object' then return cms_rename_kind(value, moves ->> 'from', moves ->> 'to'); end if;
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

create or replace function cms_reshape(data jsonb, steps jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  step jsonb;
  field text;
  found jsonb;
begin
  if data is null then return null; end if;
  for step in select one from jsonb_array_elements(steps) one loop
    if step ? 'at' then
      data := cms_reshape_at(data, step -> 'at', 0, coalesce(step -> 'kind', step -> 'moves'));
      continue;
    end if;
    field := coalesce(step ->> 'localize', step ->> 'unlocalize');
    found := data -> field;
    continue when found is null;
    if found <> 'null' and step ? 'localize' then
      found := (select jsonb_object_agg(locale, found) from jsonb_array_elements_text(step -> 'locales') each_locale (locale));
    elsif jsonb_typeof(found) = 'object' then
      found := cms_resolve(found, array(select jsonb_array_elements_text(step -> 'locales')));
    end if;
    data := case when found is null or found = 'null' then data - field else jsonb_set(data, array[field], found) end;
  end loop;
  return data;
end $$;
