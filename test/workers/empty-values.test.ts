import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const list = (id: string, type: string, more: object = {}) => ({ id, type, multiple: true, ...more });
const LISTS = {
  words: list("words", "short_text"),
  kinds: list("kinds", "enum", { options: ["a", "b"] }),
  sites: list("sites", "url"),
  links: list("links", "reference", { to: ["page"] }),
  own: list("own", "short_text", { localized: true }),
};

describe("an empty list", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    const fields = [{ id: "title", type: "short_text" }, ...Object.values(LISTS)];
    expect((await tenant.put("/types/page", { id: "page", name: "Page", fields })).status).toBe(201);
    const target = await tenant.published("page", { title: "none" });
    const nothing = Object.fromEntries(Object.keys(LISTS).map((id) => [id, []]));
    await tenant.published("page", { title: "empty", ...nothing });
    await tenant.published("page", {
      title: "full",
      words: ["a"],
      kinds: ["a"],
      sites: ["https://example.com"],
      links: [target],
      own: ["a"],
    });
  });

  it.each(Object.keys(LISTS))("of %s is a value in every API, published and draft", async (id) => {
    for (const perspective of ["published", "draft"])
      for (const [operator, value, expected] of [
        ["exists", true, ["empty", "full"]],
        ["exists", false, ["none"]],
        ["null", true, ["none"]],
        ["null", false, ["empty", "full"]],
      ] as const) {
        const rest = await tenant.get(
          `/content/page?sort=title&perspective=${perspective}&filter[${id}][${operator}]=${value}`,
        );
        expect(
          rest.body.data.map((one: { title: string }) => one.title),
          `${perspective} ${operator} ${value}`,
        ).toEqual(expected);
        const query = `{ pageList(perspective: ${perspective}, sort: [title_ASC], filter: { ${id}: { ${operator}: ${value} } }) { title } }`;
        const graph = await tenant.post("/graphql", { query });
        expect(graph.body.data?.pageList, graph.text).toEqual(expected.map((title) => ({ title })));
      }
  });

  it("is one to a policy too", async () => {
    const reader = await asRole(tenant, [
      { actions: ["content:read"], conditions: { words: { exists: true } } },
      { actions: ["types:read"] },
    ]);
    const { data } = (await reader.get("/content/page?sort=title")).body;
    expect(data.map((one: { title: string }) => one.title)).toEqual(["empty", "full"]);
  });
});

describe("rich text that shows nothing is no value where one is required", () => {
  const body = (more: object = {}) => ({ id: "body", type: "rich_text", required: true, ...more });
  const TYPE = {
    id: "doc",
    name: "Doc",
    fields: [
      body(),
      { id: "box", type: "component", fields: [body()] },
      { id: "parts", type: "blocks", components: [{ id: "part", fields: [body()] }] },
      body({ id: "own", localized: true }),
      { id: "free", type: "rich_text" },
    ],
  };
  const paragraph = (...content: object[]) => ({ type: "doc", content: [{ type: "paragraph", content }] });
  const EMPTY: [string, unknown][] = [
    ["an empty paragraph", { html: "<p></p>" }],
    ["no HTML", { html: "" }],
    ["a script", { html: "<script>x</script>" }],
    ["blanks", { html: "<p>&nbsp; &#x200b;</p><hr><ul><li></li></ul>" }],
    ["an empty document", { type: "doc", content: [] }],
    ["a blank text", paragraph({ type: "text", text: " \u3000\u00a0" }, { type: "hardBreak" })],
  ];
  const FULL: [string, unknown][] = [
    ["a word", { html: "<table><tr><td>x</td></tr></table>" }],
    ["an image", { html: '<p><img src="https://example.com/a.png"></p>' }],
    ["an emoji", paragraph({ type: "text", text: "😀" })],
  ];
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.patch("/environments/main", {
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
    });
    expect((await tenant.put("/types/doc", TYPE)).status).toBe(201);
  });
  const entry = (value: unknown) => ({
    body: value,
    box: { body: value },
    parts: [{ type: "part", body: value }],
    own: value,
  });
  const PATHS = ["body", "box.body", "own", "parts[0].body"];

  it.each(EMPTY)("%s", async (_name, value) => {
    const refused = await tenant.post("/content/doc", entry(value));
    expect(refused.status, refused.text).toBe(422);
    expect(refused.body.error.details.map(({ path }: { path: string }) => path).sort()).toEqual(PATHS);
    const draft = await tenant.post("/content/doc?allow_incomplete=true", { ...entry(value), free: value });
    expect(draft.status, draft.text).toBe(201);
    const publish = await tenant.post("/content/publish", { id: draft.body.data.id });
    expect(publish.body.error?.reason, publish.text).toBe("content/incomplete");
    expect(publish.body.error.details.map(({ path }: { path: string }) => path).sort()).toEqual(PATHS);
  });

  it.each(FULL)("but %s is one", async (_name, value) => {
    const made = await tenant.post("/content/doc", { ...entry(value), free: { html: "" } });
    expect(made.status, made.text).toBe(201);
    const published = await tenant.post("/content/publish", { id: made.body.data.id });
    expect(published.status, published.text).toBe(200);
    // A locale of its own may not show less.
    const { id } = made.body.data;
    const path = `/content/doc/${id}?locale=fr&allow_incomplete=true`;
    expect((await tenant.patch(path, { own: { html: "<p></p>" } })).status).toBe(200);
    const french = await tenant.post("/content/publish", { id, locales: ["fr"] });
    expect(french.body.error?.details, french.text).toEqual([expect.objectContaining({ path: "own.fr" })]);
  });

  it("a field cannot become required where a document shows nothing", async () => {
    const fields = (required: boolean) => [{ id: "body", type: "rich_text", required }];
    const put = (required: boolean) =>
      tenant.put("/types/late", { id: "late", name: "Late", fields: fields(required) });
    await put(false);
    await tenant.published("late", { body: { html: "<p></p>" } });
    expect((await put(true)).body.error?.reason).toBe("types/violated");
  });
});
