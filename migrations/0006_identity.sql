-- The role that IDENTITY logs in as: all that cms_app may do, and alone with passwords, sessions and sealed secrets.
do $$ begin
  create role cms_identity login nosuperuser nocreatedb nocreaterole nobypassrls;
exception when duplicate_object or unique_violation then null;
end $$;
grant usage on schema public to cms_identity;
grant cms_app to cms_identity;

-- A table behind the tenant wall that only IDENTITY may touch.
create procedure flow.wall_of_identity(wanted text, privileges text) language plpgsql as $$
begin
  execute format('alter table %I enable row level security', wanted);
  execute format('alter table %I force row level security', wanted);
  execute format(
    'create policy tenant_wall on %I using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid)) '
    'with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', wanted);
  execute format('grant %s on %I to cms_identity', privileges, wanted);
end $$;

-- A table of the platform itself, whose rows belong to people and not to a tenant: its tenant is the nil uuid, and only
-- IDENTITY may touch it.
create procedure flow.wall_of_people(wanted text, privileges text) language plpgsql as $$
begin
  execute format('alter table %I enable row level security', wanted);
  execute format('alter table %I force row level security', wanted);
  execute format(
    'create policy people_wall on %I to cms_identity using (tenant_id = ''00000000-0000-0000-0000-000000000000'') '
    'with check (tenant_id = ''00000000-0000-0000-0000-000000000000'')', wanted);
  execute format('alter table %I alter column tenant_id set default ''00000000-0000-0000-0000-000000000000''', wanted);
  execute format('grant %s on %I to cms_identity', privileges, wanted);
end $$;

create table people (
  tenant_id uuid not null,
  id text collate "C" not null,
  -- Lower case.
  email text not null,
  email_verified_at timestamptz,
  name text not null default '',
  -- argon2id in PHC form; null for who signs in by other means.
  password_hash text,
  password_changed_at timestamptz,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  primary key (id),
  unique (tenant_id, email)
);
call flow.wall_of_people('people', 'select, insert, update, delete');

create table passkeys (
  tenant_id uuid not null,
  -- The credential's id, base64url.
  id text collate "C" not null,
  person_id text not null references people (id) on delete cascade,
  public_key text not null,
  counter bigint not null default 0,
  transports jsonb not null default '[]',
  name text not null,
  is_backed_up boolean not null default false,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  primary key (id)
);
create index passkeys_of_person on passkeys (person_id);
call flow.wall_of_people('passkeys', 'select, insert, update, delete');

create table totp_secrets (
  tenant_id uuid not null,
  person_id text not null references people (id) on delete cascade,
  sealed_secret text not null,
  confirmed_at timestamptz,
  -- The last time step that was used: a code works once.
  last_step bigint not null default 0,
  created_at timestamptz not null default now(),
  primary key (person_id)
);
call flow.wall_of_people('totp_secrets', 'select, insert, update, delete');

create table recovery_codes (
  tenant_id uuid not null,
  person_id text not null references people (id) on delete cascade,
  code_hash text not null,
  used_at timestamptz,
  primary key (person_id, code_hash)
);
call flow.wall_of_people('recovery_codes', 'select, insert, update, delete');

create table sessions (
  tenant_id uuid not null,
  id text collate "C" not null,
  person_id text not null references people (id) on delete cascade,
  -- SHA-256 of the cookie's value, hexadecimal.
  token_hash text not null unique,
  -- How the person proved who they are: pwd, otp, hwk (passkey), mail, fed, rec (recovery code).
  amr text[] not null,
  -- The tenant and connection of a sign-in by others.
  sso_tenant_id uuid,
  sso_connection_id text,
  authenticated_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  address text,
  user_agent text,
  primary key (id)
);
create index sessions_of_person on sessions (person_id) where revoked_at is null;
call flow.wall_of_people('sessions', 'select, insert, update, delete');

-- What is sent by mail or kept between two steps, and works once.
create table one_time_tokens (
  tenant_id uuid not null,
  token_hash text not null,
  purpose text not null,
  person_id text references people (id) on delete cascade,
  data jsonb not null default '{}',
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (token_hash)
);
create index one_time_tokens_expiry on one_time_tokens (expires_at);
call flow.wall_of_people('one_time_tokens', 'select, insert, update, delete');

