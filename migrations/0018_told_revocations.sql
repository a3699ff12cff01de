-- What the edge refuses is written by many verbs and told by one mechanism: each statement that writes revocations leaves an
-- event for every tenant concerned, and the transaction knows them (`app.told`: tenant:event pairs).
create function cms_tell_revocations() returns trigger language plpgsql set app.telling = 'on' as $$
declare
  written text;
begin
  with event_row as (
    insert into outbox (tenant_id, environment_id, event, payload)
    select distinct tenant_id, '00000000-0000-0000-0000-000000000000'::uuid, 'access.revoked', '{}'::jsonb from told
    returning tenant_id, id)
  select string_agg(tenant_id || ':' || id, ' ') into written from event_row;
  if written is not null then
    perform set_config('app.told', ltrim(coalesce(current_setting('app.told', true), '') || ' ' || written), true);
  end if;
  return null;
end $$;
create trigger told_of_new after insert on revocations referencing new table as told
  for each statement execute function cms_tell_revocations();
create trigger told_of_later after update on revocations referencing new table as told
  for each statement execute function cms_tell_revocations();
-- Who deletes their account is a member nowhere any more when the statement ends.
create policy telling on outbox for insert to cms_app
  with check (event = 'access.revoked' and (select current_setting('app.telling', true)) = 'on');
create policy telling_ids on outbox for select to cms_app
  using (event = 'access.revoked' and (select current_setting('app.telling', true)) = 'on');
-- A stricter sign-in policy refuses what people were given before it.
grant insert, update on revocations to cms_app;

-- The grant that a device's code became: shown again, the code takes it along.
alter table oauth_devices add column grant_id text collate "C";
-- Whether the client named the redirect URI, which it must then name again; and what OpenID Connect hands through.
alter table oauth_codes add column redirect_named boolean not null default true, add column nonce text;

-- What a directory says of a person, as it said it; and when what SCIM shows of them last changed.
alter table members add column scim jsonb not null default '{}', add column changed_at timestamptz;
alter table teams add column changed_at timestamptz;
create function cms_stamp_change() returns trigger language plpgsql as $$
begin
  new.changed_at := now();
  return new;
end $$;
create trigger stamped before update of name, email, external_id, suspended_at, scim on members
  for each row when (row(old.name, old.email, old.external_id, old.suspended_at, old.scim)
    is distinct from row(new.name, new.email, new.external_id, new.suspended_at, new.scim)) execute function cms_stamp_change();
create trigger stamped before update of name, external_id on teams
  for each row execute function cms_stamp_change();
