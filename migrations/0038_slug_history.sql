-- Of several slugs entries are read by the primary one.
create or replace function cms_type_model(definition json) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  given jsonb := definition::jsonb;
  slug jsonb;
begin
  select field into slug from jsonb_array_elements(given -> 'fields') with ordinality as fields (field, place)
    where field ->> 'type' = 'slug' order by field -> 'primary' = 'true' desc nulls last, place limit 1;
  return (select jsonb_build_object(
      'fields', coalesce(jsonb_agg(jsonb_build_object('id', field -> 'id', 'localized', coalesce(field -> 'localized', 'false'))
        order by place), '[]'),
      'slug', slug -> 'id',
      'slug_localized', coalesce(slug -> 'localized', 'false'),
      'localized', coalesce(jsonb_agg(field -> 'id' order by place) filter (where field -> 'localized' = 'true'), '[]'),
      'needs', cms_type_needs(given -> 'fields'),
      'first_stage', given #> '{review,stages,0,id}',
      'publish_from', given #> '{review,publish_from}')
    from jsonb_array_elements(given -> 'fields') with ordinality as fields (field, place));
end $$;

-- By which slugs published entries could be read and cannot any more, in each locale of readers. The last that gave a
-- slug up is its owner; one that is published under it comes first.
create table slug_history (
  tenant_id uuid not null,
  environment_id uuid not null,
  type text not null,
  locale text not null,
  slug text not null,
  entry_id text collate "C" not null,
  replaced_at timestamptz not null default now(),
  primary key (tenant_id, environment_id, type, slug, locale)
);
create index slug_history_of_entry on slug_history (tenant_id, environment_id, entry_id);
call flow.wall('slug_history', 'select, insert, update, delete');

create function cms_keep_slug() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if tg_op <> 'INSERT' and old.slug is not null then
    insert into slug_history as known (tenant_id, environment_id, type, locale, slug, entry_id)
      select old.tenant_id, old.environment_id, old.type, old.locale, old.slug, old.entry_id
      where exists (select 1 from entries entry where entry.tenant_id = old.tenant_id
          and entry.environment_id = old.environment_id and entry.id = old.entry_id)
        or exists (select 1 from trash where trash.tenant_id = old.tenant_id
          and trash.environment_id = old.environment_id and trash.id = old.entry_id)
      on conflict (tenant_id, environment_id, type, slug, locale) do update
        set entry_id = excluded.entry_id, replaced_at = excluded.replaced_at;
  end if;
  if tg_op <> 'DELETE' and new.slug is not null then
    delete from slug_history known where known.tenant_id = new.tenant_id and known.environment_id = new.environment_id
      and known.type = new.type and known.locale = new.locale and known.slug = new.slug;
  end if;
  return null;
end $$;
-- An environment is copied and deleted with its history, not slug by slug.
create trigger keep_slug_of_new after insert on published_entries for each row
  when (new.slug is not null and current_setting('app.words_come_along', true) is distinct from 'on')
  execute function cms_keep_slug();
create trigger keep_slug_of_gone after delete on published_entries for each row
  when (old.slug is not null and current_setting('app.words_come_along', true) is distinct from 'on')
  execute function cms_keep_slug();
create trigger keep_slug_of_changed after update on published_entries for each row
  when (old.slug is distinct from new.slug) execute function cms_keep_slug();
