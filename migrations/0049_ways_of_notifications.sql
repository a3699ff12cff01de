-- How somebody wants to be notified of a kind of event; absent while it is as FlowCMS has it by itself.
create table notification_settings (
  tenant_id uuid not null,
  person text collate "C" not null,
  kind text collate "C" not null,
  in_app boolean not null,
  email text not null check (email in ('immediate', 'daily', 'never')),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, person, kind)
);
call flow.wall('notification_settings', 'select, insert, update, delete');

-- Whether it is shown in lists, and what is to be emailed: `due` at once, `daily` with others; `sent`, `failed` or `none`.
alter table notifications add column in_app boolean not null default true;
alter table notifications add column email text not null default 'none';
alter table notifications add column emailed_at timestamptz;
alter table notifications add column email_attempts smallint not null default 0;
create index notifications_to_email on notifications (tenant_id, email, person, id) where email in ('due', 'daily');
create policy sweep on notifications for select using (current_setting('app.sweep', true) = 'on');

-- The language of emails.
alter table tenants add column language text not null default 'en';
grant update (language) on tenants to cms_app;

-- Only people have an email address. What somebody wants in no way is not stored.
create function cms_route_notification() returns trigger language plpgsql as $$
declare wish record;
begin
  select in_app, email into wish from notification_settings
    where tenant_id = new.tenant_id and person = new.person and kind = new.kind;
  new.in_app := coalesce(wish.in_app, true);
  new.email := case
    when new.person !~ '^usr_' or wish.email = 'never' then 'none'
    when wish.email = 'daily' then 'daily'
    else 'due' end;
  if not new.in_app and new.email = 'none' then return null; end if;
  return new;
end $$;
create trigger route before insert on notifications for each row execute function cms_route_notification();
