-- Values of what is published carry the datetime of publishing, so that one index answers "the newest entries with this
-- value", "the values of this field in order" and counts, without looking at the entries. Working copies have none.
alter table entry_fields add column published_at timestamptz;
alter table entry_refs add column published_at timestamptz;
alter table entry_fields no force row level security;
alter table entry_refs no force row level security;
alter table entries no force row level security;
update entry_fields value set published_at = entry.published_at from entries entry
  where value.perspective = 1 and entry.tenant_id = value.tenant_id and entry.environment_id = value.environment_id
    and entry.id = value.entry_id;
update entry_refs ref set published_at = entry.published_at from entries entry
  where ref.perspective = 1 and entry.tenant_id = ref.tenant_id and entry.environment_id = ref.environment_id
    and entry.id = ref.entry_id;
alter table entry_fields force row level security;
alter table entry_refs force row level security;
alter table entries force row level security;

-- Equal values stand newest first; the opposite order is the same index read backwards.
drop index entry_fields_text;
drop index entry_fields_number;
drop index entry_fields_time;
drop index entry_refs_by_target;
create index entry_fields_text on entry_fields
  (tenant_id, environment_id, type, perspective, field, locale, text_value collate "cms_und", published_at desc, entry_id desc)
  where text_value is not null;
create index entry_fields_number on entry_fields
  (tenant_id, environment_id, type, perspective, field, locale, number_value, published_at desc, entry_id desc)
  where number_value is not null;
create index entry_fields_time on entry_fields
  (tenant_id, environment_id, type, perspective, field, locale, time_value, published_at desc, entry_id desc)
  where time_value is not null;
create index entry_refs_by_target on entry_refs
  (tenant_id, environment_id, target_id, perspective, type, field, locale, published_at desc, entry_id desc);

-- What a field holds differs from field to field: the planner is told of the columns together.
create statistics entry_fields_by_field (mcv, ndistinct, dependencies)
  on environment_id, type, perspective, field, locale from entry_fields;
create statistics entry_refs_by_field (mcv, ndistinct, dependencies)
  on environment_id, type, perspective, field, locale from entry_refs;

-- Entries of which some locales are published and others are not: where there are none, whatever is published is published
-- in every locale, and need not be looked up there.
create index entries_published_in_part on entries (tenant_id, environment_id, type) where published_locales is not null;

-- Publishing moves the values along, also those of locales that were published before, and those that a Worker of an older
-- version has written.
create function cms_move_published_at() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  update entry_fields set published_at = new.published_at
    where tenant_id = new.tenant_id and environment_id = new.environment_id and entry_id = new.id and perspective = 1
      and published_at is distinct from new.published_at;
  update entry_refs set published_at = new.published_at
    where tenant_id = new.tenant_id and environment_id = new.environment_id and entry_id = new.id and perspective = 1
      and published_at is distinct from new.published_at;
  return null;
end $$;
create trigger move_published_at after update of published_at on entries for each row
  when (new.published_at is not null) execute function cms_move_published_at();
