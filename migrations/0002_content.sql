create table content_types (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text not null,
  version integer not null default 1,
  definition json not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, environment_id, id),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id) on delete cascade
);
call flow.wall('content_types', 'select, insert, update, delete');

create table content_type_versions (
  tenant_id uuid not null,
  environment_id uuid not null,
  type text not null,
  version integer not null,
  definition json not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (tenant_id, environment_id, type, version)
);
call flow.wall('content_type_versions', 'select, insert, delete');

-- The working copy of every entry. `data` is { field: value } or, for a localised field, { field: { locale: value } }.
create table entries (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text collate "C" not null,
  type text not null,
  version integer not null default 1,
  published_version integer,
  published_at timestamptz,
  data jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (tenant_id, environment_id, id)
);
create index entries_by_type on entries (tenant_id, environment_id, type, updated_at desc, id desc);
call flow.wall('entries', 'select, insert, update, delete');

create table entry_versions (
  tenant_id uuid not null,
  environment_id uuid not null,
  entry_id text collate "C" not null,
  version integer not null,
  type text not null,
  data jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (tenant_id, environment_id, entry_id, version)
);
call flow.wall('entry_versions', 'select, insert, delete');

-- One row per filterable value. Perspective 0 is the working copy, 1 what is published; locale '' is not localised.
create table entry_fields (
  tenant_id uuid not null,
  environment_id uuid not null,
  entry_id text collate "C" not null,
  perspective smallint not null,
  field text not null,
  locale text not null default '',
  ordinal integer not null default 0,
  type text not null,
  text_value text,
  number_value double precision,
  time_value timestamptz,
  unique_value text,
  primary key (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal)
);
create index entry_fields_text on entry_fields
  (tenant_id, environment_id, type, perspective, field, text_value, entry_id) where text_value is not null;
create index entry_fields_number on entry_fields
  (tenant_id, environment_id, type, perspective, field, number_value, entry_id) where number_value is not null;
create index entry_fields_time on entry_fields
  (tenant_id, environment_id, type, perspective, field, time_value, entry_id) where time_value is not null;
create unique index entry_fields_unique_value on entry_fields
  (tenant_id, environment_id, type, perspective, field, locale, unique_value) where unique_value is not null;
call flow.wall('entry_fields', 'select, insert, update, delete');

create table entry_refs (
  tenant_id uuid not null,
  environment_id uuid not null,
  entry_id text collate "C" not null,
  perspective smallint not null,
  field text not null,
  locale text not null default '',
  ordinal integer not null default 0,
  type text not null,
  target_id text collate "C" not null,
  primary key (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal)
);
create index entry_refs_by_target on entry_refs (tenant_id, environment_id, target_id, perspective);
call flow.wall('entry_refs', 'select, insert, update, delete');

-- The read model: one finished answer per published entry and locale. `doc` is the JSON text that delivery sends.
create table published_entries (
  tenant_id uuid not null,
  environment_id uuid not null,
  entry_id text collate "C" not null,
  locale text not null,
  type text not null,
  slug text,
  published_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version integer not null,
  doc text not null,
  primary key (tenant_id, environment_id, entry_id, locale)
);
create index published_entries_newest on published_entries
  (tenant_id, environment_id, type, locale, published_at desc nulls first, entry_id desc);
create index published_entries_by_slug on published_entries
  (tenant_id, environment_id, type, locale, slug) where slug is not null;
call flow.wall('published_entries', 'select, insert, update, delete');

-- How many entries are published per type and locale, spread over shards so that publishers do not queue up.
create table published_counts (
  tenant_id uuid not null,
  environment_id uuid not null,
  type text not null,
  locale text not null,
  shard smallint not null,
  total bigint not null,
  primary key (tenant_id, environment_id, type, locale, shard)
);
call flow.wall('published_counts', 'select, insert, update, delete');

create function cms_count_published() returns trigger language plpgsql as $$
begin
  insert into published_counts as counts (tenant_id, environment_id, type, locale, shard, total)
    select tenant_id, environment_id, type, locale, abs(hashtext(entry_id)) % 8 as shard,
           case tg_op when 'INSERT' then count(*) else -count(*) end
    from changed group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
  on conflict (tenant_id, environment_id, type, locale, shard) do update set total = counts.total + excluded.total;
  return null;
end $$;
create trigger count_inserted after insert on published_entries
  referencing new table as changed for each statement execute function cms_count_published();
create trigger count_deleted after delete on published_entries
  referencing old table as changed for each statement execute function cms_count_published();

-- Assets. A remote asset has a source_url and no bytes of ours.
create table assets (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text collate "C" not null,
  version integer not null default 1,
  source_url text not null,
  filename text not null,
  mime text,
  title text,
  alt text,
  caption text,
  description text,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (tenant_id, environment_id, id),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id) on delete cascade
);
create index assets_newest on assets (tenant_id, environment_id, created_at desc, id desc);
call flow.wall('assets', 'select, insert, update, delete');

-- The first value of a localised field along a chain of locales.
create function cms_resolve(localised jsonb, chain text[]) returns jsonb language sql immutable
  return (select localised -> step.locale from unnest(chain) with ordinality as step (locale, position)
          where jsonb_typeof(localised -> step.locale) <> 'null' order by step.position limit 1);

-- The body of an answer: the fields of the type in their order, `fields` being [{ "id", "localized" }].
create function cms_render_fields(data jsonb, fields jsonb, chain text[]) returns text language sql immutable
  return (select string_agg(to_json(field.item ->> 'id')::text || ':' || coalesce(
            case when (field.item -> 'localized')::boolean then cms_resolve(data -> (field.item ->> 'id'), chain)
                 else data -> (field.item ->> 'id') end, 'null')::text, ',' order by field.position)
          from jsonb_array_elements(fields) with ordinality as field (item, position));

-- Refuses the whole transaction with a state of ours; `detail` is JSON for the caller.
create function cms_expect(holds boolean, state text, detail text) returns boolean language plpgsql as $$
begin
  if holds is not true then
    raise exception 'expectation failed' using errcode = state, detail = detail;
  end if;
  return true;
end $$;
