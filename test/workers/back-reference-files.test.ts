import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant } from "../support/tenant.ts";

const NAME = { id: "name", type: "short_text" };
const author = (lists: object[]) => ({ id: "author", name: "A", fields: [NAME], back_references: lists });
const book = (...fields: object[]) => ({ id: "book", name: "B", fields: [NAME, ...fields] });
const BY = { id: "by", type: "reference", to: ["author"] };
const tagOf = (more: object) => ({ id: "tag", name: "T", fields: [NAME], ...more });
const BOOKS = { id: "books", type: "book", field: "by" };

it("flow types push writes back references when what they are made of is there, and gives them up before", async () => {
  const tenant = await newTenant();
  const push = async (types: { id: string }[], ...args: string[]) => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, "flow/types"), { recursive: true });
    for (const one of types) writeFileSync(join(cwd, `flow/types/${one.id}.json`), JSON.stringify(one));
    const pushed = await runFlow(["types", "push", ...args], { token: tenant.tokens.admin, cwd });
    expect(pushed, pushed.err).toMatchObject({ code: 0, err: "" });
    expect((await runFlow(["types", "diff", "--check"], { token: tenant.tokens.admin, cwd })).code).toBe(0);
  };
  const listsOf = async (type: string) => (await tenant.get(`/types/${type}`)).body.data.back_references;
  await push([author([BOOKS]), book(BY)]);
  expect(await listsOf("author")).toEqual([BOOKS]);
  // A new type, and a new field of an old one, that need each other.
  const tags = { id: "tags", type: "reference", to: ["tag"], multiple: true };
  const tagged = { id: "books", type: "book", field: "tags" };
  await push([author([BOOKS]), book(BY, tags), tagOf({ back_references: [tagged] })]);
  expect(await listsOf("tag")).toEqual([tagged]);
  // A list and its field that go together, and another that comes.
  const editor = { ...BY, id: "editor" };
  const edited = { id: "edited", type: "book", field: "editor" };
  await push([author([edited]), book(editor, tags), tagOf({ back_references: [tagged] })]);
  expect(await listsOf("author")).toEqual([edited]);
  await push([tagOf({ back_references: [] })], "--allow-data-loss");
  expect((await tenant.get("/types")).body.data.map((one: any) => one.id)).toEqual(["tag"]);
});
