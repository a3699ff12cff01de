-- A change of definitions that has to read entries first has the writers of the environment wait from its second try on:
-- until it is through, or until this moment.
alter table environments add column held_until timestamptz, add column held_by text;

-- Waits until no entry is being written in the environment, and has new writers wait until the end of the transaction.
create function cms_lock_environment(wanted_tenant uuid, wanted_environment uuid, holder text) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(wanted_environment::text, 0));
  if exists (select 1 from environments where tenant_id = wanted_tenant and id = wanted_environment
      and held_until > clock_timestamp() and held_by is distinct from holder) then
    raise exception 'the writers of the environment are held' using errcode = 'CM004';
  end if;
end $$;

-- As before, but that writers are refused while they are held: seen behind the lock, so that none slips past.
create or replace function cms_scope(wanted_tenant uuid, wanted_environment uuid, for_write boolean) returns integer
language plpgsql as $$
declare
  found_version integer;
  held timestamptz;
begin
  perform set_config('app.tenant_id', wanted_tenant::text, true);
  if for_write then
    perform pg_advisory_xact_lock_shared(hashtextextended(wanted_environment::text, 0));
  end if;
  select schema_version, held_until into found_version, held from environments
    where tenant_id = wanted_tenant and id = wanted_environment;
  if for_write and held > clock_timestamp() then
    raise exception 'the writers of the environment are held' using errcode = 'CM004';
  end if;
  return found_version;
end $$;
