import { PgDialect } from "drizzle-orm/pg-core";
import type { SQL } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { Actor, Context } from "../../../../core/context.ts";
import type { Grant } from "../../../../core/grants.ts";
import { newId } from "../../../../core/ids.ts";
import {
  compileType,
  TypeDefinition,
  typeOf,
  type EnvironmentSchema,
  type ResolvedType,
} from "../../types/index.ts";
import { readEntryValues } from "../model/index.ts";
import { deleteStatement } from "./delete-entry.ts";
import { publishStatement } from "./publish-entry.ts";
import { saveStatement } from "./save-entry.ts";
import type { Save } from "./saved-row.ts";
import { unpublishStatement } from "./withdraw-entry.ts";

const WRITING = {
  id: "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x",
  actor: { id: "tok_1", kind: "token" as const },
  now: new Date(0),
};

const dialect = new PgDialect();
const TYPES = 200;

function schemaOf(types: number): EnvironmentSchema {
  const fields = [
    { id: "title", type: "short_text", required: true, localized: true },
    { id: "slug", type: "slug" },
    { id: "next", type: "reference" },
  ];
  const definitions = Array.from({ length: types }, (_, i) =>
    TypeDefinition.parse({ id: `kind_${i}`, name: "Kind", fields }),
  );
  return {
    version: 1,
    types: new Map(definitions.map((one) => [one.id, compileType(one as ResolvedType, 1)])),
    defaultLocale: "en",
    chains: new Map([
      ["en", ["en"]],
      ["fr", ["fr", "en"]],
    ]),
    graphql: {},
  };
}

const contextOf = (grants?: Grant[]) =>
  ({
    tenantId: crypto.randomUUID(),
    environmentId: crypto.randomUUID(),
    actor: { kind: "token", id: newId("tok"), scopes: ["admin"], ...(grants ? { grants } : {}) } as Actor,
    now: () => new Date(),
  }) as unknown as Context;

function sizeOf(statement: SQL): number {
  const { sql, params } = dialect.sqlToQuery(statement);
  return sql.length + JSON.stringify(params).length;
}

const id = newId("cnt");
const save = (mode: Save["mode"], more: Partial<Save> = {}) => {
  const fields = { title: "One" };
  return (ctx: Context, schema: EnvironmentSchema) => {
    const type = typeOf(schema, "kind_0");
    const isPartial = mode === "patch";
    const values = readEntryValues(schema, type, fields, {
      locale: "en",
      allowIncomplete: true,
      isPartial,
      writing: WRITING,
    });
    return saveStatement(
      ctx,
      schema,
      type,
      { mode, type: type.id, id, fields, locale: "en", ...more },
      values,
    );
  };
};
const remove = { type: "kind_0", id };
const statements: Record<string, (ctx: Context, schema: EnvironmentSchema) => SQL> = {
  publish: (ctx, schema) => publishStatement(ctx, schema, { id }),
  "publish in a locale": (ctx, schema) => publishStatement(ctx, schema, { id, locales: ["fr"] }),
  "publish in bulk": (ctx, schema) => publishStatement(ctx, schema, { id }, { index: 3 }),
  unpublish: (ctx, schema) => unpublishStatement(ctx, schema, { id }),
  "unpublish in a locale": (ctx, schema) => unpublishStatement(ctx, schema, { id, locales: ["fr"] }),
  delete: (ctx, schema) => deleteStatement(ctx, remove, undefined, undefined, schema),
  "delete for good": (ctx, schema) =>
    deleteStatement(ctx, { ...remove, isForGood: true }, { index: 1 }, 1, schema),
  create: save("create"),
  update: save("patch"),
  "create with an id": save("create", { reusesId: true }),
  put: save("put"),
  "put with an id": save("put", { reusesId: true }),
  restore: save("put", { leftOut: [] }),
  "restore from the trash": save("create", { reusesId: true, isRestored: true, leftOut: [] }),
};

describe("a statement that writes", () => {
  const [one, many] = [schemaOf(1), schemaOf(TYPES)];

  it.each(Object.entries(statements))("%s is as long with 200 types as with one", (_, statement) => {
    const ctx = contextOf();
    expect(sizeOf(statement(ctx, many))).toBe(sizeOf(statement(ctx, one)));
  });

  const actions = ["content:read-draft", "content:write", "content:publish", "content:delete"];
  const own: Grant = { id: "own", effect: "allow", actions, conditions: { created_by: "$me" } };
  const restricted = Object.keys(statements);

  it.each(restricted)("%s is so for who may do it to what is their own", (name) => {
    const ctx = contextOf([own]);
    expect(sizeOf(statements[name]!(ctx, many))).toBe(sizeOf(statements[name]!(ctx, one)));
  });

  it.each(restricted)("%s is so for who may do it to one type", (name) => {
    const ctx = contextOf([{ ...own, types: ["kind_0"] }]);
    const [few, some] = [schemaOf(3), schemaOf(40)];
    expect(sizeOf(statements[name]!(ctx, many))).toBe(sizeOf(statements[name]!(ctx, some)));
    expect(sizeOf(statements[name]!(ctx, few))).toBeGreaterThan(sizeOf(statements[name]!(contextOf(), few)));
  });
});
