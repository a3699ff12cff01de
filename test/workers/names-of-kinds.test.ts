import { beforeAll, describe, expect, it } from "vitest";
import { newTenant } from "../support/tenant.ts";

const text = (id: string) => ({ id, type: "short_text" });
const own = (id: string) => ({ id, fields: [text("line")] });
const component = (id: string, fields: object[] = [text("line")]) => ({ id, name: id, fields });
const within: [string, (field: object) => object, string][] = [
  ["at the top", (field) => field, "fields[0]"],
  [
    "in a list",
    (field) => ({ id: "list", type: "component", multiple: true, fields: [field] }),
    "fields[0].fields[0]",
  ],
  [
    "in a block",
    (field) => ({ id: "outer", type: "blocks", components: [{ id: "box", fields: [field] }] }),
    "fields[0].components[0].fields[0]",
  ],
  [
    "in rich text",
    (field) => ({ id: "outer", type: "rich_text", components: [{ id: "box", fields: [field] }] }),
    "fields[0].components[0].fields[0]",
  ],
];
const rich = (components: unknown[], annotations: string[] = []) => ({
  ...{ id: "body", type: "rich_text", components },
  ...(annotations.length > 0 ? { annotations } : {}),
});
const blocks = (components: unknown[]) => ({ id: "parts", type: "blocks", components });
const doc = (kind: string) => ({
  type: "doc",
  content: [
    {
      type: "paragraph",
      content: [{ type: "text", text: "w", marks: [{ type: kind, attrs: { line: "1" } }] }],
    },
  ],
});

let tenant: Awaited<ReturnType<typeof newTenant>>;
beforeAll(async () => {
  tenant = await newTenant();
  for (const id of ["shared", "kept"])
    expect((await tenant.put(`/components/${id}`, component(id))).status).toBe(201);
});
const pathsOf = (reply: { body: any }) =>
  (reply.body.error?.details as { path: string }[] | undefined)?.map(({ path }) => path);

describe("kinds of blocks, and of components in rich text", () => {
  it.each(within)("have names of their own, %s", async (_, put, at) => {
    const reserved = ["paragraph", "text", "doc", "heading", "table", "image", "bold", "link"];
    const wrong: [object, string][] = [
      ...reserved.flatMap((id): [object, string][] => [
        [rich([own(id)], [id]), `${at}.components[0].id`],
        [rich([own("fine"), own(id)]), `${at}.components[1].id`],
      ]),
      ...[
        ["shared", own("shared")],
        ["shared", "shared"],
        [own("q"), own("q")],
      ].flatMap((parts): [object, string][] => [
        [blocks(parts), `${at}.components[1].id`],
        [rich(parts), `${at}.components[1].id`],
      ]),
    ];
    for (const [field, path] of wrong) {
      const type = component("page", [put(field)]);
      for (const reply of [
        await tenant.put("/types/page", type),
        await tenant.post("/types/bulk", { types: [type] }),
        await tenant.put("/components/holder", { ...type, id: "holder" }),
      ])
        expect([reply.status, pathsOf(reply)], reply.text).toEqual([422, expect.arrayContaining([path])]);
    }
  });

  it("keep them when a component gets another name, and no document changes", async () => {
    const type = component("used", [
      rich(["kept"], ["kept"]),
      { id: "list", type: "component", multiple: true, fields: [rich(["kept"], ["kept"])] },
      blocks(["kept", own("promo")]),
    ]);
    expect((await tenant.put("/types/used", type)).status).toBe(201);
    const values = {
      body: doc("kept"),
      list: [{ body: doc("kept") }],
      parts: [
        { type: "kept", line: "1" },
        { type: "promo", line: "2" },
      ],
    };
    const made = await tenant.post("/content/used", values);
    expect(made.status, made.text).toBe(201);
    for (const id of ["paragraph", "text", "bold", "promo"]) {
      const definition = component(id);
      const renamed = [
        await tenant.put(`/components/${id}?rename_from=kept`, definition),
        await tenant.post("/types/bulk", { components: [{ ...definition, rename_from: "kept" }] }),
      ];
      for (const reply of renamed) {
        expect([reply.status, reply.text]).toEqual([422, expect.stringContaining("types.used.fields[")]);
      }
    }
    const path = `/content/used/${made.body.data.id}?perspective=draft`;
    expect((await tenant.get(path)).body.data).toMatchObject(values);
    const fine = await tenant.put("/components/heading2?rename_from=kept", component("heading2"));
    expect(fine.status, fine.text).toBe(200);
    const now = JSON.parse(JSON.stringify(values).replaceAll('"kept"', '"heading2"'));
    expect((await tenant.get(path)).body.data).toMatchObject(now);
  });
});
