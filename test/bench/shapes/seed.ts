import type pg from "pg";
import { COMMON_WORDS } from "../text.ts";

/** What the shapes ask for, of `entries` entries with an author each, in the locales en and de. */
export const TYPES = [
  {
    id: "team",
    name: "Team",
    fields: [
      { id: "name", type: "short_text" },
      { id: "city", type: "short_text" },
    ],
  },
  {
    id: "author",
    name: "Author",
    fields: [
      { id: "name", type: "short_text" },
      { id: "slug", type: "slug" },
      { id: "team", type: "reference", to: ["team"] },
    ],
  },
  {
    id: "topic",
    name: "Topic",
    ordered: true,
    parent: "above",
    fields: [
      { id: "name", type: "short_text" },
      { id: "kind", type: "short_text" },
      { id: "above", type: "reference", to: ["topic"] },
    ],
  },
  {
    id: "article",
    name: "Article",
    fields: [
      { id: "title", type: "short_text", required: true },
      { id: "slug", type: "slug" },
      { id: "price", type: "number" },
      { id: "offer", type: "enum", options: ["standard", "sale", "clearance", "rare"] },
      { id: "category", type: "enum", options: Array.from({ length: 40 }, (_, i) => `category-${i}`) },
      { id: "tags", type: "short_text", multiple: true },
      { id: "released", type: "date" },
      { id: "rating", type: "integer" },
      { id: "author", type: "reference", to: ["author"] },
      { id: "topic", type: "reference", to: ["topic"] },
      { id: "body", type: "long_text" },
      {
        id: "seo",
        type: "component",
        fields: [
          { id: "kind", type: "short_text" },
          { id: "rank", type: "integer" },
        ],
      },
      {
        id: "parts",
        type: "component",
        multiple: true,
        fields: [
          { id: "kind", type: "short_text" },
          { id: "size", type: "integer" },
        ],
      },
    ],
  },
];

/** A number from 0 to `below` - 1 that looks random and is the same for the same `n` and `salt`. */
const pick = (below: number, salt: number) =>
  `((hashint8(n::bigint * 1000003 + ${salt})::bigint & 2147483647) % ${below})`;
const idOf = (prefix: string, n: string) => `'cnt_' || '${prefix}' || lpad((${n})::text, 22, '0')`;
const AUTHORS = 10_000;
const TEAMS = 100;
/** Nine trees of them: below topic 12 stand 120 to 129, below those 1200 to 1299. */
const TOPICS = 9999;

const TITLE = `initcap(words.list[1 + ${pick(200, 1)}] || ' ' || words.list[1 + ${pick(200, 2)}] || ' ' || words.list[1 + ${pick(200, 3)}]) || ' ' || n`;
const OFFER = `case when ${pick(10_000, 4)} < 7000 then 'standard' when ${pick(10_000, 4)} < 9500 then 'sale' when ${pick(10_000, 4)} < 9995 then 'clearance' else 'rare' end`;
const PRICE = `(${pick(1_000_000, 5)} / 100.0)`;
const CATEGORY = `'category-' || floor(40 * power(${pick(10_000, 6)} / 10000.0, 2))`;
const RELEASED = `date '2016-01-01' + ${pick(3650, 7)}::int`;
const RATING = `1 + ${pick(5, 8)}`;
const TAGS = `array(select distinct 'tag-' || floor(60 * power((hashint8(n::bigint * 7919 + t * 104729)::bigint & 2147483647) % 10000 / 10000.0, 3))::int
  from generate_series(1, 1 + ${pick(3, 9)}::int) t)`;
// Frequent words come often, and one of a hundred thousand rare ones now and then.
const BODY = `(select string_agg(case when w % 12 = 0 then 'w' || to_hex((hashint8(n::bigint * 31 + w)::bigint & 2147483647) % 100000)
  else words.list[1 + floor(200 * power((hashint8(n::bigint * 131 + w)::bigint & 2147483647) % 10000 / 10000.0, 2))::int] end, ' ')
  from generate_series(1, 90) w)`;
const SEO = `jsonb_build_object('kind', 'kind-' || floor(40 * power(${pick(10_000, 12)} / 10000.0, 2)), 'rank', ${pick(100_000, 13)})`;
// Every fourth has some.
const PARTS = `case when n % 4 = 0 then (select jsonb_agg(jsonb_build_object('kind', 'part-' || (n / 4 + p) % 20, 'size', (n / 4 * 7 + p * 3) % 50))
  from generate_series(1, 2) p) else '[]'::jsonb end`;
