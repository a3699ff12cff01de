-- A person's name and address are the same in every tenant: who changes them is seen by all of them at once.
create policy own_names on members for update to cms_identity
  using (person_id = (select nullif(current_setting('app.person_id', true), '')))
  with check (person_id = (select nullif(current_setting('app.person_id', true), '')));

-- Whether one of a person's tenants says the person's address is asked across all of them.
create policy own_domains on domains for select to cms_identity
  using (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));
create policy own_connections on sso_connections for select to cms_identity
  using (tenant_id in (select tenant_id from members where person_id = (select nullif(current_setting('app.person_id', true), ''))));
