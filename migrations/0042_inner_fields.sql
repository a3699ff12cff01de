-- Values inside components and blocks have side rows too, by their path; `element` says in which element of lists and blocks
-- they are, three digits for each.
alter table entry_fields add column element text collate "C";

-- Types whose entries were stored before: a rebuild writes their rows, until then queries cannot ask for them. A rebuild
-- that a Worker of an older version began writes none.
alter table content_types add column is_inner_indexed boolean not null default true;
alter table content_types no force row level security;
update content_types set is_inner_indexed = false
  where jsonb_path_exists(definition::jsonb, '$.fields[*] ? (exists (@.fields) || exists (@.components))');
alter table content_types force row level security;
create index content_types_not_indexed on content_types (tenant_id, environment_id, id) where not is_inner_indexed;
create policy sweep on content_types for select using (current_setting('app.sweep', true) = 'on');
alter table rebuilds add column writes_inner boolean not null default false;
