-- Endpoints that are told of events. `config` is what their owner chose; secrets in it are sealed by the vault.
create table webhooks (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text collate "C" not null,
  version integer not null default 1,
  config json not null,
  -- [{ "id", "sealed", "created_at", "expires_at" }], the newest first.
  secrets jsonb not null,
  -- A paused one collects deliveries and sends none, a disabled one collects none.
  state text not null default 'active' check (state in ('active', 'paused', 'disabled')),
  disabled_reason text check (disabled_reason in ('owner', 'gone', 'failing')),
  -- Failures in a row, since when, and how long nothing is sent because of them.
  failures integer not null default 0,
  failing_since timestamptz,
  open_until timestamptz,
  succeeded_at timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id) on delete cascade
);
call flow.wall('webhooks', 'select, insert, update, delete');

-- One row per event and endpoint: what is sent, and how it went. `body` is the bytes; of one that still collects events
-- it is made of `parts` when it is sent for the first time.
create table webhook_deliveries (
  tenant_id uuid not null,
  id text collate "C" not null,
  webhook_id text collate "C" not null,
  environment_id uuid not null,
  -- The outbox row; null of a test, and of one call for several events.
  event_id bigint,
  event text not null,
  entry_id text collate "C",
  body text,
  parts jsonb,
  is_collecting boolean not null default false,
  state text not null default 'pending' check (state in ('pending', 'succeeded', 'dead')),
  -- All attempts there were, and those since it was last made due anew, which the retries are counted by.
  attempts integer not null default 0,
  tries integer not null default 0,
  next_attempt_at timestamptz,
  -- Until then a Worker is sending it.
  leased_until timestamptz,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade
);
create unique index webhook_deliveries_once on webhook_deliveries (tenant_id, webhook_id, event_id) where event_id is not null;
create unique index webhook_deliveries_collecting on webhook_deliveries (tenant_id, webhook_id) where is_collecting;
create index webhook_deliveries_due on webhook_deliveries (tenant_id, webhook_id, next_attempt_at) where state = 'pending';
create index webhook_deliveries_newest on webhook_deliveries (tenant_id, webhook_id, id desc);
create index webhook_deliveries_dead on webhook_deliveries (tenant_id, environment_id, id desc) where state = 'dead';
create index webhook_deliveries_by_entry on webhook_deliveries (tenant_id, entry_id, id desc) where entry_id is not null;
create index webhook_deliveries_by_age on webhook_deliveries (tenant_id, created_at);
call flow.wall('webhook_deliveries', 'select, insert, update, delete');

create table webhook_attempts (
  tenant_id uuid not null,
  delivery_id text collate "C" not null,
  number integer not null,
  at timestamptz not null,
  latency_ms integer not null,
  status integer,
  failure text,
  response_body text,
  primary key (tenant_id, delivery_id, number),
  foreign key (tenant_id, delivery_id) references webhook_deliveries (tenant_id, id) on delete cascade
);
call flow.wall('webhook_attempts', 'select, insert');

-- The sweep finds endpoints of every tenant with something due; it reads ids and times only.
create policy sweep on webhooks for select using (current_setting('app.sweep', true) = 'on');
create policy sweep on webhook_deliveries for select using (current_setting('app.sweep', true) = 'on');

-- As data_keys, for secrets of webhooks alone: WEBHOOKS opens none of IDENTITY's.
create table webhook_keys (
  tenant_id uuid not null,
  id text collate "C" not null,
  master_key_id text not null,
  wrapped text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
call flow.wall('webhook_keys', 'select, insert');
grant update on webhook_keys to cms_identity;
create policy rewrap on webhook_keys to cms_identity using (current_setting('app.sweep', true) = 'on');
