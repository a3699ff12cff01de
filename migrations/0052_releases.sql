-- What is to be published together. `inverse_of` is the release that this one takes back.
create table releases (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text collate "C" not null,
  name text not null,
  description text,
  version integer not null default 1,
  state text not null default 'open' check (state in ('open', 'scheduled', 'published', 'rolled_back', 'failed')),
  allow_broken_references boolean not null default false,
  inverse_of text collate "C",
  rolled_back_by text collate "C",
  due_at timestamptz,
  time_zone text,
  planned_by jsonb,
  scheduled_by text,
  claimed_at timestamptz,
  failure jsonb,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  published_at timestamptz,
  published_by text,
  primary key (tenant_id, environment_id, id),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id) on delete cascade
);
create index releases_due on releases (due_at) where state = 'scheduled';
call flow.wall('releases', 'select, insert, update, delete');
create policy sweep on releases for select using (current_setting('app.sweep', true) = 'on');

-- What happens to an entry with a release. `restores` is a state that was published before, with the one that it replaces;
-- `before` and `after` are what the release replaced and left.
create table release_items (
  tenant_id uuid not null,
  environment_id uuid not null,
  release_id text collate "C" not null,
  entry_id text collate "C" not null,
  type text not null,
  action text not null check (action in ('publish', 'unpublish')),
  locales jsonb,
  version integer,
  restores jsonb,
  added_version integer not null,
  added_at timestamptz not null default now(),
  added_by text not null,
  before jsonb,
  after jsonb,
  primary key (tenant_id, environment_id, release_id, entry_id),
  foreign key (tenant_id, environment_id, release_id) references releases (tenant_id, environment_id, id) on delete cascade
);
create index release_items_by_entry on release_items (tenant_id, environment_id, entry_id);
call flow.wall('release_items', 'select, insert, update, delete');

-- From here on what items come to: made when it is asked for, made anew where `basis` (the rows of item and entry, and the
-- schema) is another, and gone once the release is published. `version` is null for what is published no more.
create table release_targets (
  tenant_id uuid not null,
  environment_id uuid not null,
  release_id text collate "C" not null,
  entry_id text collate "C" not null,
  type text not null,
  basis text not null,
  version integer,
  published_at timestamptz,
  is_first boolean not null,
  with_shared boolean not null,
  published_locales jsonb,
  is_whole boolean not null,
  data jsonb,
  primary key (tenant_id, environment_id, release_id, entry_id),
  foreign key (tenant_id, environment_id, release_id) references releases (tenant_id, environment_id, id) on delete cascade
);
call flow.wall('release_targets', 'select, insert, update, delete');

create table release_docs (like published_entries);
alter table release_docs add column release_id text collate "C" not null,
  add primary key (tenant_id, environment_id, release_id, entry_id, locale);
create index release_docs_by_slug on release_docs (tenant_id, environment_id, release_id, type, locale, slug);
call flow.wall('release_docs', 'select, insert, update, delete');

create table release_fields (like entry_fields);
alter table release_fields drop column perspective, add column release_id text collate "C" not null,
  add primary key (tenant_id, environment_id, release_id, entry_id, field, locale, ordinal);
create index release_fields_of_type on release_fields (tenant_id, environment_id, release_id, type, field);
create index release_fields_unique on release_fields (tenant_id, environment_id, release_id, type, field, locale, unique_value)
  where unique_value is not null;
call flow.wall('release_fields', 'select, insert, update, delete');

create table release_refs (like entry_refs);
alter table release_refs drop column perspective, add column release_id text collate "C" not null,
  add primary key (tenant_id, environment_id, release_id, entry_id, field, locale, ordinal);
create index release_refs_by_target on release_refs (tenant_id, environment_id, release_id, target_id);
call flow.wall('release_refs', 'select, insert, update, delete');

create table release_texts (
  tenant_id uuid not null,
  environment_id uuid not null,
  release_id text collate "C" not null,
  entry_id text collate "C" not null,
  locale text not null,
  type text not null,
  document tsvector not null,
  primary key (tenant_id, environment_id, release_id, entry_id, locale)
);
call flow.wall('release_texts', 'select, insert, update, delete');
create index release_docs_by_entry on release_docs (tenant_id, environment_id, entry_id);
create index release_fields_by_entry on release_fields (tenant_id, environment_id, entry_id);
create index release_refs_by_entry on release_refs (tenant_id, environment_id, entry_id);

-- The entries of a release. Statements begin with them: the planner, which knows little of one release, then looks the
-- rest up by its keys.
create function cms_release_entries(tenant uuid, environment uuid, release text) returns setof text
  language plpgsql stable rows 1000 set search_path = public, pg_temp as $$
begin
  return query select item.entry_id from release_items item
    where item.tenant_id = tenant and item.environment_id = environment and item.release_id = release;
end $$;
