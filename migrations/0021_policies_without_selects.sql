-- Policies hold no sub-select, so that a database which is spread over servers by tenant_id takes them. Queries name their
-- tenant themselves, which makes of the wall one comparison before anything is read.
create or replace procedure flow.wall(wanted text, privileges text) language plpgsql as $$
begin
  execute format('alter table %I enable row level security', wanted);
  execute format('alter table %I force row level security', wanted);
  execute format(
    'create policy tenant_wall on %I using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid) '
    'with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', wanted);
  execute format('grant %s on %I to cms_app', privileges, wanted);
end $$;

create or replace procedure flow.wall_of_identity(wanted text, privileges text) language plpgsql as $$
begin
  execute format('alter table %I enable row level security', wanted);
  execute format('alter table %I force row level security', wanted);
  execute format(
    'create policy tenant_wall on %I using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid) '
    'with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', wanted);
  execute format('grant %s on %I to cms_identity', privileges, wanted);
end $$;

do $$
declare walled text;
begin
  for walled in select tablename from pg_policies where schemaname = 'public' and policyname = 'tenant_wall' loop
    execute format(
      'alter policy tenant_wall on %I using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid) '
      'with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', walled);
  end loop;
  for walled in select tablename from pg_policies where schemaname = 'public' and policyname = 'sweep' loop
    execute format('alter policy sweep on %I using (current_setting(''app.sweep'', true) = ''on'')', walled);
  end loop;
end $$;

alter policy lookup_by_host on tenant_domains using (host = nullif(current_setting('app.host', true), ''));
alter policy rewrap on data_keys using (current_setting('app.sweep', true) = 'on');
alter policy telling on outbox with check (event = 'access.revoked' and current_setting('app.telling', true) = 'on');
alter policy telling_ids on outbox using (event = 'access.revoked' and current_setting('app.telling', true) = 'on');

alter policy own_memberships on members using (person_id = nullif(current_setting('app.person_id', true), ''));
alter policy own_names on members using (person_id = nullif(current_setting('app.person_id', true), ''))
  with check (person_id = nullif(current_setting('app.person_id', true), ''));
alter policy own_leaving on members using (person_id = nullif(current_setting('app.person_id', true), ''));
alter policy own_grants on oauth_grants using (person_id = nullif(current_setting('app.person_id', true), ''))
  with check (person_id = nullif(current_setting('app.person_id', true), ''));
alter policy own_consents on oauth_consents using (person_id = nullif(current_setting('app.person_id', true), ''))
  with check (person_id = nullif(current_setting('app.person_id', true), ''));

-- The tenants of the person that the transaction is for, and the person's address. They run as whoever asks, behind the
-- same walls: a person sees their own memberships, and nobody else's.
create function cms_own_tenants() returns uuid[] language plpgsql stable set search_path = public, pg_temp as $$
declare person text := nullif(current_setting('app.person_id', true), '');
begin
  if person is null then return '{}'; end if;
  return array(select tenant_id from members where person_id = person);
end $$;
create function cms_own_email() returns text language plpgsql stable set search_path = public, pg_temp as $$
declare person text := nullif(current_setting('app.person_id', true), '');
begin
  if person is null then return null; end if;
  return (select email from people where id = person);
end $$;

alter policy own_tenants on tenants using (tenant_id = any (cms_own_tenants()));
alter policy own_audit on audit_log with check (tenant_id = any (cms_own_tenants()));
alter policy own_events on outbox with check (tenant_id = any (cms_own_tenants()));
alter policy own_events_ids on outbox using (tenant_id = any (cms_own_tenants()));
alter policy own_revocations on revocations using (tenant_id = any (cms_own_tenants()))
  with check (tenant_id = any (cms_own_tenants()));
alter policy own_domains on domains using (tenant_id = any (cms_own_tenants()));
alter policy own_connections on sso_connections using (tenant_id = any (cms_own_tenants()));
alter policy own_invitations on invitations using (email = cms_own_email());
alter policy own_invitations_end on invitations using (accepted_at is not null and email = cms_own_email());
