import { describe, expect, it } from "vitest";
import { newTenant } from "../support/tenant.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const to = (id: string, ...types: string[]) => ({ id, type: "reference", to: types });
const type = (id: string, ...fields: object[]) => ({ id, name: id, fields: [text("name"), ...fields] });
const component = (id: string, ...fields: object[]) => ({ id, name: id, fields });
const reasonOf = ({ status, body }: { status: number; body: any }) => [status, body.error?.reason];
const UNKNOWN = [422, "types/unknown-target"];

describe("what references may point to", () => {
  it("must be there, at every depth, and in components", async () => {
    const own = await newTenant();
    const refused = await own.put("/types/post", type("post", to("author", "athor")));
    expect(reasonOf(refused)).toEqual(UNKNOWN);
    const inner = { id: "part", type: "component", fields: [to("author", "author")] };
    expect(reasonOf(await own.post("/types", type("post", inner)))).toEqual(UNKNOWN);
    const blocks = {
      id: "parts",
      type: "blocks",
      components: [{ id: "b", fields: [to("author", "author")] }],
    };
    expect(reasonOf(await own.put("/types/post", type("post", blocks)))).toEqual(UNKNOWN);
    expect(reasonOf(await own.post("/components", component("card", to("author", "author"))))).toEqual(
      UNKNOWN,
    );
    expect((await own.put("/types/author", type("author", to("friend", "author")))).status).toBe(201);
    const near = await own.put("/types/post", type("post", to("author", "athor")));
    expect(near.body.error.details[0].message).toContain('Did you mean "author"?');
    for (const one of [inner, blocks])
      expect((await own.put("/types/post", type("post", one))).status).toBeLessThan(300);
  });

  it("keeps a type from being deleted, unless that is asked for; what then dangles stays as it is", async () => {
    const own = await newTenant();
    await own.put("/types/author", type("author", to("friend", "author")));
    await own.post("/components", component("card", to("author", "author")));
    await own.put("/types/post", type("post", to("author", "author")));
    const refused = await own.delete("/types/author");
    expect(reasonOf(refused)).toEqual([409, "types/referenced"]);
    expect(refused.body.error.details.map((one: any) => one.path)).toEqual(["types.post", "components.card"]);
    expect((await own.delete("/types/author?on_reference=keep")).status).toBe(204);
    expect((await own.get("/types/post")).body.data.fields[1].to).toEqual(["author"]);
    const more = type("post", to("author", "author"), text("more"));
    expect((await own.put("/types/post", more)).status).toBe(200);
    expect(reasonOf(await own.put("/types/post", type("post", to("author", "author", "gone"))))).toEqual(
      UNKNOWN,
    );
    expect((await own.delete("/types/post")).status).toBe(204);
  });

  it("may be types that refer to each other, created together", async () => {
    const own = await newTenant();
    const made = await own.post("/types/bulk", {
      components: [
        component("b", { id: "in", type: "component", component: "a" }),
        component("a", to("x", "one")),
      ],
      types: [
        type("one", to("other", "two"), { id: "b", type: "component", component: "b", multiple: true }),
        type("two", to("other", "one")),
      ],
    });
    expect(made.status, made.text).toBe(201);
    expect(made.body.data.types.map((one: any) => [one.id, one.version])).toEqual([
      ["one", 1],
      ["two", 1],
    ]);
    expect(made.body.data.components[1].usage).toEqual({ types: ["one"], components: ["b"] });
    const half = await own.post("/types/bulk", { types: [type("three"), type("one")] });
    expect(reasonOf(half)).toEqual([409, "types/id-taken"]);
    expect((await own.get("/types/three")).status).toBe(404);
    expect(reasonOf(await own.post("/types/bulk", { types: [type("a1"), type("a1")] }))).toEqual([
      422,
      "types/invalid-definition",
    ]);
  });
});

describe("hints for editors", () => {
  const hinted = (editor: object, field: object = {}) => ({
    ...type("page", text("slug", { editor: { group: "meta", width: "half", ...field } })),
    editor: {
      icon: "page",
      groups: [{ id: "meta", name: "Meta", tab: true }],
      list_columns: ["name", "updated_at"],
      preview_url: "https://example.com/{locale}/{slug}",
      ...editor,
    },
  });

  it("are stored and answered, and what they name must be there", async () => {
    const own = await newTenant();
    expect((await own.put("/types/page", hinted({}))).status).toBe(201);
    expect((await own.get("/types/page")).body.data).toMatchObject(hinted({}));
    const wrong: Record<string, object> = {
      "fields[1].editor.group": hinted({ groups: [] }),
      "editor.list_columns[0]": hinted({ list_columns: ["nme"] }),
      "editor.preview_url": hinted({ preview_url: "https://example.com/{slog}" }),
      "editor.groups[1].id": hinted({
        groups: [
          { id: "meta", name: "A" },
          { id: "meta", name: "B" },
        ],
      }),
      "fields[1].editor.width": hinted({}, { width: "huge" }),
      "editor.colour": hinted({ colour: "red" }),
    };
    for (const [path, definition] of Object.entries(wrong)) {
      const { status, body } = await own.put("/types/page", definition);
      expect([status, body.error?.details[0].path], path).toEqual([422, path]);
    }
    expect((await own.put("/types/page", hinted({ preview_url: "javascript:alert(1)" }))).status).toBe(422);
    const inside = component("card", text("a", { editor: { group: "g" } }));
    expect((await own.post("/components", inside)).status).toBe(422);
    expect(
      (await own.post("/components", { ...inside, editor: { groups: [{ id: "g", name: "G" }] } })).status,
    ).toBe(201);
  });

  it("change nothing that is delivered", async () => {
    const own = await newTenant();
    await own.put("/types/page", hinted({}));
    const id = await own.published("page", { name: "x" });
    const before = await own.get(`/content/page/${id}`);
    const changed = await own.put("/types/page", hinted({ icon: "other" }));
    expect([changed.status, changed.body.data.version]).toEqual([200, 2]);
    const again = await own.put("/types/page", hinted({ icon: "other" }));
    expect(again.headers.get("x-flow-unchanged")).toBe("true");
    const { data: log } = (await own.get("/audit-logs?limit=5")).body;
    expect(log.map((one: any) => one.action)).toContain("type.described");
    expect((await own.get(`/content/page/${id}`)).text).toBe(before.text);
    expect(
      (await own.put("/types/page", { ...hinted({ icon: "other" }), name: "P" })).body.data.version,
    ).toBe(3);
  });
});
