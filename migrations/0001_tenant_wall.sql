-- The role that Workers log in as. It owns nothing; the runner gives it a password.
do $$ begin
  create role cms_app login nosuperuser nocreatedb nocreaterole nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;

grant usage on schema public to cms_app;

-- Puts a table behind the tenant wall: forced row-level security on the scope that cms_scope() opened.
create procedure flow.wall(wanted text, privileges text) language plpgsql as $$
begin
  execute format('alter table %I enable row level security', wanted);
  execute format('alter table %I force row level security', wanted);
  execute format(
    'create policy tenant_wall on %I using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid)) '
    'with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', wanted);
  execute format('grant %s on %I to cms_app', privileges, wanted);
end $$;

create table tenants (
  tenant_id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  name text not null,
  status text not null default 'active' check (status in ('active', 'suspended')),
  created_at timestamptz not null default now()
);
call flow.wall('tenants', 'select');

-- Hosts, and the bare slug, that name a tenant. A row is visible to whoever asks for exactly that host.
create table tenant_domains (
  host text primary key,
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  created_at timestamptz not null default now()
);
call flow.wall('tenant_domains', 'select');
create policy lookup_by_host on tenant_domains for select
  using (host = (select nullif(current_setting('app.host', true), '')));

create table environments (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id uuid not null,
  name text not null check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  is_default boolean not null default false,
  default_locale text not null default 'en',
  -- [{ "code": "fr", "fallback": "en" }]
  locales jsonb not null default '[{"code": "en"}]',
  -- Rises with every change of a content type or of the locales: what Workers cache hangs on it.
  schema_version integer not null default 1,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call flow.wall('environments', 'select, insert, update, delete');

create table api_tokens (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  name text not null,
  scopes text[] not null,
  secret_hash text not null,
  environment_id uuid,
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
call flow.wall('api_tokens', 'select, insert, update');

-- Public keys whose JWTs the tenant trusts.
create table signing_keys (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  kid text not null,
  alg text not null,
  public_jwk jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  revoked_at timestamptz,
  primary key (tenant_id, kid)
);
call flow.wall('signing_keys', 'select, insert, update');

create table audit_log (
  tenant_id uuid not null,
  id bigint generated always as identity,
  at timestamptz not null default now(),
  environment_id uuid,
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  subject text not null,
  request_id text not null,
  meta jsonb not null default '{}',
  primary key (tenant_id, id)
);
call flow.wall('audit_log', 'select, insert');

-- Events that wait for delivery. Queue messages carry ids of these rows only.
create table outbox (
  tenant_id uuid not null,
  id bigint generated always as identity,
  environment_id uuid not null,
  event text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  done_at timestamptz,
  primary key (tenant_id, id)
);
create index outbox_waiting on outbox (created_at) where done_at is null;
call flow.wall('outbox', 'select, insert, update, delete');
-- The sweep of MAINTENANCE finds waiting rows of every tenant; it reads ids only.
create policy sweep on outbox for select using ((select current_setting('app.sweep', true)) = 'on');

-- Opens the tenant's scope for this transaction and says the environment's schema version (null: no such one).
-- Writers share a lock that a change of the schema takes alone, so no entry slips past a schema change.
create function cms_scope(wanted_tenant uuid, wanted_environment uuid, for_write boolean) returns integer
language plpgsql as $$
declare found_version integer;
begin
  perform set_config('app.tenant_id', wanted_tenant::text, true);
  if for_write then
    perform pg_advisory_xact_lock_shared(hashtextextended(wanted_environment::text, 0));
  end if;
  select schema_version into found_version from environments
    where tenant_id = wanted_tenant and id = wanted_environment;
  return found_version;
end $$;

-- ISO 8601 UTC with milliseconds.
create function cms_iso(moment timestamptz) returns text language sql stable
  return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
