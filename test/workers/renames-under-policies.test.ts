import { beforeAll, describe, expect, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const page = (id: string, fields: object[], renames?: object) => ({
  id,
  name: id,
  fields,
  ...(renames ? { renames } : {}),
});

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
});

describe("a move into what a policy allows", () => {
  const read = { actions: ["content:read", "content:read-draft"] };
  const part = (id: string, ...inner: string[]) => ({
    id,
    type: "component",
    fields: inner.map((one) => text(one)),
  });
  const START = [text("a"), text("b"), part("c", "a"), part("d", "a", "k")];
  const [a, b, c, d] = START as [object, object, object, object];
  it.each([["into a component", "c", [a, b, part("c", "a", "x"), part("d", "k")], { "d.a": "c.x" }, "d.a"]])(
    "is refused: %s",
    async (_, named, fields, renames, path) => {
      const type = `g${crypto.randomUUID().slice(0, 8)}`;
      await own.put(`/types/${type}`, page(type, START));
      await asRole(own, [{ ...read, types: [type], fields: [named] }]);
      const refused = await own.put(`/types/${type}`, page(type, fields, renames));
      expect([refused.status, reasonOf(refused)], refused.text).toEqual([409, "types/named-by-policy"]);
      expect(refused.body.error.details.map((one: { path: string }) => one.path)).toContain(
        `renames.${path}`,
      );
    },
  );

  it.each(["allow", "deny"])("is refused by the former id of another field: %s", async (effect) => {
    const type = `former_${effect}`;
    await own.put(`/types/${type}`, page(type, START));
    const grant = { ...read, types: [type], effect, fields: ["a"] };
    const id = (await own.post(`/content/${type}`, { a: "open", b: "secret" })).body.data.id;
    const reader = await asRole(own, [...(effect === "deny" ? [{ ...read, types: [type] }] : []), grant]);
    const first = await own.put(`/types/${type}`, page(type, [text("x"), b, c, d], { a: "x" }));
    expect(first.status, first.text).toBe(200);
    const second = await own.put(`/types/${type}`, page(type, [text("x"), a, c, d], { b: "a" }));
    expect([second.status, reasonOf(second)], second.text).toEqual([409, "types/named-by-policy"]);
    const seen = (await reader.get(`/content/${type}/${id}?perspective=draft`)).body.data;
    expect([seen.x, seen.b]).toEqual(effect === "allow" ? ["open", undefined] : [undefined, "secret"]);
    const back = await own.put(`/types/${type}`, page(type, [a, b, c, d], { x: "a" }));
    expect(back.status, back.text).toBe(200);
  });
});
