-- What a document was made of, so that texts that have not changed are neither sent nor read into words again. Null is
-- unknown: a change of `cms_document` sets it so.
alter table search_texts add column digest text;

-- As before, but of an update only the words that its texts lost are looked up to see whether any text still has them.
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
    delete from search_words known using (
        select text.tenant_id, text.environment_id, text.perspective, text.type, word from old_texts text, cms_words(text.document) word
        except select text.tenant_id, text.environment_id, text.perspective, text.type, word from new_texts text, cms_words(text.document) word) gone
      where known.tenant_id = gone.tenant_id and known.environment_id = gone.environment_id and known.perspective = gone.perspective
        and known.type = gone.type and known.word = gone.word and known.texts <= 0;
    return null;
  end if;
  update search_words known set texts = known.texts - gone.texts from (
      select text.tenant_id, text.environment_id, text.perspective, text.type, word, count(*)::int as texts from old_texts text, cms_words(text.document) word
      group by 1, 2, 3, 4, 5) gone
    where known.tenant_id = gone.tenant_id and known.environment_id = gone.environment_id and known.perspective = gone.perspective
      and known.type = gone.type and known.word = gone.word;
  delete from search_words known using (
      select distinct text.tenant_id, text.environment_id, text.perspective, text.type, word from old_texts text, cms_words(text.document) word) gone
    where known.tenant_id = gone.tenant_id and known.environment_id = gone.environment_id and known.perspective = gone.perspective
      and known.type = gone.type and known.word = gone.word and known.texts <= 0;
  return null;
end $$;
