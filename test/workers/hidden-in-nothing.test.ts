import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { newTenant } from "../support/tenant.ts";

const text = (id: string) => ({ id, type: "short_text" });
const TERM = { id: "term", fields: [text("open"), text("secret")] };
const BODY = { id: "body", type: "rich_text", components: [TERM], annotations: ["term"] };
const EACH = [text("note"), BODY];
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    text("title"),
    BODY,
    { ...BODY, id: "spoken", localized: true },
    { id: "one", type: "component", fields: EACH },
    { id: "list", type: "component", multiple: true, fields: EACH },
    { id: "parts", type: "blocks", components: [{ id: "box", fields: EACH }] },
    { id: "outer", type: "rich_text", components: [{ id: "note", fields: EACH }] },
  ],
};
const NAMED = ["body", "spoken", "one.body", "list.body", "parts.box.body", "outer.note.body"].map(
  (path) => `${path}.term.secret`,
);
const EMPTY = { type: "doc", content: [] };
const noted = (attrs: object) => ({ type: "doc", content: [{ type: "note", attrs }] });
const within = (values: object) => ({
  one: values,
  list: [values, {}],
  parts: [{ type: "box", ...values }],
  outer: noted(values),
});

type Tenant = Awaited<ReturnType<typeof newTenant>>;
let own: Tenant;
let blind: Awaited<ReturnType<typeof asRole>>;
beforeAll(async () => {
  own = await newTenant();
  expect((await own.put("/types/page", PAGE)).status).toBe(201);
  const actions = ["content:read", "content:read-draft", "content:write"];
  blind = await asRole(own, [
    { actions: ["content:*", "types:read"] },
    { effect: "deny", actions, types: ["page"], fields: NAMED },
  ]);
});

/** Every way in which there can be no document, or nothing in it. */
const NOTHING: [string, object][] = [
  ["absent", {}],
  ["null", { body: null, spoken: null, one: null, list: null, parts: null, outer: null }],
  ["empty lists", { body: EMPTY, list: [], parts: [], outer: EMPTY, one: {} }],
  ["absent inside", within({ note: "n" })],
  ["null inside", within({ body: null })],
  ["empty inside", within({ body: EMPTY })],
];

describe("rich text of which a part is hidden, where there is none", () => {
  it.each(NOTHING)("is read and written, %s", async (_, fields) => {
    const made = await blind.post("/content/page", { title: "One", ...fields });
    expect(made.status, made.text).toBe(201);
    const { id } = made.body.data;
    const path = `/content/page/${id}`;
    const answers = [
      await blind.patch(path, { title: "Two", ...fields }),
      await blind.post("/content/bulk", {
        operations: [{ op: "update", type: "page", id, fields: { title: "Four", ...fields } }],
      }),
      await blind.post("/content/publish", { id }),
      await blind.graphql(`{ page(id: "${id}", perspective: draft) { title body { json } one { body { json } }
        list { body { json } } parts { ... on Page_Parts_Box { body { json } } } outer { json } } }`),
    ];
    for (const query of ["", "?locale=*", "?perspective=draft", "?perspective=draft&rich_text=html"])
      answers.push(await blind.get(path + query), await blind.get(`/content/page${query}`));
    for (const more of ["versions", "versions/1", "diff?from=1&to=2"])
      answers.push(await blind.get(`${path}/${more}`));
    // These may be refused: whoever cannot read a part cannot copy it.
    for (const [door, body] of [["duplicate", {}] as const, ["restore", { version: 1 }] as const])
      expect((await blind.post(`${path}/${door}`, body)).status, door).toBeLessThan(500);
    answers.push(await blind.delete(path), await blind.get("/trash"));
    expect(answers.filter(({ status }) => status >= 300).map((one) => one.text)).toEqual([]);
    expect(answers[3]!.body.errors).toBeUndefined();
  });
});
