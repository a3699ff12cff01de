-- Workers of the release before 0023 wrote whole records until they were replaced: the personal half of those goes the same way.
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
insert into audit_private as kept (tenant_id, audit_id, about, data)
  select tenant_id, audit_id, about, data from parted
  where about not like 'person:%' or exists (select 1 from people where id = substr(about, 8))
  on conflict (tenant_id, audit_id) do update set data = excluded.data || kept.data;
update audit_log log set meta = log.meta - parted.keys from parted
  where parted.tenant_id = log.tenant_id and parted.audit_id = log.id;
-- Those Workers did not know either that this half goes with an account.
delete from audit_private where about like 'person:%' and not exists (select 1 from people where id = substr(about, 8));

alter table audit_log force row level security;
alter table audit_private force row level security;
alter table members force row level security;
alter table people enable row level security;
