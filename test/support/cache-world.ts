import { expect, inject } from "vitest";
import type { Random } from "./random.ts";
import { asRole } from "./access.ts";
import { newTenant, type Reply } from "./tenant.ts";

export type Read = [method: string, path: string, body?: unknown];
type TypeId = "team" | "person" | "post";

const named = (id: string, fields: object[] = []) => ({
  ...{ id, name: id },
  fields: [
    { id: "name", type: "short_text" },
    { id: "slug", type: "slug" },
    { id: "rank", type: "integer" },
    { id: "motto", type: "short_text", localized: true },
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
const LOCALES = [
  [{ code: "en" }],
  [{ code: "en" }, { code: "de", fallback: "en" }],
  [{ code: "en" }, { code: "de" }],
];
/** What the reader's role may read, in turn; the first one reads what everybody reads. */
const GRANTS = [
  [{ actions: ["content:read"] }, { actions: ["types:read"] }],
  [{ actions: ["content:read"], fields: ["name", "slug", "motto"] }, { actions: ["types:read"] }],
  [{ actions: ["content:read"], conditions: { rank: 5 } }, { actions: ["types:read"] }],
];

/** What is read by everybody, of lists, aggregates, references, searches and GraphQL. */
export const READS: Read[] = [
  ...["team", "person", "post"].flatMap((type): Read[] => [
    ["GET", `/content/${type}?limit=50`],
    ["GET", `/content/${type}?filter[rank][gte]=5&sort=rank`],
    ["GET", `/content/${type}?locale=de&limit=50`],
    ["GET", `/aggregate/${type}?group_by=rank`],
  ]),
  ["GET", "/content/post?locale=*&include=author"],
  ["GET", "/content/post?include=author,author.team,related"],
  ["GET", "/content/post?filter[author][name][starts_with]=n1"],
  ["GET", "/content/post?filter[author][team][name][starts_with]=n1&fields=name"],
  ["GET", "/aggregate/post?filter[author][name][starts_with]=n2"],
  ["GET", "/content/post?q=n1"],
  ["GET", "/content/post?facets=rank"],
  [
    "POST",
    "/graphql",
    { query: "{ postList { name motto author { name team { name } } related { name } } }" },
  ],
  [
    "POST",
    "/graphql",
    { query: "{ personConnection { totalCount edges { node { name team { name } } } } }" },
  ],
];
/** What the reader reads, whose role changes. */
export const READER_READS = READS.filter(([, path]) => path.startsWith("/content/post?"));

const USUAL = [
  ...["create", "create", "create", "patch", "patch", "patch", "publish", "publish", "publish", "publish"],
  ...["publish", "unpublish", "remove", "restore", "bulk"],
] as const;
/** What changes more than entries: each comes in turn. */
export const RARE = ["type", "alias", "locale", "policy", "schedule"] as const;
const RARE_EVERY = 8;

export type World = Awaited<ReturnType<typeof newWorld>>;

/**
 * A tenant with two environments that writes change at random; `first` says which of the rare ones
 * comes first. `statuses` counts what became of the writes.
 */
export async function newWorld(random: Random, first = 0) {
  const tenant = await newTenant();
  for (const type of Object.values(TYPES))
    expect((await tenant.put(`/types/${type.id}`, type)).status).toBe(201);
  expect((await tenant.post("/environments", { name: "other", from: "main" })).status).toBe(201);
  expect((await tenant.put("/environments/aliases/live", { environment: "main" })).status).toBeLessThan(300);
  const reader = await asRole(tenant, GRANTS[0]!);
  const known: Record<TypeId, string[]> = { team: [], person: [], post: [] };
  const trashed: string[] = [];
  const statuses = new Map<string, number>();
  const turns = { locale: 0, policy: 0 };
  let steps = 0;

  const done = (what: string, { status, text }: Reply): boolean => {
    statuses.set(`${what} ${status}`, (statuses.get(`${what} ${status}`) ?? 0) + 1);
    // A change of a type may have waited too long for the others: it says so, and nothing is done.
    if (status !== 503) expect(status, `${what}: ${text}`).toBeLessThan(500);
    return status < 300;
  };
  const maybe = (list: string[]) => (list.length > 0 && random.below(4) > 0 ? random.of(list) : null);
  const fields = (type: TypeId) => {
    const motto = `m${random.below(9)}`;
    const base = { name: `n${random.below(40)}`, rank: random.below(10), motto };
    if (type === "person") return { ...base, team: maybe(known.team) };
    if (type === "team") return base;
    const related = maybe(known.post);
    return { ...base, author: maybe(known.person), related: related === null ? [] : [related] };
  };

  const verbs: Record<string, (type: TypeId, id: string | undefined) => Promise<void>> = {
    async create(type) {
      const made = await tenant.post(`/content/${type}`, fields(type));
      if (done("create", made)) known[type].push(made.body.data.id as string);
    },
    async patch(type, id) {
      if (!id) return;
      const path = `/content/${type}/${id}`;
      if (random.below(3) > 0) done("patch", await tenant.patch(path, fields(type)));
      else done("translate", await tenant.patch(`${path}?locale=de`, { motto: `d${random.below(9)}` }));
    },
    async publish(_, id) {
      if (id) done("publish", await tenant.post("/content/publish", { id }));
    },
    async unpublish(_, id) {
      const on_reference = random.of(["null", "cascade"]);
      if (id) done("unpublish", await tenant.post("/content/unpublish", { id, on_reference }));
    },
    async remove(type, id) {
      if (!id) return;
      const path = `/content/${type}/${id}?on_reference=${random.of(["null", "cascade"])}`;
      if (!done("delete", await tenant.delete(path))) return;
      known[type] = known[type].filter((one) => one !== id);
      trashed.push(id);
    },
    async restore() {
      const id = trashed.splice(random.below(trashed.length), 1)[0];
      if (id) done("restore", await tenant.post(`/trash/${id}/restore`, {}));
    },
    async bulk(type) {
      const ids = known[type].filter(() => random.below(3) === 0).slice(0, 10);
      const operations = ids.map((id) => ({ op: random.of(["publish", "unpublish"]), id }));
      if (ids.length > 0) done("bulk", await tenant.post("/content/bulk", { atomic: false, operations }));
    },
    async type(type) {
      const more = random.below(2) === 0 ? [{ id: "extra", type: "short_text" }] : [];
      const definition = { ...TYPES[type], fields: [...TYPES[type].fields, ...more] };
      done("type", await tenant.put(`/types/${type}`, definition));
    },
    async alias() {
      const environment = random.of(["main", "other"]);
      done("alias", await tenant.put("/environments/aliases/live", { environment }));
    },
    async locale() {
      const locales = LOCALES[++turns.locale % LOCALES.length];
      done("locale", await tenant.patch("/environments/main", { locales }));
    },
    async policy() {
      const grants = GRANTS[++turns.policy % GRANTS.length];
      done("policy", await tenant.patch(`/policies/${reader.policy.id}`, { grants }));
    },
    async schedule(_, id) {
      if (!id) return verbs["create"]!("team", undefined);
      const at = new Date(Date.now() + 500).toISOString();
      const action = random.of(["publish", "unpublish"]);
      if (!done("schedule", await tenant.post("/content/schedule", { id, action, at }))) return;
      await new Promise((resolve) => setTimeout(resolve, 550));
      expect((await fetch(inject("cronUrl"), { method: "POST" })).status).toBe(200);
    },
  };

  return {
    tenant,
    reader,
    statuses,
    /** One write, drawn at random; now and then one that changes more than entries. */
    async write(): Promise<void> {
      const at = ++steps;
      const type = random.of(["team", "person", "post", "post"] as const);
      const verb = at % RARE_EVERY === 0 ? RARE[(first + at / RARE_EVERY) % RARE.length]! : random.of(USUAL);
      await verbs[verb]!(type, known[type].length > 0 ? random.of(known[type]) : undefined);
    },
    /** Reads of some entries by their ids. */
    singles(): Read[] {
      const ids = [...known.post, ...known.person].filter(() => random.below(4) === 0).slice(0, 6);
      return ids.map((id) =>
        known.post.includes(id)
          ? ["GET", `/content/post/${id}?include=author`]
          : ["GET", `/content/person/${id}?include=team`],
      );
    },
    ask: ([method, path, body]: Read, token: string, headers: Record<string, string> = {}) =>
      tenant.call(method, path, { ...(body === undefined ? {} : { body }), headers, token }),
    /** Whether the reader's role lets it see ranks now. */
    mayReadRanks: () => turns.policy % GRANTS.length !== 1,
  };
}