const PUBLISHED = `timestamptz '2026-06-01 00:00:00+00' - make_interval(secs => ${pick(200_000_000, 10)})`;

/** Far apart, and not in the order of anything else. */
const ORDER_KEY = "case when type = 'topic' then (right(id, 22)::bigint * 7919 % 10007) * 1048576 end";

/** Fills the environment; the caller has made the types and owns the database. */
export async function seedShapes(
  client: pg.Client,
  { tenantId, environmentId, entries }: { tenantId: string; environmentId: string; entries: number },
  log: (line: string) => void,
): Promise<void> {
  const mine = `'${tenantId}'::uuid, '${environmentId}'::uuid`;
  const run = async (what: string, statement: string) => {
    const from = performance.now();
    await client.query(statement);
    log(`${what}: ${((performance.now() - from) / 1000).toFixed(1)} s`);
  };
  await client.query(
    "set synchronous_commit = off; set maintenance_work_mem = '1GB'; set work_mem = '256MB'; set max_parallel_workers_per_gather = 0; set jit = off",
  );
  const walled = ["entries", "entry_versions", "entry_fields", "entry_refs", "published_entries"].concat([
    "published_counts",
    "search_texts",
    "search_words",
  ]);
  for (const table of walled) await client.query(`alter table ${table} no force row level security`);
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes where schemaname = 'public' and tablename = any ($1)
       and indexname !~ '_pkey$' and indexname <> 'entry_fields_unique_value'`,
    [["entry_fields", "entry_refs", "published_entries", "entries", "search_texts", "search_words"]],
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  await client.query(
    "alter table published_entries disable trigger user; alter table search_texts disable trigger user",
  );

  await run(
    "draw",
    `create unlogged table bench_rows as
    select 'team' as type, ${idOf("01ja", "n")} as id, ${PUBLISHED} as published_at,
      jsonb_build_object('name', 'Team ' || n, 'city', 'City ' || n % 10) as data from generate_series(1, ${TEAMS}) n
    union all
    select 'author', ${idOf("01jb", "n")}, ${PUBLISHED}, jsonb_build_object('name', 'Author ' || n, 'slug', 'author-' || n,
      'team', ${idOf("01ja", `1 + n % ${TEAMS}`)}) from generate_series(1, ${AUTHORS}) n
    union all
    select 'topic', ${idOf("01jc", "n")}, ${PUBLISHED}, jsonb_strip_nulls(jsonb_build_object('name', 'Topic ' || n,
      'kind', 'kind-' || ${pick(20, 14)}, 'above', case when n > 9 then ${idOf("01jc", "n / 10")} end))
      from generate_series(1, ${TOPICS}) n
    union all
    select 'article', ${idOf("01jd", "n")}, ${PUBLISHED}, jsonb_build_object('title', ${TITLE}, 'slug', 'article-' || n,
      'price', ${PRICE}, 'offer', ${OFFER}, 'category', ${CATEGORY}, 'tags', to_jsonb(${TAGS}), 'released', ${RELEASED},
      'rating', ${RATING}, 'author', ${idOf("01jb", `1 + ${pick(AUTHORS, 11)}`)},
      'topic', ${idOf("01jc", `1 + ${pick(TOPICS, 15)}`)}, 'body', ${BODY},
      'seo', ${SEO}, 'parts', ${PARTS})
    from generate_series(1, ${entries}) n, (select '{${COMMON_WORDS.slice(0, 200).join(",").replaceAll("'", "")}}'::text[] as list) words`,
  );
  await run(
    "entries",
    `insert into entries (tenant_id, environment_id, id, type, published_version, published_at, data, created_at,
      created_by, updated_at, updated_by, order_key)
    select ${mine}, id, type, 1, published_at, data, published_at, 'bench', published_at, 'bench', ${ORDER_KEY} from bench_rows`,
  );
  await run(
    "entry_versions",
    `insert into entry_versions (tenant_id, environment_id, entry_id, version, type, data, created_by)
    select ${mine}, id, 1, type, data, 'bench' from bench_rows`,
  );
  await run(
    "published_entries",
    `insert into published_entries (tenant_id, environment_id, entry_id, locale, type, slug, published_at, created_at,
      updated_at, order_key, version, doc)
    select ${mine}, id, locale, type, data ->> 'slug', published_at, published_at, published_at, ${ORDER_KEY}, 1,
      left(json_build_object('id', id, 'type', type, 'locale', locale, 'version', 1, 'status', 'published', 'published_at',
        published_at, 'created_at', published_at, 'updated_at', published_at)::text, -1) || ',' || substr(data::text, 2)
    from bench_rows, unnest(array['en', 'de']) locale`,
  );
  await run(
    "published_counts",
    `insert into published_counts (tenant_id, environment_id, type, locale, shard, total)
    select tenant_id, environment_id, type, locale, 0, count(*) from published_entries where tenant_id = '${tenantId}'
    group by 1, 2, 3, 4`,
  );
  await run(
    "entry_fields",
    `insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, ordinal, type, text_value,
      number_value, time_value, unique_value, published_at)
    select ${mine}, id, perspective, given.key, value.ordinal - 1, type,
      case when given.key not in ('price', 'rating', 'released') then value.item #>> '{}' end,
      case when given.key in ('price', 'rating') then (value.item #>> '{}')::double precision end,
      case when given.key = 'released' then (value.item #>> '{}')::timestamptz end,
      case when given.key = 'slug' then value.item #>> '{}' end,
      case when perspective = 1 then published_at end
    from bench_rows, jsonb_each(data) given,
      jsonb_array_elements(case when jsonb_typeof(given.value) = 'array' then given.value else jsonb_build_array(given.value) end)
        with ordinality as value (item, ordinal), unnest(array[0, 1]) perspective
    where given.key not in ('author', 'team', 'topic', 'above', 'body', 'seo', 'parts')`,
  );
  await run(
    "inner fields",
    `insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, ordinal, type, text_value,
      number_value, element, published_at)
    select ${mine}, id, perspective, row.field, row.ordinal, type, row.text, row.number, row.element,
      case when perspective = 1 then published_at end
    from bench_rows, unnest(array[0, 1]) perspective, lateral (
      select 'seo', 0, null::text, null::double precision, '' union all select 'seo.kind', 0, data #>> '{seo,kind}', null, ''
      union all select 'seo.rank', 0, null, (data #>> '{seo,rank}')::double precision, ''
      union all select 'parts', 0, null, null, '' where data -> 'parts' = '[]'
      union all select inner_row.* from jsonb_array_elements(data -> 'parts') with ordinality part (item, place), lateral (
        select 'parts', (place - 1)::int, null::text, null::double precision, lpad((place - 1)::text, 3, '0')
        union all select 'parts.kind', (place - 1)::int, item ->> 'kind', null, lpad((place - 1)::text, 3, '0')
        union all select 'parts.size', (place - 1)::int, null, (item ->> 'size')::double precision, lpad((place - 1)::text, 3, '0')) inner_row
    ) row (field, ordinal, text, number, element)
    where type = 'article'`,
  );
  await run(
    "entry_refs",
    `insert into entry_refs (tenant_id, environment_id, entry_id, perspective, field, type, target_id, published_at)
    select ${mine}, id, perspective, given.key, type, given.value, case when perspective = 1 then published_at end
    from bench_rows, jsonb_each_text(data) given, unnest(array[0, 1]) perspective where given.key in ('author', 'team', 'topic', 'above')`,
  );
  await run(
    "search_texts",
    `insert into search_texts (tenant_id, environment_id, entry_id, perspective, locale, type, document)
    select ${mine}, id, perspective, '', type, cms_document(coalesce(data ->> 'title', data ->> 'name'), '', coalesce(data ->> 'body', ''), coalesce(data ->> 'slug', ''))
    from bench_rows, unnest(array[0, 1]) perspective`,
  );
  for (const { name, definition } of indexes) await run(name, definition);
  // As the product's own trigger would have counted them.
  await run(
    "words",
    `insert into search_words (tenant_id, environment_id, perspective, type, word, texts)
    select tenant_id, environment_id, perspective, type, word, count(*) from search_texts text, cms_words(text.document) word
    where tenant_id = '${tenantId}' group by 1, 2, 3, 4, 5`,
  );
  await client.query(
    "alter table published_entries enable trigger user; alter table search_texts enable trigger user",
  );
  for (const table of walled) await client.query(`alter table ${table} force row level security`);
  await client.query("drop table bench_rows");
  await run("vacuum", "vacuum analyze");
}
