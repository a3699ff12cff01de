import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { ok } from "../support/graphql.ts";
import { scimOf } from "../support/scim.ts";
import { verifiedDomain } from "../support/sso.ts";
import { ARTICLE, asOwner, delivered, newTenant, type Tenant } from "../support/tenant.ts";

const TIMES = { created_at: "createdAt", updated_at: "updatedAt", published_at: "publishedAt" } as const;
/** Whether an entry is found by comparing its time with what is shown of it. */
const COMPARISONS = { eq: true, ne: false, gt: false, gte: true, lt: false, lte: true, in: true, nin: false };

/** Gives times the microseconds that a real Postgres stores; the clock of the embedded one has none. */
async function withMicroseconds(of: Tenant, tables: Record<string, readonly string[]>): Promise<void> {
  await delivered(of);
  const statements = Object.entries(tables).map(([table, columns]) => {
    const set = columns.map(
      (one) => `${one} = date_trunc('milliseconds', ${one}) + interval '456 microseconds'`,
    );
    return sql`update ${sql.raw(table)} set ${sql.raw(set.join(", "))} where tenant_id = ${of.tenantId}::uuid`;
  });
  await asOwner(of, ...statements);
}

let tenant: Tenant;
let id: string;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
  await tenant.put("/types/author", {
    id: "author",
    name: "Author",
    fields: [{ id: "best", type: "reference", to: ["article"] }],
  });
  id = await tenant.published("article", { title: "One", slug: "one" });
  await tenant.published("author", { best: id });
  await withMicroseconds(tenant, {
    entries: Object.keys(TIMES),
    published_entries: Object.keys(TIMES),
  });
});

describe("a time as it is shown", () => {
  it.each(["published", "draft"])("is the time of the entry to every comparison, %s", async (perspective) => {
    const shown = (await tenant.get(`/content/article/${id}?perspective=${perspective}`)).body.data;
    for (const [field, name] of Object.entries(TIMES))
      for (const [operator, isFound] of Object.entries(COMPARISONS)) {
        const where = { [field]: { [operator]: operator.endsWith("in") ? [shown[field]] : shown[field] } };
        const what = `${field} ${operator} ${shown[field]}`;
        const filter = (of: object) =>
          String(new URLSearchParams({ perspective, filter: JSON.stringify(of) }));
        const list = await tenant.get(`/content/article?${filter(where)}`);
        expect([list.status, list.body.data.length], what).toEqual([200, isFound ? 1 : 0]);
        expect(list.body.pagination.total_items, what).toBe(isFound ? 1 : 0);
        const counted = await tenant.get(`/aggregate/article?${filter(where)}`);
        expect(counted.body.data[0].count, what).toBe(isFound ? 1 : 0);
        const authors = await tenant.get(`/content/author?${filter({ best: where })}`);
        expect(authors.body.data.length, what).toBe(isFound ? 1 : 0);
        const { articleList } = await ok(
          tenant,
          `query ($f: ArticleFilter) { articleList(perspective: ${perspective}, filter: $f) { id } }`,
          { f: { [name]: where[field] } },
        );
        expect(articleList.length, what).toBe(isFound ? 1 : 0);
      }
  });

  it("is so in SCIM, by which directories ask for what has changed", async () => {
    const directory = scimOf(tenant, await verifiedDomain(tenant));
    const { id: user } = await directory.newUser("ada", {});
    await withMicroseconds(tenant, { members: ["created_at", "changed_at"] });
    const { meta } = (await directory.send("GET", `/Users/${user}`)).body;
    for (const part of ["created", "lastModified"])
      for (const [operator, isFound] of Object.entries({
        eq: true,
        ne: false,
        gt: false,
        ge: true,
        lt: false,
        le: true,
      })) {
        const { status, body } = await directory.find("Users", `meta.${part} ${operator} "${meta[part]}"`);
        expect([status, body.totalResults], `${part} ${operator}`).toEqual([200, isFound ? 1 : 0]);
      }
  });
});
