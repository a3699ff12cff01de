import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { asOwner, delivered, eventually, newTenant } from "../support/tenant.ts";

/** FLOW_CACHE_WRITES=10000 for a long run; FLOW_CACHE_SEED repeats one. */
const WRITES = Number(process.env["FLOW_CACHE_WRITES"] ?? 1000);
const SEED = Number(process.env["FLOW_CACHE_SEED"] ?? Date.now() % 1e9);
const CLIENTS = 4;
const ROUNDS = Math.max(5, Math.ceil(WRITES / 100));

/** Numbers that a seed decides (mulberry32). */
function newRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (n: number) => Math.floor(next() * n),
    of: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!,
  };
}

const named = (id: string, fields: object[] = []) => ({
  ...{ id, name: id },
  fields: [
    { id: "name", type: "short_text" },
    { id: "slug", type: "slug" },
    { id: "rank", type: "integer" },
    ...fields,
  ],
});
const TYPES = {
  team: named("team"),
  person: named("person", [{ id: "team", type: "reference", to: ["team"] }]),
  post: named("post", [
    { id: "author", type: "reference", to: ["person"] },
    { id: "related", type: "reference", to: ["post"], multiple: true },
  ]),
};
type TypeId = keyof typeof TYPES;

const READS: [method: string, path: string, body?: unknown][] = [
  ...["team", "person", "post"].flatMap((type): [string, string][] => [
    ["GET", `/content/${type}?limit=50`],
    ["GET", `/content/${type}?filter[rank][gte]=5&sort=rank`],
    ["GET", `/aggregate/${type}?group_by=rank`],
  ]),
  ["GET", "/content/post?include=author,author.team,related"],
  ["GET", "/content/post?filter[author][name][starts_with]=n1"],
  ["GET", "/content/post?filter[author][team][name][starts_with]=n1&fields=name"],
  ["GET", "/aggregate/post?filter[author][name][starts_with]=n2"],
  ["GET", "/content/post?q=n1"],
  ["GET", "/content/post?facets=rank"],
  ["POST", "/graphql", { query: "{ postList { name author { name team { name } } related { name } } }" }],
  [
    "POST",
    "/graphql",
    { query: "{ personConnection { totalCount edges { node { name team { name } } } } }" },
  ],
];

