-- What a record of the audit log says that is personal, or was typed by somebody: addresses, e-mail addresses, names, free
-- text. The record itself stays as it is; this half can be taken away.
create table audit_private (
  tenant_id uuid not null,
  audit_id bigint not null,
  -- Whose it is, `person:usr_…`; what the record is about where no person is known.
  about text collate "C" not null,
  data jsonb not null,
  primary key (tenant_id, audit_id),
  foreign key (tenant_id, audit_id) references audit_log (tenant_id, id) on delete cascade
);
create index audit_private_about on audit_private (about, tenant_id);
call flow.wall('audit_private', 'select, insert');
grant update (about), delete on audit_private to cms_identity;
create policy own_private on audit_private for select to cms_identity
  using (about = 'person:' || nullif(current_setting('app.person_id', true), ''));
create policy own_private_told on audit_private for insert to cms_identity
  with check (about = 'person:' || nullif(current_setting('app.person_id', true), '') and tenant_id = any (cms_own_tenants()));
create policy own_private_end on audit_private for delete to cms_identity
  using (about = 'person:' || nullif(current_setting('app.person_id', true), ''));
-- Whoever writes a record says of which the private half is.
create policy own_audit_ids on audit_log for select to cms_identity
  using (actor_kind = 'person' and actor_id = nullif(current_setting('app.person_id', true), '') and tenant_id = any (cms_own_tenants()));

-- What was recorded before. Of people who have deleted their accounts nothing is kept.
alter table audit_log no force row level security;
alter table audit_private no force row level security;
alter table members no force row level security;
alter table people disable row level security;

create temporary table parted on commit drop as
  select log.tenant_id, log.id as audit_id, personal.keys, personal.data,
    coalesce(
      case when log.subject like 'member:%' then 'person:' || substr(log.subject, 8) end,
      (select 'person:' || member.person_id from members member where log.subject like 'invitation:%'
        and member.tenant_id = log.tenant_id and member.email = log.meta ->> 'email' limit 1),
      log.subject) as about
  from audit_log log cross join lateral (
    select array_agg(key) as keys, jsonb_object_agg(key, value) as data from jsonb_each(log.meta)
    where key in ('address', 'email', 'name', 'ip_ranges')
      or key = 'grants' and log.action like 'policy.%'
      or key = 'subject' and log.action = 'sso.sign_in_refused'
      or key = 'message' and log.action = 'schedule.failed'
      or key = 'reason' and log.action in ('event.dead_lettered', 'read_model.entry_skipped')) personal
  where personal.keys is not null;
insert into audit_private (tenant_id, audit_id, about, data)
  select tenant_id, audit_id, about, data from parted
  where about not like 'person:%' or exists (select 1 from people where id = substr(about, 8));
update audit_log log set meta = log.meta - parted.keys from parted
  where parted.tenant_id = log.tenant_id and parted.audit_id = log.id;

alter table audit_log force row level security;
alter table audit_private force row level security;
alter table members force row level security;
alter table people enable row level security;
