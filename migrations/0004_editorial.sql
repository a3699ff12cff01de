-- What is published when it is not simply the whole of `published_version`: which version of each locale, and the data.
alter table entries
  add column published_locales jsonb,
  add column published_data jsonb,
  add column stage text,
  add column assignee text;
create index entries_by_stage on entries (tenant_id, environment_id, stage) where stage is not null;

alter table entry_versions add column name text;
grant update (name) on entry_versions to cms_app;
create index entry_versions_age on entry_versions using brin (created_at);

-- Published values of the wanted locales (and what is not localised, when asked) put over what was published before.
create function cms_publish_locales(published jsonb, draft jsonb, localized text[], wanted text[], with_shared boolean)
returns jsonb language sql immutable
  return (select coalesce(jsonb_object_agg(merged.key, merged.value), '{}') from (
    select given.key, case
        when given.key = any (localized) then nullif(
          coalesce((select jsonb_object_agg(kept.key, kept.value) from jsonb_each(published -> given.key) kept where kept.key <> all (wanted)), '{}')
          || coalesce((select jsonb_object_agg(fresh.key, fresh.value) from jsonb_each(draft -> given.key) fresh where fresh.key = any (wanted)), '{}'), '{}')
        when with_shared then draft -> given.key
        else published -> given.key end as value
    from (select jsonb_object_keys(coalesce(published, '{}')) union select jsonb_object_keys(draft)) given (key)) merged
    where merged.value is not null);

-- Entries that were deleted, as they were; restoring one brings it back under its id.
create table trash (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text collate "C" not null,
  type text not null,
  version integer not null,
  data jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  deleted_at timestamptz not null default now(),
  deleted_by text not null,
  primary key (tenant_id, environment_id, id)
);
create index trash_newest on trash (tenant_id, environment_id, deleted_at desc, id desc);
call flow.wall('trash', 'select, insert, update, delete');

-- Publishing and unpublishing that is to happen at a time.
create table schedules (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text collate "C" not null,
  entry_id text collate "C" not null,
  type text not null,
  action text not null check (action in ('publish', 'unpublish')),
  due_at timestamptz not null,
  time_zone text not null,
  locales jsonb,
  version integer,
  state text not null default 'pending' check (state in ('pending', 'running', 'done', 'failed', 'cancelled')),
  claimed_at timestamptz,
  finished_at timestamptz,
  failure jsonb,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (tenant_id, environment_id, id)
);
create index schedules_due on schedules (due_at) where state in ('pending', 'running');
create index schedules_by_entry on schedules (tenant_id, environment_id, entry_id);
call flow.wall('schedules', 'select, insert, update, delete');
create policy sweep on schedules for select using ((select current_setting('app.sweep', true)) = 'on');
create policy sweep on tenants for select using ((select current_setting('app.sweep', true)) = 'on');

-- What people say about an entry or one of its fields.
create table comments (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text collate "C" not null,
  entry_id text collate "C" not null,
  field text,
  body text not null,
  mentions jsonb not null default '[]',
  created_at timestamptz not null default now(),
  created_by text not null,
  resolved_at timestamptz,
  resolved_by text,
  primary key (tenant_id, environment_id, id)
);
create index comments_by_entry on comments (tenant_id, environment_id, entry_id, id);
call flow.wall('comments', 'select, insert, update, delete');

-- What somebody should know: mentions, assignments, schedules that failed.
create table notifications (
  tenant_id uuid not null,
  id bigint generated always as identity,
  environment_id uuid not null,
  person text not null,
  kind text not null,
  subject text not null,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  read_at timestamptz,
  primary key (tenant_id, id)
);
create index notifications_of_person on notifications (tenant_id, person, id desc);
call flow.wall('notifications', 'select, insert, update, delete');

-- Writes that carried an Idempotency-Key: who repeats one gets the first answer.
create table idempotency_keys (
  tenant_id uuid not null,
  key text not null,
  fingerprint text not null,
  request_id text not null,
  status smallint,
  headers jsonb,
  body text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
call flow.wall('idempotency_keys', 'select, insert, update, delete');

-- Other names of environments, which can be pointed elsewhere in one step.
create table environment_aliases (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  name text not null check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  environment_id uuid not null,
  primary key (tenant_id, name),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id)
);
call flow.wall('environment_aliases', 'select, insert, update, delete');

-- An asset has bytes of ours (`storage_key`, in the bucket) or lives at a URL.
alter table assets
  alter column source_url drop not null,
  add column storage_key text,
  add column size_bytes bigint,
  add column sha256 text,
  add constraint assets_are_somewhere check (source_url is not null or storage_key is not null);

-- What GraphQL answers in an environment: introspection or not, every document or only registered ones.
alter table environments add column graphql jsonb not null default '{}';

-- GraphQL documents that clients name instead of sending them.
create table graphql_operations (
  tenant_id uuid not null,
  environment_id uuid not null,
  name text collate "C" not null,
  document text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (tenant_id, environment_id, name)
);
call flow.wall('graphql_operations', 'select, insert, update, delete');
