-- An empty list in a locale is that locale's value: a row without a value stands for it, as every write leaves one now.
alter table content_types no force row level security;
alter table entries no force row level security;
alter table entry_versions no force row level security;
alter table entry_fields no force row level security;

insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal, type)
select entry.tenant_id, entry.environment_id, entry.id, seen.perspective, field.item ->> 'id', value.locale, 0, entry.type
from content_types kind
  cross join lateral json_array_elements(kind.definition -> 'fields') field (item)
  join entries entry on entry.tenant_id = kind.tenant_id and entry.environment_id = kind.environment_id and entry.type = kind.id
  left join entry_versions kept on kept.tenant_id = entry.tenant_id and kept.environment_id = entry.environment_id
    and kept.entry_id = entry.id and kept.version = entry.published_version
  cross join lateral (values (0::smallint, entry.data),
    (1::smallint, case when entry.published_version is not null then coalesce(entry.published_data, kept.data) end)) seen (perspective, data)
  cross join lateral jsonb_each(case when jsonb_typeof(seen.data -> (field.item ->> 'id')) = 'object'
    then seen.data -> (field.item ->> 'id') else '{}' end) value (locale, list)
where (field.item ->> 'localized')::boolean and (field.item ->> 'multiple')::boolean and value.list = '[]'
on conflict do nothing;

alter table content_types force row level security;
alter table entries force row level security;
alter table entry_versions force row level security;
alter table entry_fields force row level security;
