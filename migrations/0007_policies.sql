-- Policies are lists of grants; roles stack them. What a role of the product's own grants is code.
create table policies (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  name text not null,
  description text,
  grants jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (tenant_id, id),
  constraint policies_name_key unique (tenant_id, name)
);
call flow.wall('policies', 'select, insert, update, delete');

create table roles (
  tenant_id uuid not null references tenants (tenant_id) on delete cascade,
  id text collate "C" not null,
  name text not null check (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
  description text,
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  primary key (tenant_id, id),
  constraint roles_name_key unique (tenant_id, name)
);
call flow.wall('roles', 'select, insert, update, delete');

create table role_policies (
  tenant_id uuid not null,
  role_id text collate "C" not null,
  policy_id text collate "C" not null,
  ordinal integer not null,
  primary key (tenant_id, role_id, policy_id),
  constraint role_policies_role foreign key (tenant_id, role_id) references roles (tenant_id, id) on delete cascade,
  constraint role_policies_policy foreign key (tenant_id, policy_id) references policies (tenant_id, id)
);
create index role_policies_by_policy on role_policies (tenant_id, policy_id);
call flow.wall('role_policies', 'select, insert, update, delete');

-- A role narrows what a token's scope holds; content types narrow it further.
alter table api_tokens
  add column role text,
  add column content_types jsonb;

-- What whoever planned it was granted then, by which it is carried out; null when nothing narrowed their scopes.
alter table schedules add column planned_by jsonb;

-- As cms_search, for who may not read everything: words and their beginnings only. Looking up which words there are, to
-- forgive slips, would tell of words that stand nowhere but in what they may not read.
create function cms_search_plain(environment uuid, wanted_type text, wanted_perspective smallint, wanted_locale text, wanted text)
returns table (entry_id text, rank real) language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
  tenant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
  question tsquery;
begin
  if tenant is null then return; end if;
  select string_agg(quote_literal(lexeme) || ':*', ' & ')::tsquery into question
    from (select lexeme from unnest(to_tsvector('simple', cms_fold(wanted))) limit 12) terms;
  if question is null then return; end if;
  return query select texts.entry_id, ts_rank(texts.document, question) from search_texts texts
    where texts.environment_id = environment and texts.tenant_id = tenant and texts.document @@ question
      and texts.type = wanted_type and texts.perspective = wanted_perspective and texts.locale in (wanted_locale, '')
    limit 10000;
end $$;
revoke execute on function cms_search_plain from public;
grant execute on function cms_search_plain to cms_app;
