-- From which addresses a tenant, or a token, may be used: CIDR ranges; from anywhere when there are none.
alter table tenants add column ip_ranges jsonb not null default '[]';
grant update (ip_ranges) on tenants to cms_app;

alter table api_tokens
  add column ip_ranges jsonb not null default '[]',
  add column last_used_at timestamptz;
