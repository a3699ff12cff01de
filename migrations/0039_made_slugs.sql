-- Slugs that are made of other values. `made_slugs` has those that go on following their sources, as
-- { "field:locale": what was made of them }; publishing takes a slug out of it.
alter table entries add column made_slugs jsonb;

-- Whether a slug is another entry's: of its working copy, published, or leading to it since it was.
create function cms_slug_is_taken(tenant uuid, environment uuid, of_type text, of_field text, of_locale text, by_entry text, wanted text)
  returns boolean language sql volatile
  return exists (select 1 from entry_fields other where other.tenant_id = tenant and other.environment_id = environment
      and other.type = of_type and other.perspective in (0, 1) and other.field = of_field and other.locale = of_locale
      and other.unique_value = wanted and other.entry_id <> by_entry)
    or exists (select 1 from slug_history old where old.tenant_id = tenant and old.environment_id = environment
      and old.type = of_type and old.slug = wanted and old.entry_id <> by_entry);

-- The n-th way to write a slug within some characters, never ending inside of a word's joiners.
create function cms_numbered_slug(base text, n integer, room integer) returns text language sql immutable
  return case n when 1 then left(base, room)
    else rtrim(left(base, room - length('-' || n)), '-' || chr(8204) || chr(8205)) || '-' || n end;

-- What those lock that make the same slug: the words of it without numbers behind.
create function cms_slug_lock(environment uuid, of_type text, of_field text, of_locale text, base text) returns bigint
  language sql immutable
  return hashtextextended(concat_ws('/', 'slug', environment, of_type, of_field, of_locale,
    regexp_replace(base, '(-[0-9]+)+$', '')), 0);

-- A slug that nobody has: as it is, or with a number. Who makes the same at once waits until this transaction ends and
-- then sees what was taken. Numbers are looked up by doubling and halving, so that many of the same cost little.
create function cms_free_slug(tenant uuid, environment uuid, of_type text, of_field text, of_locale text, by_entry text, base text, room integer)
  returns text language plpgsql volatile set search_path = public, pg_temp as $$
declare
  low integer := 1;
  high integer := 2;
  middle integer;
begin
  perform pg_advisory_xact_lock(cms_slug_lock(environment, of_type, of_field, of_locale, base));
  if not cms_slug_is_taken(tenant, environment, of_type, of_field, of_locale, by_entry, cms_numbered_slug(base, 1, room)) then
    return cms_numbered_slug(base, 1, room);
  end if;
  while cms_slug_is_taken(tenant, environment, of_type, of_field, of_locale, by_entry, cms_numbered_slug(base, high, room)) loop
    low := high;
    high := high * 2;
  end loop;
  while high - low > 1 loop
    middle := (low + high) / 2;
    if cms_slug_is_taken(tenant, environment, of_type, of_field, of_locale, by_entry, cms_numbered_slug(base, middle, room)) then
      low := middle;
    else
      high := middle;
    end if;
  end loop;
  return cms_numbered_slug(base, high, room);
end $$;

-- The data of an entry with values put into it: [{ "f": field, "l": locale or '', "v": value }].
create function cms_put_values(data jsonb, given jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  one jsonb;
begin
  for one in select value from jsonb_array_elements(given) loop
    data := data || case when one ->> 'l' = '' then jsonb_build_object(one ->> 'f', one -> 'v')
      else jsonb_build_object(one ->> 'f', coalesce(nullif(data -> (one ->> 'f'), 'null'), '{}') || jsonb_build_object(one ->> 'l', one -> 'v')) end;
  end loop;
  return data;
end $$;
