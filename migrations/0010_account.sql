-- A person's name and address are the same in every tenant: who changes them is seen by all of them at once.
create policy own_names on members for update to cms_identity
  using (person_id = (select nullif(current_setting('app.person_id', true), '')))
  with check (person_id = (select nullif(current_setting('app.person_id', true), '')));
