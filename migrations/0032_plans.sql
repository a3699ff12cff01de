-- The plan that a tenant's quotas come from, null for the installation's own, and what an operator set for it alone.
-- Only the owner changes them: no Worker, and so no admin of a tenant, may.
alter table tenants
  add column plan text check (plan ~ '^[a-z][a-z_]{0,31}$'),
  add column quotas jsonb not null default '{}' check (jsonb_typeof(quotas) = 'object');
