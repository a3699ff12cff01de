-- The audit log is append-only for Workers. What is older than 400 days goes, oldest first; this is the only way.
create function cms_expire_audit(at_most integer) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
  gone integer;
begin
  if tenant is null then return 0; end if;
  delete from audit_log where tenant_id = tenant and id in (
    select id from (select id, at from audit_log where tenant_id = tenant order by id limit at_most) oldest
    where at < now() - interval '400 days');
  get diagnostics gone = row_count;
  return gone;
end $$;
revoke execute on function cms_expire_audit from public;
grant execute on function cms_expire_audit to cms_app;

-- Tokens that were revoked or ran out are shown for a while, and then taken away.
grant delete on api_tokens to cms_app;

-- Files that an asset had and has no more, since when. One that is claimed is about to be deleted: no asset may come to have it.
create table unused_files (
  tenant_id uuid not null,
  storage_key text collate "C" not null,
  since timestamptz not null default now(),
  claimed_at timestamptz,
  primary key (tenant_id, storage_key)
);
call flow.wall('unused_files', 'select, insert, update, delete');
create index assets_stored on assets (tenant_id, storage_key) where storage_key is not null;

create function cms_note_unused_file() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  insert into unused_files as known (tenant_id, storage_key) values (old.tenant_id, old.storage_key)
    on conflict (tenant_id, storage_key) do update set since = now() where known.claimed_at is null;
  return null;
end $$;
create trigger note_deleted_file after delete on assets for each row
  when (old.storage_key is not null) execute function cms_note_unused_file();
create trigger note_replaced_file after update on assets for each row
  when (old.storage_key is not null and old.storage_key is distinct from new.storage_key) execute function cms_note_unused_file();
