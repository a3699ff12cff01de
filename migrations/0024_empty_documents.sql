-- Whether a rich text document shows anything: a text that is not blank, an image, an embed or a shortcode.
create function cms_rich_text_has_content(doc jsonb) returns boolean language sql immutable as $$
  select jsonb_path_exists(doc, '$.** ? (@.type == "image" || @.type == "embed" || @.type == "entryEmbed" || @.type == "shortcode")')
    or exists (select 1 from jsonb_path_query(doc, '$.** ? (@.type == "text").text') words
      where translate(words #>> '{}', U&'\0009\000A\000B\000C\000D\0020\0085\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\200B\200C\200D\2028\2029\202F\205F\2060\3000\FEFF', '') <> '')
$$;

-- A document that shows nothing is no value where one is required. `needs` says of a field that it is `rich_text`.
create or replace function cms_missing_value(value jsonb, need jsonb, path text) returns setof text language plpgsql immutable as $$
declare
  inner_needs jsonb;
begin
  if value is null or value in ('null', '""', '[]') or ((need -> 'rich_text')::boolean and not cms_rich_text_has_content(value)) then
    if (need -> 'required')::boolean then
      return next path;
    end if;
  elsif need ? 'fields' then
    return query select cms_missing(value, need -> 'fields', path || '.');
  elsif jsonb_typeof(value) = 'array' then
    for i in 0 .. jsonb_array_length(value) - 1 loop
      inner_needs := need -> 'components' -> (value -> i ->> 'type');
      if inner_needs is not null then
        return query select cms_missing(value -> i, inner_needs, path || '[' || i || '].');
      elsif value -> i = '""' and (need -> 'required')::boolean then
        return next path || '[' || i || ']';
      end if;
    end loop;
  end if;
end $$;
