-- Tenant data has its tenant in every key. Reference tables, which each server of a spread database has whole, are those
-- about people (people, passkeys, totp_secrets, recovery_codes, sessions, one_time_tokens, throttles) and the directory of
-- names (tenants, tenant_domains, verified_domains). test/postgres/catalogue.test.ts holds it.
alter table invitations drop constraint invitations_token_hash_key;
alter table invitations add unique (tenant_id, token_hash);

-- A verified domain has one owner.
create table verified_domains (
  domain text collate "C" primary key,
  tenant_id uuid not null references tenants (tenant_id) on delete cascade
);
alter table domains no force row level security;
insert into verified_domains (domain, tenant_id) select domain, tenant_id from domains where verified_at is not null;
alter table domains force row level security;
drop index domains_verified;
call flow.wall_of_identity('verified_domains', 'select, insert, delete');

-- Whose memberships and identities these are is checked by what makes them, which holds the person's row, and by what
-- deletes people, which takes them along in every tenant.
alter table members drop constraint members_person;
alter table sso_identities drop constraint sso_identities_person_id_fkey;
drop index sso_identities_of_person;
create index sso_identities_of_person on sso_identities (person_id, tenant_id);
create policy own_identities on sso_identities for select to cms_identity
  using (person_id = nullif(current_setting('app.person_id', true), ''));
create policy own_identities_end on sso_identities for delete to cms_identity
  using (person_id = nullif(current_setting('app.person_id', true), ''));
