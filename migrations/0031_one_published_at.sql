-- An entry has one datetime of publishing: publishing one locale with another one moves it in all that are published.
create or replace function cms_move_published_at() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  update entry_fields set published_at = new.published_at
    where tenant_id = new.tenant_id and environment_id = new.environment_id and entry_id = new.id and perspective = 1
      and published_at is distinct from new.published_at;
  update entry_refs set published_at = new.published_at
    where tenant_id = new.tenant_id and environment_id = new.environment_id and entry_id = new.id and perspective = 1
      and published_at is distinct from new.published_at;
  -- The first of that name in a finished answer is the entry's own; fields come behind it.
  update published_entries set published_at = new.published_at,
      doc = regexp_replace(doc, '"published_at":"[^"]*"', '"published_at":"' || cms_iso(new.published_at) || '"')
    where tenant_id = new.tenant_id and environment_id = new.environment_id and entry_id = new.id
      and published_at is distinct from new.published_at;
  return null;
end $$;

alter table published_entries no force row level security;
alter table entries no force row level security;
update published_entries shown set published_at = entry.published_at,
    doc = regexp_replace(doc, '"published_at":"[^"]*"', '"published_at":"' || cms_iso(entry.published_at) || '"')
  from entries entry where entry.tenant_id = shown.tenant_id and entry.environment_id = shown.environment_id
    and entry.id = shown.entry_id and entry.published_at is distinct from shown.published_at;
alter table published_entries force row level security;
alter table entries force row level security;
