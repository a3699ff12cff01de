-- A change of a content type may also give the value of a field to locales, or keep the one of the first that has one.
create or replace function cms_reshape(data jsonb, steps jsonb) returns jsonb language plpgsql immutable set search_path = public, pg_temp as $$
declare
  step jsonb;
  field text;
  found jsonb;
begin
  if data is null then return null; end if;
  for step in select one from jsonb_array_elements(steps) one loop
    if step ? 'at' then
      data := cms_reshape_at(data, step -> 'at', 0, step -> 'moves');
      continue;
    end if;
    field := coalesce(step ->> 'localize', step ->> 'unlocalize');
    found := data -> field;
    continue when found is null;
    if found <> 'null' and step ? 'localize' then
      found := (select jsonb_object_agg(locale, found) from jsonb_array_elements_text(step -> 'locales') each_locale (locale));
    elsif jsonb_typeof(found) = 'object' then
      found := cms_resolve(found, array(select jsonb_array_elements_text(step -> 'locales')));
    end if;
    data := case when found is null or found = 'null' then data - field else jsonb_set(data, array[field], found) end;
  end loop;
  return data;
end $$;
