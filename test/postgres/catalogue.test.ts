import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import pg from "pg";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

/** Tables that each server of a spread database has whole: about people, and the directory of names. */
const REFERENCE = [
  ..."people passkeys totp_secrets recovery_codes sessions one_time_tokens throttles".split(" "),
  ..."tenants tenant_domains verified_domains".split(" "),
].sort();
const TENANT =
  "exists (select 1 from pg_attribute a where a.attrelid = %t and a.attnum = any (%k) and a.attname = 'tenant_id')";
const hasTenant = (table: string, keys: string) => TENANT.replace("%t", table).replace("%k", keys);

const SRC = join(import.meta.dirname, "../../src");
/**
 * What happens to a person is told to each of their tenants in the one statement that does it, so
 * that these name the tenants by the memberships.
 */
const TOLD_TO_ALL = [
  "domain/tenant/events/record-person.ts",
  "domain/identity/members/delete-account.ts",
  "domain/identity/people/first-proof.ts",
  "domain/identity/people/sessions.ts",
];

it("names the tenant as a constant in every statement that writes tenant data", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
    (file) => /^(domain|platform|db|http)\/.*(?<!\.test)\.ts$/.test(file) && !TOLD_TO_ALL.includes(file),
  );
  let found = 0;
  const wrong = files.flatMap((file) => {
    const text = readFileSync(join(SRC, file), "utf8");
    const inserts = text.matchAll(
      /insert into (?:\w+|\$\{[^}]*\})(?: as \w+)? ?\(((?:\$\{[^}]*\}|[^)])*)\)\s*(?:values\s*\(|select\s(?:distinct\s)?)\s*([^,]*),\s*([^,]*)/g,
    );
    return [...inserts].flatMap(([statement, columns, first, second]) => {
      const place = columns!.split(",").findIndex((column) => column.trim() === "tenant_id");
      if (place < 0) return [];
      found++;
      const given = (place === 0 ? first! : second!).trim();
      return place < 2 && /^\$\{(?:ctx\.)?tenantId\}::uuid/.test(given) ? [] : [`${file}: ${statement}`];
    });
  });
  expect(wrong).toEqual([]);
  expect(found).toBeGreaterThan(60);
});

it("says nothing personal in what the audit log keeps for good", () => {
  const texts = readdirSync(join(SRC, "domain"), { recursive: true, encoding: "utf8" })
    .filter((file) => /(?<!\.test)\.ts$/.test(file))
    .map((file) => readFileSync(join(SRC, "domain", file), "utf8"));
  const metas = texts.flatMap((text) => text.match(/\bmeta: sql`[^`]*`/g) ?? []);
  expect(metas.length).toBeGreaterThan(15);
  expect(metas.filter((meta) => /'(?:address|email|name|ip_ranges|message|subject)'/.test(meta))).toEqual([]);
});

describe.runIf(isReachable)("the schema, which can be spread by tenant_id,", () => {
  let postgres: RealPostgres;
  let owner: pg.Client;
  const ask = async (text: string) =>
    (await owner.query({ text, rowMode: "array" })).rows.map((row: string[]) => row.join(" "));
  const tablesOf = (rows: string[]) => [...new Set(rows.map((row) => row.split(" ")[0]!))].sort();

  beforeAll(async () => {
    postgres = await openPostgres();
    owner = new pg.Client(postgres.databaseUrl);
    await owner.connect();
  });
  afterAll(async () => {
    await owner?.end();
    await postgres?.close();
  });

  it("has tenant_id in every table, behind a forced wall", async () => {
    const open =
      await ask(`select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and not (c.relrowsecurity and c.relforcerowsecurity
        and exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull))`);
    expect(open).toEqual([]);
  });

  it("has no sub-select in a policy, and each tenant's data behind the same words", async () => {
    const policies = await ask(
      "select tablename, policyname from pg_policies where schemaname = 'public' and concat(qual, with_check) ~* '\\mselect\\M'",
    );
    expect(policies).toEqual([]);
    const walls = await ask(
      "select distinct qual, with_check from pg_policies where schemaname = 'public' and policyname = 'tenant_wall'",
    );
    const wall = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)";
    expect(walls).toEqual([`${wall} ${wall}`]);
  });

  it("has tenant_id in every key of tenant data", async () => {
    const keys = await ask(`select c.relname, i.relname from pg_index x join pg_class c on c.oid = x.indrelid
      join pg_class i on i.oid = x.indexrelid where c.relnamespace = 'public'::regnamespace and x.indisunique
      and not ${hasTenant("c.oid", "x.indkey")}`);
    expect(tablesOf(keys).filter((table) => !REFERENCE.includes(table))).toEqual([]);
    // `tenants` by its slug, the others by ids of their own.
    expect(tablesOf(keys)).toEqual(REFERENCE);
  });

  it("has tenant_id on both sides of every foreign key of tenant data", async () => {
    const keys = await ask(`select c.conrelid::regclass, c.conname from pg_constraint c where c.contype = 'f'
      and not (${hasTenant("c.conrelid", "c.conkey")} and ${hasTenant("c.confrelid", "c.confkey")}
        and (select array_position(c.conkey, a.attnum) from pg_attribute a where a.attrelid = c.conrelid and a.attname = 'tenant_id')
          = (select array_position(c.confkey, a.attnum) from pg_attribute a where a.attrelid = c.confrelid and a.attname = 'tenant_id'))`);
    expect(tablesOf(keys).filter((table) => !REFERENCE.includes(table))).toEqual([]);
    expect(keys).toHaveLength(5);
  });

  it("shows and takes no row while no tenant is named", async () => {
    const tables = await ask(
      "select tablename from pg_policies where schemaname = 'public' and policyname = 'tenant_wall'",
    );
    expect(tables.length).toBeGreaterThan(40);
    const ctx = await postgres.newContext();
    const app = new pg.Client(postgres.databaseUrl);
    await app.connect();
    const all = tables.map((table) => `select '${table}' from ${table}`).join(" union all ");
    const count = async () =>
      (await app.query(`select count(*)::int as n from (${all}) rows`)).rows[0].n as number;
    await app.query("begin; set role cms_identity");
    await app.query(`set local app.tenant_id = '${ctx.tenantId}'`);
    expect(await count()).toBeGreaterThan(0);
    for (const none of ["set local app.tenant_id = ''", "reset app.tenant_id"]) {
      await app.query(none);
      expect(await count()).toBe(0);
      await app.query("savepoint s");
      const written = app.query(
        "insert into environments (tenant_id, id, name) values ($1, gen_random_uuid(), 'stray')",
        [ctx.tenantId],
      );
      await expect(written).rejects.toMatchObject({ code: "42501" });
      await app.query("rollback to s");
      expect((await app.query("update environments set name = 'stray'")).rowCount).toBe(0);
      expect((await app.query("delete from environments")).rowCount).toBe(0);
    }
    await app.end();
  });
});
