-- What signs somebody in to subscriptions once, by its hash: whom, and in which environment.
create table realtime_tickets (
  tenant_id uuid not null,
  hash text not null,
  identity jsonb not null,
  environment text,
  expires_at timestamptz not null,
  primary key (tenant_id, hash)
);
create index realtime_tickets_end on realtime_tickets (tenant_id, expires_at);
call flow.wall('realtime_tickets', 'select, insert, delete');
