-- Compiling a statement costs more than the short statements of the Workers take; what no request waits for ends as well.
alter role cms_app set jit = off;
alter role cms_identity set jit = off;
alter role cms_app set statement_timeout = '60s';
alter role cms_identity set statement_timeout = '60s';
alter role cms_app set idle_in_transaction_session_timeout = '60s';
alter role cms_identity set idle_in_transaction_session_timeout = '60s';

-- True, unless a type has more entries than a query may look at one by one: CM003, with what was asked and how many there are.
create function cms_afford(own_tenant uuid, own_environment uuid, own_type text, own_locale text, is_draft boolean, most integer, asked text)
returns boolean language plpgsql stable as $$
declare found_entries bigint;
begin
  if is_draft then
    select count(*) into found_entries from (select 1 from entries
      where tenant_id = own_tenant and environment_id = own_environment and type = own_type limit most + 1) few;
  else
    select coalesce(sum(total), 0) into found_entries from published_counts
      where tenant_id = own_tenant and environment_id = own_environment and type = own_type and locale = own_locale;
  end if;
  if found_entries > most then
    raise exception 'the query looks at too many entries' using errcode = 'CM003',
      detail = json_build_object('asked', asked, 'entries', found_entries, 'most', most)::text;
  end if;
  return true;
end $$;
grant execute on function cms_afford(uuid, uuid, text, text, boolean, integer, text) to cms_app, cms_identity;

-- How people expect texts to be sorted: by the letters first, whatever their marks and case, in the order of the language's own
-- alphabet where it has one. Deterministic, so that equality stays exact. A server without ICU sorts by code points.
do $$
declare language text;
begin
  foreach language in array string_to_array('und af az bs ca cs cy da de eo es et fi fil fo fr gl ha haw hr hu hy ig is ja kk kl ko lt lv mk mt nb nn no om pl ro se sk sl sq sr sv ta th tk to tr uk ur uz vi wo yo zh', ' ')
  loop
    begin
      execute format('create collation %I (provider = icu, locale = %L)', 'cms_' || language, language);
    exception when others then
      execute format('create collation %I from "C"', 'cms_' || language);
    end;
  end loop;
end $$;