it(
  `after ${WRITES} random writes of several clients every cached answer is the uncached one`,
  { timeout: 120_000 + WRITES * 100 },
  async () => {
    const tenant = await newTenant();
    const random = newRandom(SEED);
    for (const type of Object.values(TYPES))
      expect((await tenant.put(`/types/${type.id}`, type)).status).toBe(201);
    expect((await tenant.put("/environments/aliases/live", { environment: "main" })).status).toBe(200);
    const known: Record<TypeId, string[]> = { team: [], person: [], post: [] };
    const trashed: string[] = [];
    const statuses = new Map<string, number>();
    const done = (what: string, status: number) => {
      statuses.set(`${what} ${status}`, (statuses.get(`${what} ${status}`) ?? 0) + 1);
      // A change of a type may have waited too long for the others: it says so, and nothing is done.
      if (status !== 503) expect(status, `${what}, seed ${SEED}`).toBeLessThan(500);
    };
    const fields = (type: TypeId) => {
      const name = `n${random.below(40)}`;
      const maybe = (list: string[]) => (list.length > 0 && random.below(4) > 0 ? random.of(list) : null);
      if (type === "person") return { name, rank: random.below(10), team: maybe(known.team) };
      if (type === "team") return { name, rank: random.below(10) };
      const related = maybe(known.post);
      return {
        name,
        rank: random.below(10),
        author: maybe(known.person),
        related: related === null ? [] : [related],
      };
    };
    const steps: Record<string, (type: TypeId, id: string | undefined) => Promise<void>> = {
      async create(type) {
        const made = await tenant.post(`/content/${type}`, fields(type));
        done("create", made.status);
        if (made.status === 201) known[type].push(made.body.data.id as string);
      },
      async patch(type, id) {
        if (id) done("patch", (await tenant.patch(`/content/${type}/${id}`, fields(type))).status);
      },
      async publish(_, id) {
        if (id) done("publish", (await tenant.post("/content/publish", { id })).status);
      },
      async unpublish(_, id) {
        if (id)
          done(
            "unpublish",
            (await tenant.post("/content/unpublish", { id, on_reference: random.of(["null", "cascade"]) }))
              .status,
          );
      },
      async remove(type, id) {
        if (!id) return;
        const gone = await tenant.delete(
          `/content/${type}/${id}?on_reference=${random.of(["null", "cascade"])}`,
        );
        done("delete", gone.status);
        if (gone.status >= 300) return;
        known[type] = known[type].filter((one) => one !== id);
        trashed.push(id);
      },
      async restore() {
        const id = trashed.splice(random.below(trashed.length), 1)[0];
        if (id) done("restore", (await tenant.post(`/trash/${id}/restore`, {})).status);
      },
      async bulk(type) {
        const ids = known[type].filter(() => random.below(3) === 0).slice(0, 10);
        const items = ids.map((id) => ({ op: random.of(["publish", "unpublish"]), id }));
        if (items.length > 0)
          done("bulk", (await tenant.post("/content/bulk", { atomic: false, operations: items })).status);
      },
      async type(type) {
        const more = random.below(2) === 0 ? [{ id: "extra", type: "short_text" }] : [];
        const definition = { ...TYPES[type], fields: [...TYPES[type].fields, ...more] };
        done("type", (await tenant.put(`/types/${type}`, definition)).status);
      },
      async alias() {
        done("alias", (await tenant.put("/environments/aliases/live", { environment: "main" })).status);
      },
    };
    const NAMES = [
      ...[
        "create",
        "create",
        "create",
        "patch",
        "patch",
        "patch",
        "publish",
        "publish",
        "publish",
        "publish",
      ],
      ...["publish", "unpublish", "remove", "restore", "bulk"],
    ];
    const ask = ([method, path, body]: (typeof READS)[number], headers: Record<string, string> = {}) =>
      tenant.call(method, path, {
        ...(body === undefined ? {} : { body }),
        headers,
        token: tenant.tokens.write,
      });
    let written = 0;
    let compared = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const until = Math.ceil((WRITES * round) / ROUNDS);
      const work = async () => {
        while (written < until) {
          const at = written++;
          const type = random.of(["team", "person", "post", "post"] as const);
          const name = at % 97 === 96 ? "type" : at % 61 === 60 ? "alias" : random.of(NAMES);
          await steps[name]!(type, known[type].length > 0 ? random.of(known[type]) : undefined);
          // Caches fill while others write.
          await ask(random.of(READS));
        }
      };
      await Promise.all(Array.from({ length: CLIENTS }, work));
      await delivered(tenant);
      // A changed type is made anew in pieces, each of which purges what it has changed.
      await eventually(async () => {
        const [waiting] = await asOwner(
          tenant,
          sql`select 1 from rebuilds where tenant_id = ${tenant.tenantId}::uuid limit 1`,
        );
        return waiting!.length === 0;
      });
      await delivered(tenant);
      const singles = [...known.post, ...known.person].filter(() => random.below(4) === 0).slice(0, 10);
      const all: typeof READS = [
        ...READS,
        ...singles.map((id): [string, string] => [
          "GET",
          `/content/${known.post.includes(id) ? "post" : "person"}/${id}?include=${known.post.includes(id) ? "author" : "team"}`,
        ]),
      ];
      for (const one of all) {
        const [cached, named] = [await ask(one), await ask(one, { "x-flow-environment": "live" })];
        const uncached = await ask(one, { "cache-control": "no-cache" });
        expect(uncached.headers.get("x-flow-cache")).toBe("BYPASS");
        for (const answer of [cached, named])
          expect(
            [answer.status, strip(answer.text)],
            `${JSON.stringify(one)} (${answer.headers.get("x-flow-cache")}), seed ${SEED}, round ${round}`,
          ).toEqual([uncached.status, strip(uncached.text)]);
        compared++;
      }
    }
    console.log(
      `seed ${SEED}: ${written} steps, ${compared} answers compared; ${JSON.stringify(Object.fromEntries(statuses))}`,
    );
    for (const what of ["create 201", "publish 200", "unpublish 200", "type 200"])
      expect(statuses.get(what), what).toBeGreaterThan(0);
  },
);

/** Each answer to an error names its own request. */
const strip = (text: string) => text.replace(/"request_id":"[^"]*"/, "");
