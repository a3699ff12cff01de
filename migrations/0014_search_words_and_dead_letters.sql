-- The words that can be found, by perspective and type, with the number of texts that hold each: a public search is shaped by
-- no draft, and a word that nobody shows any more is gone.
drop table search_words;
create table search_words (
  tenant_id uuid not null,
  environment_id uuid not null,
  perspective smallint not null,
  type text not null,
  word text collate "C" not null,
  texts integer not null,
  primary key (tenant_id, environment_id, perspective, type, word)
);
insert into search_words (tenant_id, environment_id, perspective, type, word, texts)
  select text.tenant_id, text.environment_id, text.perspective, text.type, word.lexeme, count(*)
  from search_texts text, unnest(text.document) word
  where length(word.lexeme) between 3 and 40 and word.lexeme !~ '^[0-9.]+$'
  group by 1, 2, 3, 4, 5;
create index search_words_trigrams on search_words using gin (environment_id, word gin_trgm_ops);
call flow.wall('search_words', 'select, insert, update, delete');
create policy search_function on search_words for select to current_user using (true);

-- Keeps the counts, whatever changes the texts. Whoever copies or deletes both tables together says so in app.words_come_along.
create function cms_count_words() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if current_setting('app.words_come_along', true) = 'on' then return null; end if;
  perform pg_advisory_xact_lock(hashtextextended('search_words ' || coalesce(current_setting('app.tenant_id', true), ''), 0));
  if tg_op = 'INSERT' then
    insert into search_words as known (tenant_id, environment_id, perspective, type, word, texts)
      select text.tenant_id, text.environment_id, text.perspective, text.type, word.lexeme, count(*) from new_texts text, unnest(text.document) word
        where length(word.lexeme) between 3 and 40 and word.lexeme !~ '^[0-9.]+$' group by 1, 2, 3, 4, 5
      on conflict (tenant_id, environment_id, perspective, type, word) do update set texts = known.texts + excluded.texts;
    return null;
  end if;
  if tg_op = 'UPDATE' then
    insert into search_words as known (tenant_id, environment_id, perspective, type, word, texts)
      select tenant_id, environment_id, perspective, type, lexeme, sum(change) from (
        select text.tenant_id, text.environment_id, text.perspective, text.type, word.lexeme, 1 as change from new_texts text, unnest(text.document) word
        union all select text.tenant_id, text.environment_id, text.perspective, text.type, word.lexeme, -1 from old_texts text, unnest(text.document) word) changed
        where length(lexeme) between 3 and 40 and lexeme !~ '^[0-9.]+$' group by 1, 2, 3, 4, 5 having sum(change) <> 0
      on conflict (tenant_id, environment_id, perspective, type, word) do update set texts = known.texts + excluded.texts;
  else
    update search_words known set texts = known.texts - gone.texts from (
        select text.tenant_id, text.environment_id, text.perspective, text.type, word.lexeme, count(*)::int as texts from old_texts text, unnest(text.document) word
        group by 1, 2, 3, 4, 5) gone
      where known.tenant_id = gone.tenant_id and known.environment_id = gone.environment_id and known.perspective = gone.perspective
        and known.type = gone.type and known.word = gone.lexeme;
  end if;
  delete from search_words known using (
      select distinct text.tenant_id, text.environment_id, text.perspective, text.type, word.lexeme from old_texts text, unnest(text.document) word) gone
    where known.tenant_id = gone.tenant_id and known.environment_id = gone.environment_id and known.perspective = gone.perspective
      and known.type = gone.type and known.word = gone.lexeme and known.texts <= 0;
  return null;
end $$;
create trigger count_inserted after insert on search_texts
  referencing new table as new_texts for each statement execute function cms_count_words();
create trigger count_updated after update on search_texts
  referencing old table as old_texts new table as new_texts for each statement execute function cms_count_words();
create trigger count_deleted after delete on search_texts
  referencing old table as old_texts for each statement execute function cms_count_words();

-- As before, by the words of the same perspective and type alone.
create or replace function cms_search(environment uuid, wanted_type text, wanted_perspective smallint, wanted_locale text, wanted text)
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
        and perspective = wanted_perspective and type = wanted_type and word >= term and word < term || chr(1114111)) then
      near := quote_literal(term) || ':*';
    else
      select string_agg(quote_literal(found.word), ' | ') into near from (
        select word from search_words where environment_id = environment and tenant_id = tenant and perspective = wanted_perspective
          and type = wanted_type and word % term and length(term) <= 40 and levenshtein(word, term) <= greatest(1, length(term) / 3)
        order by levenshtein(word, term), similarity(word, term) desc, word limit 5) found;
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

-- What can be searched of a text. Folding may make texts longer, and Postgres holds a megabyte of words: what is more than
-- that is cut in halves until the rest fits.
create function cms_document(name text, short text, long text) returns tsvector language plpgsql stable as $$
declare most integer := greatest(length(name), length(short), length(long));
begin
  loop
    begin
      return setweight(to_tsvector('simple', cms_fold(left(name, most))), 'A')
        || setweight(to_tsvector('simple', cms_fold(left(short, most))), 'B')
        || setweight(to_tsvector('simple', cms_fold(left(long, most))), 'D');
    exception when program_limit_exceeded then
      if most < 2 then raise; end if;
      most := most / 2;
    end;
  end loop;
end $$;

-- How often the delivery of an event was begun again, and why it was given up.
alter table outbox add column attempts smallint not null default 0;
alter table outbox add column failure text;
drop index outbox_waiting;
create index outbox_waiting on outbox (tenant_id, attempts, created_at) where done_at is null;

-- Types whose entries are being made anew, and how far that is.
create table rebuilds (
  tenant_id uuid not null,
  environment_id uuid not null,
  type text collate "C" not null,
  -- The last entry that is done.
  after text collate "C" not null default '',
  started_at timestamptz not null default now(),
  leased_until timestamptz not null default now(),
  attempts smallint not null default 0,
  primary key (tenant_id, environment_id, type),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id) on delete cascade
);
call flow.wall('rebuilds', 'select, insert, update, delete');
create policy sweep on rebuilds for select using ((select current_setting('app.sweep', true)) = 'on');
