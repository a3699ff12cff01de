create extension if not exists unaccent;
create extension if not exists pg_trgm;
create extension if not exists btree_gin;
create extension if not exists fuzzystrmatch;

-- Lower case without accents. Immutable, because the dictionary is named and never changed.
create function cms_fold(text) returns text language sql immutable parallel safe
  return lower(public.unaccent('public.unaccent'::regdictionary, $1));

-- What can be searched of an entry, per perspective (0 working copy, 1 published); locale '' when nothing is localised.
create table search_texts (
  tenant_id uuid not null,
  environment_id uuid not null,
  entry_id text collate "C" not null,
  perspective smallint not null,
  locale text not null,
  type text not null,
  document tsvector not null,
  primary key (tenant_id, environment_id, entry_id, perspective, locale)
);
create index search_texts_document on search_texts using gin (environment_id, document);
call flow.wall('search_texts', 'select, insert, update, delete');

-- Words that occur, for prefixes and slips.
create table search_words (
  tenant_id uuid not null,
  environment_id uuid not null,
  word text collate "C" not null,
  primary key (tenant_id, environment_id, word)
);
create index search_words_trigrams on search_words using gin (environment_id, word gin_trgm_ops);
call flow.wall('search_words', 'select, insert, delete');

-- Row-level security keeps Postgres from using these indexes, so the function below reads past it and filters by the
-- tenant's setting itself. Only the owner, whom no Worker logs in as, gets this policy.
create policy search_function on search_texts for select to current_user using (true);
create policy search_function on search_words for select to current_user using (true);

-- Entries that hold every word of `wanted`, a word that begins with it, or, where there is none, one spelt nearly so.
create function cms_search(environment uuid, wanted_type text, wanted_perspective smallint, wanted_locale text, wanted text)
returns table (entry_id text, rank real) language plpgsql stable security definer set search_path = public, pg_temp
  set pg_trgm.similarity_threshold = 0.2 as $$
declare
  tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
  term text;
  near text;
  question tsquery;
begin
  if tenant is null then return; end if;
  for term in select lexeme from unnest(to_tsvector('simple', cms_fold(wanted))) limit 12 loop
    if exists (select 1 from search_words where tenant_id = tenant and environment_id = environment
        and word >= term and word < term || chr(1114111)) then
      near := quote_literal(term) || ':*';
    else
      select string_agg(quote_literal(found.word), ' | ') into near from (
        select word from search_words where environment_id = environment and tenant_id = tenant and word % term
          and length(term) <= 40 and levenshtein(word, term) <= greatest(1, length(term) / 3)
        order by levenshtein(word, term), similarity(word, term) desc limit 5) found;
      near := coalesce(near, quote_literal(term));
    end if;
    question := case when question is null then near::tsquery else question && near::tsquery end;
  end loop;
  if question is null then return; end if;
  return query select texts.entry_id, ts_rank(texts.document, question) from search_texts texts
    where texts.environment_id = environment and texts.tenant_id = tenant and texts.document @@ question
      and texts.type = wanted_type and texts.perspective = wanted_perspective and texts.locale in (wanted_locale, '')
    limit 10000;
end $$;
revoke execute on function cms_search from public;
grant execute on function cms_search to cms_app;
