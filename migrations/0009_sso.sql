-- Where a tenant's people sign in: an identity provider that speaks SAML 2.0 or OpenID Connect.
create table sso_connections (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  type text not null check (type in ('saml', 'oidc')),
  name text not null,
  -- What is no secret: addresses, certificates, names of attributes.
  config jsonb not null,
  -- SAML: our private key. OIDC: the client's secret, null for a public client.
  sealed_secret text,
  -- Whose addresses it may speak for; each counts only while the tenant has it verified.
  domains text[] not null default '{}',
  -- { "group": ["role"] }
  role_mapping jsonb not null default '{}',
  default_roles text[] not null default '{}',
  -- Whether people who are no members yet become members.
  jit boolean not null default true,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
call flow.wall_of_identity('sso_connections', 'select, insert, update, delete');
-- Whether sign-in by a connection can be demanded at all is asked where the tenant's settings are changed.
grant select (tenant_id, enabled, domains) on sso_connections to cms_app;
grant select (tenant_id, domain, verified_at) on domains to cms_app;

-- Who somebody is at an identity provider: never an address, which can be given to somebody else.
create table sso_identities (
  tenant_id uuid not null,
  connection_id text collate "C" not null,
  issuer text not null,
  subject text not null,
  person_id text collate "C" not null references people (id) on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  primary key (tenant_id, connection_id, issuer, subject),
  foreign key (tenant_id, connection_id) references sso_connections (tenant_id, id) on delete cascade
);
create index sso_identities_of_person on sso_identities (tenant_id, person_id);
call flow.wall_of_identity('sso_identities', 'select, insert, update, delete');

-- A sign-in that was begun here and is to be finished once, by the browser that began it.
create table sso_attempts (
  tenant_id uuid not null,
  -- SAML: the request's id. OIDC: SHA-256 of the state.
  id text collate "C" not null,
  connection_id text collate "C" not null,
  -- SHA-256 of the cookie of the browser that began.
  cookie_hash text not null,
  -- OIDC: nonce and PKCE verifier.
  sealed text,
  relay text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, connection_id) references sso_connections (tenant_id, id) on delete cascade
);
call flow.wall_of_identity('sso_attempts', 'select, insert, update, delete');

-- Assertions that were used, until they would prove nothing anyway.
create table saml_assertions (
  tenant_id uuid not null,
  connection_id text collate "C" not null,
  id text collate "C" not null,
  expires_at timestamptz not null,
  primary key (tenant_id, connection_id, id),
  foreign key (tenant_id, connection_id) references sso_connections (tenant_id, id) on delete cascade
);
call flow.wall_of_identity('saml_assertions', 'select, insert, delete');
