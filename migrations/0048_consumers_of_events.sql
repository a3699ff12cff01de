-- The consumers that have not confirmed an event yet, by name, once MAINTENANCE has handled it; how often the event was handed
-- to them again; and when the last of them confirmed. A queue may lose a message: what is named here is sent again.
alter table outbox add column waiting text[] not null default '{}';
alter table outbox add column handed_on smallint not null default 0;
alter table outbox add column notified_at timestamptz;
create index outbox_handed_on on outbox (tenant_id, handed_on, done_at) where waiting <> '{}';

-- When each scheduler ran last. It belongs to no tenant.
create table flow.heartbeats (name text primary key, at timestamptz not null default now());
insert into flow.heartbeats (name) values ('maintenance'), ('identity');

create function cms_beat(scheduler text) returns void language sql security definer set search_path = flow, pg_temp as $$
  insert into heartbeats (name) values (scheduler) on conflict (name) do update set at = now();
$$;
create function cms_heartbeats() returns table (name text, at timestamptz) language sql stable security definer
  set search_path = flow, pg_temp as $$ select name, at from heartbeats; $$;
revoke execute on function cms_beat, cms_heartbeats from public;
grant execute on function cms_beat to cms_app, cms_identity;
grant execute on function cms_heartbeats to cms_app;
