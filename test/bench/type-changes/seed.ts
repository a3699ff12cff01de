import type pg from "pg";

/** Published articles with their versions, rows and finished answers, made by SQL. */
export async function seedArticles(
  owner: pg.Client,
  { tenantId, environmentId }: { tenantId: string; environmentId: string },
  entries: number,
): Promise<void> {
  const statements = [
    `create temporary table made as select i, 'cnt_01jd' || lpad(i::text, 22, '0') as id,
      jsonb_build_object('name', 'Article ' || i, 'code', 'c' || i, 'n', i, 'body', repeat('word ', 300),
        'seo', jsonb_build_object('title', 'Title ' || i, 'note', 'note')) as data
      from generate_series(1, ${entries}) i`,
    `insert into entries (tenant_id, environment_id, id, type, version, published_version, published_at, data,
        created_by, updated_by)
      select $1, $2, id, 'article', 1, 1, now(), data, 'bench', 'bench' from made`,
    `insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
      select $1, $2, id, 1, 'article', data, 'bench' from made`,
    `insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, type, text_value,
        number_value, unique_value, published_at)
      select $1, $2, id, perspective, field, 'article', case when field <> 'n' then data ->> field end,
        case when field = 'n' then i end, case when field = 'code' then data ->> field end,
        case when perspective = 1 then now() end
      from made, generate_series(0, 1) perspective, unnest(array['name', 'code', 'n']) field`,
    `insert into published_entries (tenant_id, environment_id, entry_id, locale, type, published_at, created_at,
        updated_at, version, doc)
      select $1, $2, id, 'en', 'article', now(), now(), now(), 1,
        '{"id":"' || id || '","type":"article",' || substr(data::text, 2) from made`,
  ];
  for (const statement of statements)
    await owner.query(statement, statement.includes("$1") ? [tenantId, environmentId] : []);
  await owner.query("analyze");
}
