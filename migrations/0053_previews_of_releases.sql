-- What readers would see after a release: views of the names of the tables that are read, in a schema that a preview puts
-- before the others. In place of what is published of its entries they have what the release makes of them.
create schema flow_preview;
grant usage on schema flow_preview to cms_app;

-- The rows of one of the tables that a release makes.
create function flow.of_release(alias text) returns text language sql immutable as $$
  select replace('%1.tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid
    and %1.environment_id = nullif(current_setting(''app.environment'', true), '''')::uuid
    and %1.release_id = current_setting(''app.release'', true)', '%1', alias) $$;

-- To be called again by whoever adds a column to one of these tables: a view has all of them, in their order.
create procedure flow.make_previews() language plpgsql as $$
declare
  replaced text := '(select target.entry_id from public.release_targets target where ' || flow.of_release('target') || ')';
  columns text;
begin
  select string_agg(format('%I', column_name), ', ' order by ordinal_position) into columns from information_schema.columns
    where table_schema = 'public' and table_name = 'published_entries';
  -- In the order of the index that lists are read by, which the planner merges with that of the release.
  execute format('create or replace view flow_preview.published_entries with (security_invoker = true) as
    (select %1$s from public.published_entries live where live.entry_id not in %2$s
      order by tenant_id, environment_id, type, locale, published_at desc nulls first, entry_id desc)
    union all select %1$s from public.release_docs fresh where %3$s', columns, replaced, flow.of_release('fresh'));
  select string_agg(format('%I', column_name), ', ' order by ordinal_position) into columns from information_schema.columns
    where table_schema = 'public' and table_name = 'entry_fields';
  execute format('create or replace view flow_preview.entry_fields with (security_invoker = true) as
    select %1$s from public.entry_fields live where live.perspective <> 1 or live.entry_id not in %2$s
    union all select %3$s from public.release_fields fresh where %4$s', columns, replaced,
    replace(columns, 'perspective', '1::smallint as perspective'), flow.of_release('fresh'));
  select string_agg(format('%I', column_name), ', ' order by ordinal_position) into columns from information_schema.columns
    where table_schema = 'public' and table_name = 'entry_refs';
  execute format('create or replace view flow_preview.entry_refs with (security_invoker = true) as
    select %1$s from public.entry_refs live where live.perspective <> 1 or live.entry_id not in %2$s
    union all select %3$s from public.release_refs fresh where %4$s', columns, replaced,
    replace(columns, 'perspective', '1::smallint as perspective'), flow.of_release('fresh'));
  select string_agg(case when column_name in ('published_version', 'published_at', 'published_locales', 'published_data')
      then '%' || column_name else format('live.%I', column_name) end, ', ' order by ordinal_position)
    into columns from information_schema.columns where table_schema = 'public' and table_name = 'entries';
  execute format('create or replace view flow_preview.entries with (security_invoker = true) as
    select %1$s from public.entries live where live.id not in %2$s
    union all select %3$s from public.release_targets target join public.entries live on live.tenant_id = target.tenant_id
      and live.environment_id = target.environment_id and live.id = target.entry_id where %4$s',
    replace(columns, '%', 'live.'), replaced,
    replace(replace(replace(replace(columns, '%published_version', 'target.version as published_version'),
      '%published_at', 'target.published_at'), '%published_locales', 'target.published_locales'),
      '%published_data', 'target.data as published_data'), flow.of_release('target'));
  grant select on all tables in schema flow_preview to cms_app;
end $$;
call flow.make_previews();

create view flow_preview.published_counts with (security_invoker = true) as
  select tenant_id, environment_id, type, locale, shard, total from public.published_counts
  union all select target.tenant_id, target.environment_id, target.type, live.locale, 0::smallint, -count(*)
    from public.release_targets target cross join lateral (select shown.locale from public.published_entries shown
      where shown.tenant_id = target.tenant_id and shown.environment_id = target.environment_id
        and shown.entry_id = target.entry_id offset 0) live
    where target.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      and target.environment_id = nullif(current_setting('app.environment', true), '')::uuid
      and target.release_id = current_setting('app.release', true)
    group by 1, 2, 3, 4
  union all select tenant_id, environment_id, type, locale, 0::smallint, count(*) from public.release_docs fresh
    where fresh.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      and fresh.environment_id = nullif(current_setting('app.environment', true), '')::uuid
      and fresh.release_id = current_setting('app.release', true)
    group by 1, 2, 3, 4;

-- Slugs that the release takes away lead on to the entry that had them.
create view flow_preview.slug_history with (security_invoker = true) as
  select tenant_id, environment_id, type, locale, slug, entry_id, replaced_at from public.slug_history
  union all select live.tenant_id, live.environment_id, live.type, live.locale, live.slug, live.entry_id, now()
    from public.release_targets target join public.published_entries live on live.tenant_id = target.tenant_id
      and live.environment_id = target.environment_id and live.entry_id = target.entry_id and live.slug is not null
    where target.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
      and target.environment_id = nullif(current_setting('app.environment', true), '')::uuid
      and target.release_id = current_setting('app.release', true)
      and not exists (select 1 from public.release_docs fresh where fresh.tenant_id = live.tenant_id
        and fresh.environment_id = live.environment_id and fresh.release_id = target.release_id
        and fresh.entry_id = live.entry_id and fresh.locale = live.locale and fresh.slug = live.slug);

-- What a search asks for of the texts of a release: words that begin so, and with `forgives` those spelt nearly so among
-- the words of working copies, which its texts are of.
create function flow_preview.question(tenant uuid, environment uuid, wanted_type text, wanted text, forgives boolean)
returns tsquery language plpgsql stable set search_path = public, pg_temp as $$
declare
  term text;
  near text;
  question tsquery;
begin
  for term in select lexeme from unnest(to_tsvector('simple', cms_fold(wanted))) limit 12 loop
    near := quote_literal(term) || case when term ~ '^[0-9.]+$' then '' else ':*' end;
    if forgives and not exists (select 1 from search_words where tenant_id = tenant and environment_id = environment
        and perspective = 0 and type = wanted_type and word >= term and word < term || chr(1114111)) then
      near := concat_ws(' | ', near, (select string_agg(quote_literal(word), ' | ')
        from cms_near_words(tenant, environment, wanted_type, 0::smallint, term) word));
    end if;
    near := '(' || near || ')';
    question := case when question is null then near::tsquery else question && near::tsquery end;
  end loop;
  return question;
end $$;

create function flow_preview.hits(environment uuid, wanted_type text, wanted_locale text, wanted text, forgives boolean)
returns table (entry_id text, rank real) language plpgsql stable set search_path = public, pg_temp as $$
declare
  tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
  question tsquery := flow_preview.question(tenant, environment, wanted_type, wanted, forgives);
begin
  return query select found.entry_id, found.rank from (select * from cms_search(environment, wanted_type, 1::smallint, wanted_locale, wanted)
        where forgives
      union all select * from cms_search_plain(environment, wanted_type, 1::smallint, wanted_locale, wanted)
        where not forgives) found
    where not exists (select 1 from release_targets target where target.tenant_id = tenant
      and target.environment_id = environment and target.release_id = current_setting('app.release', true)
      and target.entry_id = found.entry_id)
    union all select texts.entry_id, ts_rank(texts.document, question) from release_texts texts
      where texts.tenant_id = tenant and texts.environment_id = environment
        and texts.release_id = current_setting('app.release', true) and texts.type = wanted_type
        and texts.locale in (wanted_locale, '') and texts.document @@ question;
end $$;

create function flow_preview.cms_search(environment uuid, wanted_type text, wanted_perspective smallint, wanted_locale text, wanted text)
returns table (entry_id text, rank real) language sql stable as $$
  select * from flow_preview.hits(environment, wanted_type, wanted_locale, wanted, true) $$;
create function flow_preview.cms_search_plain(environment uuid, wanted_type text, wanted_perspective smallint, wanted_locale text, wanted text)
returns table (entry_id text, rank real) language sql stable as $$
  select * from flow_preview.hits(environment, wanted_type, wanted_locale, wanted, false) $$;
grant select on all tables in schema flow_preview to cms_app;
