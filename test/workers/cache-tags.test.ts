import { beforeAll, describe, expect, it } from "vitest";
import { delivered, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const named = (id: string, fields: object[] = []) => ({
  id,
  name: id,
  fields: [{ id: "name", type: "short_text" }, { id: "slug", type: "slug" }, ...fields],
});

let tenant: Tenant;
let ids: Record<string, string>;

beforeAll(async () => {
  tenant = await newTenant();
  const types = [
    named("team"),
    named("person", [{ id: "team", type: "reference", to: ["team"] }]),
    named("post", [
      { id: "author", type: "reference", to: ["person"] },
      { id: "readers", type: "reference", to: ["person", "team"], multiple: true },
      { id: "seo", type: "component", fields: [{ id: "owner", type: "reference", to: ["team"] }] },
      {
        id: "parts",
        type: "blocks",
        components: [{ id: "quote", fields: [{ id: "by", type: "reference", to: ["person"] }] }],
      },
    ]),
  ];
  for (const type of types) expect((await tenant.put(`/types/${type.id}`, type)).status).toBe(201);
  const team = await tenant.published("team", { name: "Team0", slug: "team" });
  const person = await tenant.published("person", { name: "Ada0", slug: "ada", team });
  const post = await tenant.published("post", {
    ...{ name: "Post0", slug: "post", author: person, readers: [team] },
    ...{ seo: { owner: team }, parts: [{ type: "quote", by: person }] },
  });
  ids = { team, person, post };
  await delivered(tenant);
}, 60_000);

const graphql = (query: string) => ({ query });
/** Requests by what they depend on beside the type that they are about. */
const READS: Record<"person" | "team" | "post", (string | { query: string })[]> = {
  person: [
    "/content/post?filter[author][name]=Ada0",
    "/content/post?filter[not][author][name]=Ada0",
    "/content/post?filter[or][0][author][name]=Ada0&filter[or][1][name]=x",
    "/content/post?filter[author][name][starts_with]=Ada&sort=name",
    "/content/post?filter[author][name]=Ada0&facets=name",
    "/aggregate/post?filter[author][name]=Ada0",
    "/aggregate/post?filter[author][name]=Ada0&group_by=name",
    "/content/post?include=author",
    "/content/post?filter[parts][quote][by][name]=Ada0",
    "/content/post?fields=author.name",
    "/content/post?include=parts",
    "/content/post/post?include=author",
    "/content/post/ID?include=parts",
    graphql(`
      {
        postList(filter: { author: { where: { name: { eq: "Ada0" } } } }) {
          name
        }
      }
    `),
    graphql(`
      {
        postConnection(filter: { author: { where: { name: { eq: "Ada0" } } } }) {
          totalCount
        }
      }
    `),
    graphql(`
      {
        postAggregate(filter: { author: { where: { name: { eq: "Ada0" } } } }) {
          count
        }
      }
    `),
    graphql(`
      {
        postList {
          author {
            name
          }
        }
      }
    `),
    graphql(`
      {
        postConnection {
          edges {
            node {
              author {
                name
              }
            }
          }
        }
      }
    `),
    graphql(`
      {
        postList {
          parts {
            ... on Post_Parts_Quote {
              by {
                name
              }
            }
          }
        }
      }
    `),
    graphql(`
      {
        content(type: "post", filter: { author: { name: "Ada0" } }) {
          id
        }
      }
    `),
  ],
  team: [
    "/content/post?filter[author][team][name]=Team0",
    "/content/post?filter[not][author][team][name]=Team0",
    "/content/post?filter[readers][name]=Team0",
    "/content/post?include=author.team",
    "/content/post?include=seo",
    "/content/post/ID?include=author.team",
    "/content/person?filter[team][name]=Team0",
    graphql(`
      {
        postList(filter: { author: { where: { team: { where: { name: { eq: "Team0" } } } } } }) {
          name
        }
      }
    `),
    graphql(`
      {
        postList {
          author {
            team {
              name
            }
          }
        }
      }
    `),
    graphql(`
      {
        postList {
          seo {
            owner {
              name
            }
          }
        }
      }
    `),
    graphql(`
      {
        post(slug: "post") {
          author {
            team {
              name
            }
          }
        }
      }
    `),
  ],
  post: [
    "/content/post",
    "/content/post/post",
    "/content/post/ID",
    "/content/post?facets=name",
    "/aggregate/post?group_by=name",
    graphql(`
      {
        post(slug: "post") {
          name
        }
      }
    `),
    graphql(`
      {
        content(type: "post") {
          title
        }
      }
    `),
  ],
};

/** Asks until the answer is kept, and gives it. */
async function kept(one: string | { query: string }) {
  let last: Awaited<ReturnType<typeof ask>> | undefined;
  await eventually(async () => (last = await ask(one)).headers.get("x-flow-cache") === "HIT").catch(() => {
    throw new Error(`${JSON.stringify(one)} is not kept: ${last?.status} ${last?.text.slice(0, 300)}`);
  });
  return last!;
}

const ask = (one: string | { query: string }) =>
  typeof one === "string"
    ? tenant.get(one.replace("ID", ids["post"]!), { token: tenant.tokens.read })
    : tenant.post("/graphql", one, { token: tenant.tokens.read });

describe("an answer", () => {
  let round = 0;
  it.each(["person", "team", "post"] as const)(
    "is purged by a change of what it looked at: %s",
    async (type) => {
      const before = new Map<unknown, string>();
      for (const one of READS[type]) {
        const reply = await kept(one);
        expect(reply.status, reply.text).toBe(200);
        before.set(one, reply.text);
      }
      round++;
      await tenant.patch(`/content/${type}/${ids[type]}`, { name: `Changed${round}` });
      expect((await tenant.post("/content/publish", { id: ids[type] })).status).toBe(200);
      await delivered(tenant);
      for (const one of READS[type]) {
        const reply = await ask(one);
        expect(reply.text, JSON.stringify(one)).not.toBe(before.get(one));
      }
      const name = { person: "Ada0", team: "Team0", post: "Post0" }[type];
      await tenant.patch(`/content/${type}/${ids[type]}`, { name });
      await tenant.post("/content/publish", { id: ids[type] });
      await delivered(tenant);
      for (const one of READS[type]) expect((await ask(one)).status).toBe(200);
    },
    60_000,
  );

  it("that there is nothing is purged by what comes to be", async () => {
    const nothing = [
      graphql(`
        {
          team(slug: "later") {
            name
          }
        }
      `),
      "/content/team/later",
    ];
    const asset = "ast_01jd3f0b6vfs8t4z9c7q2m5n8x";
    const noAsset = graphql(`{ asset(id: "${asset}") { filename } }`);
    for (const one of [...nothing, noAsset]) await Promise.all([ask(one), ask(one)]);
    await tenant.published("team", { name: "Later", slug: "later" });
    await tenant.put(`/assets/${asset}`, { source_url: "https://example.com/later.png" });
    await delivered(tenant);
    for (const one of nothing) expect((await ask(one)).text).toContain("Later");
    expect((await ask(noAsset)).text).toContain("later.png");
  });

  it("is purged by a change of its type, and of the environment's locales, by id as in lists", async () => {
    const paths = [
      "/content/team/ID",
      "/content/team/team",
      "/content/team",
      "/content/post?include=seo",
      "/aggregate/team",
    ];
    const show = (path: string) =>
      tenant.get(path.replace("ID", ids["team"]!), { token: tenant.tokens.read });
    for (const path of paths)
      await eventually(async () => (await show(path)).headers.get("x-flow-cache") === "HIT");
    await tenant.put("/types/team", named("team", [{ id: "motto", type: "short_text" }]));
    for (const path of paths.slice(0, 4))
      await eventually(async () => (await show(path)).text.includes('"motto"'));
    const locales = [{ code: "en" }, { code: "fr", fallback: "en" }];
    await tenant.patch("/environments/main", { locales });
    await eventually(async () => (await show("/content/team/ID?locale=fr")).status === 200);
    await eventually(
      async () => (await show("/content/team/ID?locale=fr")).headers.get("x-flow-cache") === "HIT",
    );
    await tenant.patch("/environments/main", { locales: [{ code: "en" }] });
    await eventually(async () => (await show("/content/team/ID?locale=fr")).status !== 200);
  }, 60_000);
});

describe("entries that are changed along with one that goes", () => {
  const MODES = ["repoint", "null", "cascade"] as const;
  const VERBS = {
    delete: (id: string, mode: string) => tenant.delete(`/content/team/${id}?on_reference=${mode}`),
    unpublish: (id: string, mode: string) => tenant.post("/content/unpublish", { id, on_reference: mode }),
  };
  for (const [verb, go] of Object.entries(VERBS))
    for (const mode of MODES)
      for (const state of ["published", "changed"])
        it(`are seen at once as they are now: ${verb} with ${mode}, of one that is ${state}`, async () => {
          const [gone, other] = [
            await tenant.published("team", { name: "Gone" }),
            await tenant.published("team", { name: "Other" }),
          ];
          const person = await tenant.published("person", { name: "Eva", team: gone });
          if (state === "changed")
            expect((await tenant.patch(`/content/person/${person}`, { name: "Eve" })).status).toBe(200);
          await delivered(tenant);
          const reads = [
            `/content/person/${person}`,
            `/content/person?filter[id]=${person}`,
            `/aggregate/person?group_by=team&filter[id]=${person}`,
            graphql(`{ personList(filter: { id: { eq: "${person}" } }) { name team { name } } }`),
          ];
          const before = new Map<unknown, string>();
          for (const one of reads) before.set(one, (await kept(one)).text);
          const how = mode === "repoint" ? `repoint:${other}` : mode;
          expect((await go(gone, how)).status).toBeLessThan(300);
          for (const one of reads) {
            await eventually(async () => (await ask(one)).text !== before.get(one), 5000).catch(() => {
              throw new Error(`${JSON.stringify(one)} is still ${before.get(one)}`);
            });
            expect((await ask(one)).text).not.toContain("Gone");
          }
        });
});
