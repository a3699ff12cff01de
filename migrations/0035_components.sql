-- Components that several content types share. `definition` of a content type has them inside, at every depth, so that
-- what reads it need not know of them; `authored` is the definition as it was written, null where it is the same, and
-- `components` the ids of those it uses, also inside one another.
create table components (
  tenant_id uuid not null,
  environment_id uuid not null,
  id text not null,
  version integer not null default 1,
  definition json not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  made_at bigint not null default (extract(epoch from clock_timestamp()) * 1000000)::bigint,
  primary key (tenant_id, environment_id, id),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id) on delete cascade
);
call flow.wall('components', 'select, insert, update, delete');

create table component_versions (
  tenant_id uuid not null,
  environment_id uuid not null,
  component text not null,
  version integer not null,
  definition json not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (tenant_id, environment_id, component, version)
);
call flow.wall('component_versions', 'select, insert, delete');

alter table content_types add column authored json, add column components text[] not null default '{}';
alter table content_type_versions add column authored json;

-- A list of components lacks what each of them lacks.
create or replace function cms_missing_value(value jsonb, need jsonb, path text) returns setof text language plpgsql immutable as $$
declare
  inner_needs jsonb;
begin
  if value is null or value in ('null', '""', '[]') or ((need -> 'rich_text')::boolean and not cms_rich_text_has_content(value)) then
    if (need -> 'required')::boolean then
      return next path;
    end if;
  elsif need ? 'fields' and jsonb_typeof(value) = 'object' then
    return query select cms_missing(value, need -> 'fields', path || '.');
  elsif jsonb_typeof(value) = 'array' then
    for i in 0 .. jsonb_array_length(value) - 1 loop
      inner_needs := coalesce(need -> 'fields', need -> 'components' -> (value -> i ->> 'type'));
      if inner_needs is not null then
        return query select cms_missing(value -> i, inner_needs, path || '[' || i || '].');
      elsif value -> i = '""' and (need -> 'required')::boolean then
        return next path || '[' || i || ']';
      end if;
    end loop;
  end if;
end $$;

-- The one entry of a type of which there is only one.
alter table entries add column is_single boolean;
create unique index entries_single on entries (tenant_id, environment_id, type) where is_single;
