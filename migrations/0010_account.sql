-- A person's name and address are the same in every tenant: who changes them is seen by all of them at once.
create policy own_names on members for update to cms_identity
  using (person_id = (select nullif(current_setting('app.person_id', true), '')))
  with check (person_id = (select nullif(current_setting('app.person_id', true), '')));

-- Whether one of a person's tenants says the person's address is asked across all of them.
create policy own_domains on domains for select to cms_identity
  using (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));
create policy own_connections on sso_connections for select to cms_identity
  using (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));

-- Members are people: an account that goes leaves no membership behind, and none is made while it goes.
alter table members add constraint members_person foreign key (person_id) references people (id) on delete cascade;

-- Who deletes their account leaves every tenant in the one statement that does it.
create policy own_leaving on members for delete to cms_identity
  using (person_id = (select nullif(current_setting('app.person_id', true), '')));
create policy own_grants on oauth_grants for all to cms_identity
  using (person_id = (select nullif(current_setting('app.person_id', true), '')))
  with check (person_id = (select nullif(current_setting('app.person_id', true), '')));
create policy own_consents on oauth_consents for all to cms_identity
  using (person_id = (select nullif(current_setting('app.person_id', true), '')))
  with check (person_id = (select nullif(current_setting('app.person_id', true), '')));
-- The invitation that somebody came by holds their address, and goes with it.
create policy own_invitations on invitations for select to cms_identity
  using (email = (select email from people where id = (select nullif(current_setting('app.person_id', true), ''))));
create policy own_invitations_end on invitations for delete to cms_identity
  using (accepted_at is not null and email = (select email from people where id = (select nullif(current_setting('app.person_id', true), ''))));

-- The tenants that would have no owner without this person. Each is locked against other changes of its owners until the
-- transaction ends, in one order for everybody, and looked into by the scope of its own.
create function cms_owned_alone(wanted_person text) returns table (tenant_name text) language plpgsql as $$
declare
  scope text := current_setting('app.tenant_id', true);
  owned uuid;
begin
  for owned in
    select member.tenant_id from members member
    where member.person_id = wanted_person and 'owner' = any (member.roles) order by member.tenant_id
  loop
    perform pg_advisory_xact_lock(hashtextextended('owners:' || owned::text, 0));
    perform set_config('app.tenant_id', owned::text, true);
    return query select tenant.name from tenants tenant where tenant.tenant_id = owned
      and exists (select 1 from members mine
        where mine.tenant_id = owned and mine.person_id = wanted_person and 'owner' = any (mine.roles))
      and not exists (select 1 from members other
        where other.tenant_id = owned and other.person_id <> wanted_person and 'owner' = any (other.roles)
          and other.suspended_at is null);
  end loop;
  perform set_config('app.tenant_id', coalesce(scope, ''), true);
end $$;