-- Failures within a window, by what they are counted for.
create table throttles (
  tenant_id uuid not null,
  key text collate "C" not null,
  failures integer not null,
  ends_at timestamptz not null,
  primary key (key)
);
call flow.wall_of_people('throttles', 'select, insert, update, delete');

create table members (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  person_id text collate "C" not null,
  -- The person's, as last seen by this tenant.
  email text not null,
  name text not null default '',
  roles text[] not null default '{}',
  -- invitation, sso, scim, or first for who set the tenant up.
  source text not null,
  external_id text,
  created_at timestamptz not null default now(),
  created_by text not null,
  suspended_at timestamptz,
  last_seen_at timestamptz,
  primary key (tenant_id, person_id)
);
call flow.wall('members', 'select');
grant insert, update, delete on members to cms_identity;
create unique index members_external_id on members (tenant_id, external_id) where external_id is not null;
create index members_of_person on members (person_id);
-- A person sees their own memberships in every tenant.
create policy own_memberships on members for select to cms_identity
  using (person_id = (select nullif(current_setting('app.person_id', true), '')));
create policy own_tenants on tenants for select to cms_identity
  using (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));
grant insert on tenants, tenant_domains to cms_identity;
grant delete on tenant_domains to cms_identity;

create table invitations (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  email text not null,
  roles text[] not null,
  token_hash text not null unique,
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
create unique index invitations_open on invitations (tenant_id, email) where accepted_at is null and revoked_at is null;
call flow.wall_of_identity('invitations', 'select, insert, update, delete');

create table teams (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  name text not null,
  roles text[] not null default '{}',
  external_id text,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call flow.wall('teams', 'select');
grant insert, update, delete on teams to cms_identity;
create unique index teams_external_id on teams (tenant_id, external_id) where external_id is not null;

create table team_members (
  tenant_id uuid not null,
  team_id text collate "C" not null,
  person_id text collate "C" not null,
  primary key (tenant_id, team_id, person_id),
  foreign key (tenant_id, team_id) references teams (tenant_id, id) on delete cascade,
  foreign key (tenant_id, person_id) references members (tenant_id, person_id) on delete cascade
);
call flow.wall('team_members', 'select');
grant insert, update, delete on team_members to cms_identity;

-- Domains a tenant says are its own; verified once DNS says so too.
create table domains (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  domain text collate "C" not null,
  -- What the TXT record must hold.
  challenge text not null,
  -- Whether requests for this host are the tenant's.
  serves boolean not null default false,
  verified_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (tenant_id, domain)
);
-- A verified domain has one owner.
create unique index domains_verified on domains (domain) where verified_at is not null;
call flow.wall_of_identity('domains', 'select, insert, update, delete');

-- What was issued for a while and must not be taken any more: read into the tenant's snapshot until it would have expired.
create table revocations (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  -- session, person, client or token.
  kind text not null,
  id text collate "C" not null,
  -- What was issued before this moment is refused.
  at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (tenant_id, kind, id)
);
call flow.wall('revocations', 'select');
grant insert, update, delete on revocations to cms_identity;

-- One key per tenant for its secrets, wrapped under a master key that the database never sees.
create table data_keys (
  tenant_id uuid not null,
  id text collate "C" not null,
  master_key_id text not null,
  wrapped text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
call flow.wall_of_identity('data_keys', 'select, insert, update');
-- Re-wrapping under a new master key goes over every tenant.
create policy rewrap on data_keys to cms_identity using ((select current_setting('app.sweep', true)) = 'on');

-- The code that makes the first owner of a tenant; gone once it was used.
create table tenant_setups (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  code_hash text not null,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  primary key (tenant_id)
);
call flow.wall_of_identity('tenant_setups', 'select, insert, update, delete');

-- What concerns a person is told to every tenant they belong to, in the statement that does it.
create policy own_audit on audit_log for insert to cms_identity
  with check (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));
create policy own_events on outbox for insert to cms_identity
  with check (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));
create policy own_events_ids on outbox for select to cms_identity
  using (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));
create policy own_revocations on revocations for all to cms_identity
  using (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))))
  with check (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));

-- { "sso": true, "second_factor": true }: what a sign-in must have for this tenant.
alter table tenants add column sign_in_policy jsonb not null default '{}';
grant update (sign_in_policy) on tenants to cms_app;
