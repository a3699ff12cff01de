-- What publishing and delivery need to know of a content type, kept beside its definition, so that no statement brings
-- the types along that it does not touch.

-- The fields that are required, or have such fields inside, as cms_incomplete reads them.
create function cms_type_needs(fields jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  field jsonb;
  need jsonb;
  inner_needs jsonb;
  components jsonb;
  needs jsonb := '[]';
begin
  for field in select one from jsonb_array_elements(fields) one loop
    inner_needs := case when jsonb_typeof(field -> 'fields') = 'array' then cms_type_needs(field -> 'fields') else '[]' end;
    components := '{}';
    if jsonb_typeof(field -> 'components') = 'array' then
      select coalesce(jsonb_object_agg(id, component_needs), '{}') into components from (
        select one ->> 'id' as id, cms_type_needs(one -> 'fields') as component_needs
          from jsonb_array_elements(field -> 'components') one) component
        where component_needs <> '[]';
    end if;
    continue when field -> 'required' is distinct from 'true' and inner_needs = '[]' and components = '{}';
    need := jsonb_build_object('id', field -> 'id');
    if field -> 'localized' = 'true' then need := need || '{"localized": true}'; end if;
    if field -> 'required' = 'true' then need := need || '{"required": true}'; end if;
    if field -> 'required' = 'true' and field ->> 'type' = 'rich_text' then need := need || '{"rich_text": true}'; end if;
    if inner_needs <> '[]' then need := need || jsonb_build_object('fields', inner_needs); end if;
    if components <> '{}' then need := need || jsonb_build_object('components', components); end if;
    needs := needs || need;
  end loop;
  return needs;
end $$;

-- How entries of a type are rendered, where their slug stands, what they need, and from which stages they are published.
create function cms_type_model(definition json) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  given jsonb := definition::jsonb;
  slug jsonb;
begin
  select field into slug from jsonb_array_elements(given -> 'fields') with ordinality as fields (field, place)
    where field ->> 'type' = 'slug' order by place limit 1;
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

alter table content_types add column model jsonb generated always as (cms_type_model(definition)) stored;
