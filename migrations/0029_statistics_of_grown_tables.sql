-- Without statistics Postgres takes a tenant for a selective condition and reads all that it has for each row it looks up.
-- Autovacuum comes late to a table that has just been filled, and an embedded Postgres has none: whoever wrote much asks
-- for statistics of the tables that have grown to twice their size since theirs were taken. Answers their names.
create function cms_analyze_grown() returns text[] language plpgsql security definer set search_path = public, pg_temp
  set lock_timeout = '200ms' as $$
declare
  grown record;
  done text[] := '{}';
begin
  if not pg_try_advisory_xact_lock(hashtextextended('cms_analyze_grown', 0)) then return done; end if;
  for grown in select oid::regclass as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace
      and relname in ('environments', 'content_types', 'entries', 'entry_versions', 'entry_fields', 'entry_refs',
        'published_entries', 'search_texts', 'search_words', 'outbox', 'audit_log', 'assets', 'trash', 'schedules')
      and pg_relation_size(oid) / current_setting('block_size')::int > 2 * greatest(relpages, 1)
  loop
    begin
      execute format('analyze %s', grown.name);
      done := done || grown.name::text;
    exception when lock_not_available then
      -- Somebody else is at it.
      null;
    end;
  end loop;
  return done;
end $$;
revoke execute on function cms_analyze_grown from public;
grant execute on function cms_analyze_grown to cms_app;
