-- Typos are forgiven by the words of language that texts hold. What slugs and email addresses hold is found as it is
-- written, by whole words and their beginnings, and made up the greater part of the dictionary.

-- The words of a document that typos are forgiven by: of texts (slugs and email addresses have the weight C), and without
-- digits and what joins the parts of addresses.
create function cms_words(document tsvector) returns setof text language sql immutable parallel safe as $$
  select lexeme from unnest(document)
    where length(lexeme) between 3 and 40 and lexeme !~ '[0-9_./@:-]' and weights && array['A', 'B', 'D'] $$;

-- As before, with what else can be searched beside the texts.
create function cms_document(name text, short text, long text, exact text) returns tsvector language plpgsql stable as $$
declare most integer := greatest(length(name), length(short), length(long), length(exact));
begin
  loop
    begin
      return setweight(to_tsvector('simple', cms_fold(left(name, most))), 'A')
        || setweight(to_tsvector('simple', cms_fold(left(short, most))), 'B')
        || setweight(to_tsvector('simple', cms_fold(left(long, most))), 'D')
        || setweight(to_tsvector('simple', cms_fold(left(exact, most))), 'C');
    exception when program_limit_exceeded then
      if most < 2 then raise; end if;
      most := most / 2;
    end;
  end loop;
end $$;

create or replace function cms_count_words() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if current_setting('app.words_come_along', true) = 'on' then return null; end if;
  perform pg_advisory_xact_lock(hashtextextended('search_words ' || coalesce(current_setting('app.tenant_id', true), ''), 0));
  if tg_op = 'INSERT' then
    insert into search_words as known (tenant_id, environment_id, perspective, type, word, texts)
      select text.tenant_id, text.environment_id, text.perspective, text.type, word, count(*) from new_texts text, cms_words(text.document) word
        group by 1, 2, 3, 4, 5
      on conflict (tenant_id, environment_id, perspective, type, word) do update set texts = known.texts + excluded.texts;
    return null;
  end if;
  if tg_op = 'UPDATE' then
    insert into search_words as known (tenant_id, environment_id, perspective, type, word, texts)
      select tenant_id, environment_id, perspective, type, word, sum(change) from (
        select text.tenant_id, text.environment_id, text.perspective, text.type, word, 1 as change from new_texts text, cms_words(text.document) word
        union all select text.tenant_id, text.environment_id, text.perspective, text.type, word, -1 from old_texts text, cms_words(text.document) word) changed
        group by 1, 2, 3, 4, 5 having sum(change) <> 0
      on conflict (tenant_id, environment_id, perspective, type, word) do update set texts = known.texts + excluded.texts;
  else
    update search_words known set texts = known.texts - gone.texts from (
        select text.tenant_id, text.environment_id, text.perspective, text.type, word, count(*)::int as texts from old_texts text, cms_words(text.document) word
        group by 1, 2, 3, 4, 5) gone
      where known.tenant_id = gone.tenant_id and known.environment_id = gone.environment_id and known.perspective = gone.perspective
        and known.type = gone.type and known.word = gone.word;
  end if;
  delete from search_words known using (
      select distinct text.tenant_id, text.environment_id, text.perspective, text.type, word from old_texts text, cms_words(text.document) word) gone
    where known.tenant_id = gone.tenant_id and known.environment_id = gone.environment_id and known.perspective = gone.perspective
      and known.type = gone.type and known.word = gone.word and known.texts <= 0;
  return null;
end $$;

-- A word with a typo keeps its beginning or its end: both are looked up in an index, among words of nearly the same length.
drop index search_words_trigrams;
alter table search_words no force row level security;
delete from search_words where word ~ '[0-9_./@:-]';
alter table search_words force row level security;
create index search_words_beginnings on search_words (tenant_id, environment_id, perspective, type, length(word), word);
create index search_words_endings on search_words (tenant_id, environment_id, perspective, type, length(word), reverse(word));

-- Up to five words that differ from one in few letters, nearest first.
create function cms_near_words(wanted_tenant uuid, environment uuid, wanted_type text, wanted_perspective smallint, term text)
returns setof text language plpgsql stable set search_path = public, pg_temp as $$
declare
  most integer := case when length(term) < 6 then 1 else 2 end;
  kept integer := least(case when length(term) < 10 then 4 else 5 end, length(term) / 2);
  beginning text collate "C" := left(term, kept);
  ending text collate "C" := reverse(right(term, kept));
begin
  if length(term) not between 4 and 40 or term ~ '[0-9_./@:-]' then return; end if;
  return query select found.word from (
      select known.word from generate_series(length(term) - most, length(term) + most) size, search_words known
        where known.tenant_id = wanted_tenant and known.environment_id = environment and known.perspective = wanted_perspective
          and known.type = wanted_type and length(known.word) = size
          and known.word >= beginning and known.word < beginning || chr(1114111)
      union select known.word from generate_series(length(term) - most, length(term) + most) size, search_words known
        where known.tenant_id = wanted_tenant and known.environment_id = environment and known.perspective = wanted_perspective
          and known.type = wanted_type and length(known.word) = size
          and reverse(known.word) >= ending and reverse(known.word) < ending || chr(1114111)) found
    where levenshtein_less_equal(found.word, term, most) <= most
    order by levenshtein_less_equal(found.word, term, most), similarity(found.word, term) desc, found.word limit 5;
end $$;

-- As before; where no text has a word of that beginning, what is written exactly so elsewhere is found beside those spelt
-- nearly so. Numbers are found as they are.
create or replace function cms_search(environment uuid, wanted_type text, wanted_perspective smallint, wanted_locale text, wanted text)
returns table (entry_id text, rank real) language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
  term text;
  near text;
  question tsquery;
begin
  if tenant is null then return; end if;
  for term in select lexeme from unnest(to_tsvector('simple', cms_fold(wanted))) limit 12 loop
    near := quote_literal(term) || case when term ~ '^[0-9.]+$' then '' else ':*' end;
    if not exists (select 1 from search_words where tenant_id = tenant and environment_id = environment
        and perspective = wanted_perspective and type = wanted_type and word >= term and word < term || chr(1114111)) then
      near := concat_ws(' | ', near, (select string_agg(quote_literal(word), ' | ')
        from cms_near_words(tenant, environment, wanted_type, wanted_perspective, term) word));
    end if;
    near := '(' || near || ')';
    question := case when question is null then near::tsquery else question && near::tsquery end;
  end loop;
  if question is null then return; end if;
  return query select texts.entry_id, ts_rank(texts.document, question) from search_texts texts
    where texts.environment_id = environment and texts.tenant_id = tenant and texts.document @@ question
      and texts.type = wanted_type and texts.perspective = wanted_perspective and texts.locale in (wanted_locale, '')
    limit 10000;
end $$;
