-- The keys a tenant's tokens are signed with: next (published before it is used), active, retired (published until what it
-- signed has expired). The edge reads the public half.
create table issuer_keys (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  kid text collate "C" not null,
  alg text not null,
  public_jwk jsonb not null,
  sealed_private_key text not null,
  state text not null check (state in ('next', 'active', 'retired')),
  created_at timestamptz not null default now(),
  active_at timestamptz,
  retired_at timestamptz,
  primary key (tenant_id, kid)
);
call flow.wall_of_identity('issuer_keys', 'select, insert, update, delete');
grant select (tenant_id, kid, alg, public_jwk, state, retired_at) on issuer_keys to cms_app;
create unique index issuer_keys_one on issuer_keys (tenant_id, state) where state <> 'retired';

create table oauth_clients (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  name text not null,
  -- Null for public clients, which prove themselves by PKCE alone.
  secret_hash text,
  redirect_uris jsonb not null default '[]',
  grants text[] not null,
  scopes text[] not null,
  -- What a client may do that acts for itself.
  roles text[] not null default '{}',
  created_at timestamptz not null default now(),
  created_by text not null,
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
call flow.wall_of_identity('oauth_clients', 'select, insert, update, delete');

-- What a person allowed a client: the family of its refresh tokens.
create table oauth_grants (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  client_id text collate "C" not null,
  person_id text collate "C" not null,
  -- The session it ends with; null when it outlives the session (offline_access).
  session_id text,
  amr text[] not null,
  authenticated_at timestamptz not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (tenant_id, id)
);
call flow.wall_of_identity('oauth_grants', 'select, insert, update, delete');
create index oauth_grants_of_person on oauth_grants (tenant_id, person_id) where revoked_at is null;

create table oauth_codes (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  code_hash text not null,
  client_id text collate "C" not null,
  person_id text collate "C" not null,
  session_id text not null,
  grant_id text collate "C" not null,
  redirect_uri text not null,
  code_challenge text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, code_hash)
);
call flow.wall_of_identity('oauth_codes', 'select, insert, update, delete');

create table oauth_refresh_tokens (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  token_hash text not null,
  grant_id text collate "C" not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  -- The one successor, sealed, so that whoever missed the answer gets the same one for half a minute.
  sealed_successor text,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, grant_id) references oauth_grants (tenant_id, id) on delete cascade
);
call flow.wall_of_identity('oauth_refresh_tokens', 'select, insert, update, delete');
create index oauth_refresh_of_grant on oauth_refresh_tokens (tenant_id, grant_id);

create table oauth_consents (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  person_id text collate "C" not null,
  client_id text collate "C" not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, person_id, client_id)
);
call flow.wall_of_identity('oauth_consents', 'select, insert, update, delete');

create table oauth_devices (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  device_hash text not null,
  user_code text not null,
  client_id text collate "C" not null,
  scopes text[] not null,
  state text not null default 'pending' check (state in ('pending', 'allowed', 'denied', 'used')),
  person_id text,
  session_id text,
  interval_seconds integer not null default 5,
  polled_at timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (tenant_id, device_hash),
  unique (tenant_id, user_code)
);
call flow.wall_of_identity('oauth_devices', 'select, insert, update, delete');
