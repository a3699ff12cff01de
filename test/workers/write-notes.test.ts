import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client, type WriteNote } from "../../src/sdk/index.ts";
import { run } from "../support/graphql.ts";
import { runFlow } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const text = { id: "text", type: "rich_text" };
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "body", type: "rich_text", localized: true },
    { id: "parts", type: "blocks", components: [{ id: "box", fields: [text] }] },
  ],
};
const HTML = { html: "<p onclick=x>a</p><script>b</script><script>c</script>" };
const FIELDS = { body: HTML, parts: [{ type: "box", text: { html: "<blink>d</blink>" } }] };
const notesAt = (body: string): WriteNote[] => [
  { path: body, message: "dropped the attribute onclick", count: 1 },
  { path: body, message: "dropped <script>", count: 2 },
];
const NOTES = [...notesAt("body"), { path: "parts[0].text", message: "unwrapped <blink>", count: 1 }];

describe("what HTML loses is told beside the answer", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/page", PAGE);
  });

  it("by POST, PUT and PATCH, and not where nothing was lost", async () => {
    const made = await tenant.post("/content/page", FIELDS);
    expect([made.status, made.body.notes]).toEqual([201, NOTES]);
    const at = `/content/page/${made.body.data.id}`;
    expect((await tenant.put(at, FIELDS)).body.notes).toEqual(NOTES);
    expect((await tenant.patch(at, { body: HTML })).body.notes).toEqual(notesAt("body"));
    expect((await tenant.patch(`${at}?locale=*`, { body: { en: HTML } })).body.notes).toEqual(
      notesAt("body.en"),
    );
    expect("notes" in (await tenant.patch(at, { body: { html: "<p>fine</p>" } })).body).toBe(false);
  });

  it("by what is put over a copy", async () => {
    const made = await tenant.post("/content/page", {});
    const copy = { fields: { body: { en: HTML } } };
    const { body } = await tenant.post(`/content/page/${made.body.data.id}/duplicate`, copy);
    expect(body.notes).toEqual(notesAt("body.en"));
  });

  it("by bulk, for each operation, as many as can be read", async () => {
    const many = { html: Array.from({ length: 90 }, (_, i) => `<x-${i}>a</x-${i}>`).join("") };
    const operations = [FIELDS, { body: null }, { body: many }].map((fields) => ({
      op: "create",
      type: "page",
      fields,
    }));
    for (const atomic of [true, false]) {
      const { items } = (await tenant.post("/content/bulk", { atomic, operations })).body.data;
      expect(items[0].notes).toEqual(NOTES);
      expect("notes" in items[1]).toBe(false);
      expect(items[2].notes).toHaveLength(50);
    }
  });

  it("the same again where a write is repeated by its key", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const answers = [1, 2].map(() => tenant.post("/content/page", FIELDS, { headers }));
    for (const answer of await Promise.all(answers))
      if (answer.status === 201) expect(answer.body.notes).toEqual(NOTES);
    expect((await tenant.post("/content/page", FIELDS, { headers })).body.notes).toEqual(NOTES);
  });

  it("in GraphQL by the mutation's name, and in the items of its bulk", async () => {
    const answer = await run(
      tenant,
      `mutation ($fields: PageInput!, $operations: [JSON!]!) {
        first: createPage(fields: $fields) { id }
        plain: createPage(fields: {}) { id }
        bulk(operations: $operations) { items { notes { path message count } } }
      }`,
      { fields: FIELDS, operations: [{ op: "create", type: "page", fields: FIELDS }] },
    );
    expect(answer.errors).toBeUndefined();
    const inBlock = NOTES.map((one) => ({ ...one, path: one.path.replace("parts[0].", "parts[0].box.") }));
    expect(answer.extensions).toMatchObject({ beside: { first: { notes: inBlock } } });
    expect(answer.data!["bulk"].items).toEqual([{ notes: NOTES }]);
  });

  it("in the client", async () => {
    const flow = new Client({ url: inject("url"), apiKey: tenant.tokens.admin });
    const seen: WriteNote[][] = [];
    const options = { onNotes: (notes: WriteNote[]) => void seen.push(notes) };
    const { id } = await flow.content.create("page", FIELDS, {}, options);
    await flow.content.put("page", id, FIELDS, {}, options);
    await flow.content.update("page", id, { body: HTML }, {}, options);
    await flow.content.update("page", id, { body: null }, {}, options);
    expect(seen).toEqual([NOTES, NOTES, notesAt("body")]);
    const [item] = (await flow.content.bulk([{ op: "put", type: "page", id, fields: FIELDS }])).items;
    expect(item!.outcome !== "failed" && item!.notes).toEqual(NOTES);
  });

  it("in the report of an import, for each entry and how often", async () => {
    const own = await newTenant();
    const folder = mkdtempSync(join(tmpdir(), "flow-notes-"));
    const item = `<item><title>T</title><wp:post_id>7</wp:post_id><wp:post_name>t</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><content:encoded><![CDATA[${HTML.html}<!-- wp:latest-posts /-->]]></content:encoded></item>`;
    const file = join(folder, "site.xml");
    writeFileSync(
      file,
      `<?xml version="1.0"?><rss xmlns:wp="w" xmlns:content="c"><channel><wp:base_blog_url>https://a.example</wp:base_blog_url>${item}</channel></rss>`,
    );
    const token = own.tokens.admin;
    const report = JSON.parse((await runFlow(["import", "wxr", file, "--json"], { token })).out);
    const said = report.notes.filter(
      ({ id, kind }: { id: string; kind: string }) => kind === "post" && id === "7",
    );
    expect(said.map(({ reason }: { reason: string }) => reason)).toEqual([
      "body: dropped the attribute onclick",
      "body: dropped <script> (2 times)",
      "body: dropped the block latest-posts",
    ]);
  });
});
