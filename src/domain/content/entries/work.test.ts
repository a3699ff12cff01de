import { expect, test } from "vitest";
import { parse as parseGraphql, specifiedRules, validate } from "graphql";
import { parseInput } from "../../../core/parse-input.ts";
import { parseJson } from "../../../core/read-body.ts";
import type { Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { excessOf, MAX_TOKENS, readTokens } from "../../../http/graphql/limits.ts";
import { buildGraphqlSchema } from "../../../http/graphql/build-schema.ts";
import { checkGrants } from "../policies/check-grants.ts";
import { USERS } from "../../identity/scim/attributes.ts";
import { readFilter } from "../../identity/scim/filter.ts";
import { patchResource } from "../../identity/scim/patch-resource.ts";
import { readResource } from "../../identity/scim/read-resource.ts";
import { readPatch } from "../../identity/scim/schemas.ts";
import { htmlToRichText } from "../rich-text/index.ts";
import { compileType } from "../types/compile-type.ts";
import {
  checkType,
  newWorkCount,
  parseType,
  resolverOf,
  type EnvironmentSchema,
  type Field,
} from "../types/index.ts";
import { parseAggregateQuery } from "./read/index.ts";
import { readEntryValues, splitBody } from "./model/index.ts";
import { parseListQuery, sourceOf, whereSql } from "./query/index.ts";
import { BulkInput } from "./bulk-schemas.ts";

const WRITING = {
  id: "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x",
  actor: { id: "tok_1", kind: "token" as const },
  now: new Date(0),
};

/**
 * How much longer the worst input may take than plain, valid input of the largest size: many small
 * parts cost more than few.
 */
const MOST = 20;
const BODY = 2 * 1024 * 1024 - 100;

const field = (given: Partial<Field> & Pick<Field, "id" | "type">): Field =>
  ({ required: false, unique: false, localized: false, multiple: false, ...given }) as Field;
const texts = (prefix: string, more: Partial<Field> = {}) =>
  Array.from({ length: 200 }, (_, i) =>
    field({ id: `${prefix}_with_quite_a_long_name_${i}`, type: "short_text", ...more }),
  );
const wide = texts("field");
const definitions = [
  { id: "wide", name: "Wide", fields: wide },
  { id: "required", name: "Required", fields: texts("field", { required: true }) },
  { id: "localized", name: "Localised", fields: texts("field", { localized: true, type: "json" }) },
  {
    id: "nested",
    name: "Nested",
    fields: [
      field({ id: "part", type: "component", fields: wide }),
      field({
        id: "blocks",
        type: "blocks",
        components: [
          { id: "wide", fields: wide },
          { id: "must", fields: texts("must", { required: true }) },
          { id: "given", fields: texts("given", { default: "a default of some length" }) },
          { id: "b", fields: [field({ id: "b", type: "blocks", components: [{ id: "c", fields: wide }] })] },
        ],
      }),
      field({
        id: "choices",
        type: "enum",
        multiple: true,
        options: Array.from({ length: 500 }, (_, i) => `option-${i}`),
      }),
    ],
  },
  {
    id: "patterns",
    name: "Patterns",
    fields: [field({ id: "text", type: "long_text", pattern: "(?:.?){1000}" }), ...wide.slice(0, 50)],
  },
  ...Array.from({ length: 290 }, (_, i) => ({
    id: `type_${i}`,
    name: "Type",
    fields: [field({ id: "next", type: "reference" }), ...wide.slice(0, 199)],
  })),
];
const define = (input: unknown) => checkType(parseType(input), resolverOf(new Map()), []);
const schema: EnvironmentSchema = {
  version: 1,
  types: new Map(definitions.map((one) => [one.id, compileType(one, 1)])),
  defaultLocale: "en",
  chains: new Map(
    Array.from({ length: 50 }, (_, i) => [i === 0 ? "en" : `l${i}`, i === 0 ? ["en"] : [`l${i}`, "en"]]),
  ),
  graphql: {},
};
const ctx = {
  tenantId: crypto.randomUUID(),
  environmentId: crypto.randomUUID(),
  actor: { kind: "token", id: "tok", scopes: ["admin"] },
} as unknown as Context;

/** As many parts as fit into a body. */
const fill = (part: (i: number) => string, size = BODY) => {
  const parts: string[] = [];
  for (let length = 0, i = 0; length < size; i++) {
    const next = part(i);
    length += next.length + 1;
    parts.push(next);
  }
  return parts.join(",");
};

function entry(type: string, text: string, locale = "en", allowIncomplete = false) {
  const { fields } = splitBody(parseJson(text));
  readEntryValues(schema, schema.types.get(type)!, fields, {
    locale,
    allowIncomplete,
    isPartial: false,
    writing: WRITING,
  });
}
function patchUser(operations: object[]) {
  const patched = patchResource(USERS, {}, readPatch({ Operations: operations }));
  return readResource(USERS, patched);
}
const bulk = (text: string) => {
  const input = parseInput(BulkInput, parseJson(text), "content/bad-bulk", "no", "fields");
  const effort = newWorkCount();
  for (const one of input.operations)
    settle(() =>
      readEntryValues(
        schema,
        schema.types.get((one as { type: string }).type)!,
        (one as { fields: object }).fields as never,
        {
          locale: undefined,
          allowIncomplete: true,
          isPartial: false,
          writing: WRITING,
          effort,
        },
      ),
    );
};
const operations = (fields: string) =>
  `{"atomic":false,"operations":[${Array.from({ length: 500 }, () => fields).join(",")}]}`;
const list = (text: string) => {
  const query = parseListQuery(new URLSearchParams(text));
  if (query.where) whereSql(sourceOf(ctx, schema, "type_0", query), query.where);
};
const graphql = (() => {
  let built: ReturnType<typeof buildGraphqlSchema> | undefined;
  return (text: string) => {
    built ??= buildGraphqlSchema({ ...schema, types: new Map([...schema.types].slice(0, 20)) });
    if (readTokens(text).tooDeepAt !== undefined) return;
    const document = parseGraphql(text, { maxTokens: MAX_TOKENS });
    if (!excessOf(document)) validate(built.graphql, document, specifiedRules, { maxErrors: 20 });
  };
})();
const grants = (text: string) => checkGrants(schema, parseJson(text) as never);

/** The result does not matter here; an error must be one of ours. */
function settle(work: () => unknown): AppError | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError || (error as Error).name === "GraphQLError") return error as AppError;
    throw error;
  }
  return undefined;
}

function cpu(work: () => unknown): number {
  const least = () => {
    const before = process.cpuUsage();
    settle(work);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  return Math.min(least(), least());
}

const block = (i: number) =>
  `{"type":"wide",${wide
    .slice(0, 40)
    .map(({ id }) => `"${id}":"some text for block ${i}"`)
    .join(",")}}`;
const plain = `{"blocks":[${fill(block).split("},{").slice(0, 500).join("},{")}}]}`;
const unknown = fill((i) => `"fild_with_quite_a_long_nam_${i}":1`);
const hops = (inner: string): string => `{"next":{"next":{"next":${inner}}}}`;
const many = (part: (i: number) => string, size = 16_000) => fill(part, size);

const worst: Record<string, () => unknown> = {
  "unknown names": () => entry("wide", `{${unknown}}`),
  "unknown names in a component": () => entry("nested", `{"part":{${unknown}}}`),
  "unknown names in a block": () => entry("nested", `{"blocks":[{"type":"wide",${unknown}}]}`),
  "unknown names, one in each block": () =>
    entry(
      "nested",
      `{"blocks":[${fill(() => '{"type":"wide","x":1}')
        .split("},{")
        .slice(0, 500)
        .join("},{")}]}`,
    ),
  "blocks that are none": () => entry("nested", `{"blocks":[${fill(() => "{}")}]}`),
  "blocks of unknown types": () => entry("nested", `{"blocks":[${fill((i) => `{"type":"wid${i}"}`)}]}`),
  "empty blocks of wide types": () =>
    entry(
      "nested",
      `{"blocks":[${fill(() => `{"type":"b","b":[${'{"type":"c"},'.repeat(400)}{"type":"c"}]}`)}]}`,
    ),
  "blocks without what is required": () =>
    entry("nested", `{"blocks":[${fill(() => '{"type":"must"}', 8000)}]}`),
  "the same, incomplete": () =>
    entry("nested", `{"blocks":[${fill(() => '{"type":"must"}', 8000)}]}`, "en", true),
  "blocks full of defaults": () => entry("nested", `{"blocks":[${fill(() => '{"type":"given"}', 8500)}]}`),
  "choices of many": () => entry("nested", `{"choices":[${fill((i) => `"option-${499 - (i % 9)}"`)}]}`),
  "unknown locales": () =>
    entry(
      "localized",
      `{${wide.map(({ id }) => `"${id}":{${fill((i) => `"l${i + 60}":1`, BODY / 200)}}`).join(",")}}`,
      "*",
    ),
  "every locale of every field": () =>
    entry(
      "localized",
      `{${wide.map(({ id }) => `"${id}":{${[...schema.chains.keys()].map((code) => `"${code}":1`).join(",")}}`).join(",")}}`,
      "*",
    ),
  "a slow pattern": () => entry("patterns", `{"text":"${"a".repeat(190_000)}"}`),
  "a slow pattern 500 times": () =>
    bulk(operations(`{"op":"create","type":"patterns","fields":{"text":"${"a".repeat(900)}"}}`)),
  "500 entries of unknown names": () =>
    bulk(
      operations(
        `{"op":"create","type":"wide","fields":{${fill((i) => `"fild_with_quite_a_long_nam_${i}":1`, 3900)}}}`,
      ),
    ),
  "500 entries of defaults": () =>
    bulk(
      operations(
        `{"op":"create","type":"nested","fields":{"blocks":[${fill(() => '{"type":"given"}', 3900)}]}}`,
      ),
    ),
  "500 empty entries": () => bulk(operations('{"op":"create","type":"wide","fields":{}}')),
  "bad operations": () => bulk(`{"operations":[${fill(() => '{"op":"creat"}')}]}`),
  "unknown keys of an operation": () => bulk(`{"operations":[{"op":"delete",${unknown}}]}`),
  "thousands of parameters": () => list(many((i) => `pag${i}=1`).replaceAll(",", "&")),
  "one parameter thousands of times": () => list(many(() => "page=1").replaceAll(",", "&")),
  "thousands of filters": () => list(many((i) => `filter[fild_${i}]=1`).replaceAll(",", "&")),
  "fifty unknown fields": () =>
    list(`filter=${JSON.stringify({ or: Array.from({ length: 50 }, (_, i) => ({ [`fild_${i}`]: 1 })) })}`),
  "references to every type": () =>
    list(
      `filter=${hops(JSON.stringify({ or: Array.from({ length: 50 }, () => ({ [wide[0]!.id]: { contains: "x" } })) }))}`,
    ),
  "references to every type, by a field of none": () => list(`filter=${hops('{"nex":1}')}`),
  "names of fields": () => list(`fields=${many((i) => `f${i}`)}&sort=${many((i) => `f${i}`)}`),
  "an aggregate of many": () => parseAggregateQuery(new URLSearchParams(`group_by=${many((i) => `f${i}`)}`)),
  "grants of unknown fields": () =>
    grants(
      `[${Array.from({ length: 50 }, (_, i) => `{"effect":"allow","actions":["content:read"],"fields":[${Array.from({ length: 15 }, (_x, k) => `"fild_${i}_${k}"`).join(",")}]}`).join(",")}]`,
    ),
  "grants of unknown types": () =>
    grants(
      `[${Array.from({ length: 50 }, () => `{"effect":"allow","actions":["content:read"],"types":[${Array.from({ length: 25 }, (_x, k) => `"typ_${k}"`).join(",")}]}`).join(",")}]`,
    ),
  "conditions on unknown fields": () =>
    grants(
      `[${Array.from({ length: 50 }, () => `{"effect":"allow","actions":["content:read"],"conditions":{${Array.from({ length: 14 }, (_x, k) => `"fild_${k}":1`).join(",")}}}`).join(",")}]`,
    ),
  "a definition of many fields": () =>
    define(parseJson(`{"id":"a","name":"A","fields":[${fill((i) => `{"id":"f${i}","type":"blob"}`)}]}`)),
  "a definition of many patterns": () =>
    define(
      parseJson(
        `{"id":"a","name":"A","fields":[${fill((i) => `{"id":"f${i}","type":"short_text","pattern":"(?:.?){500}"}`, 12_000)}]}`,
      ),
    ),
  "a definition of nested repetitions": () =>
    define(
      parseJson(
        `{"id":"a","name":"A","fields":[{"id":"f","type":"short_text","pattern":"((((.{9}){9}){9}){9}){9}"}]}`,
      ),
    ),
  "a definition with unknown keys": () =>
    define(parseJson(`{"id":"a","name":"A","fields":[{"id":"f","type":"json",${unknown}}]}`)),
  "deep HTML": () => htmlToRichText("<div><b>".repeat(120_000)),
  "HTML of one-letter marks": () => htmlToRichText("<b>a<i>b".repeat(120_000)),
  "HTML lists": () => htmlToRichText("<ul><li>".repeat(120_000)),
  "HTML attributes": () => htmlToRichText(`<p ${"a=b ".repeat(250_000)}>x</p>`),
  "unclosed HTML": () => htmlToRichText("<".repeat(1_000_000)),
  "blanks in HTML": () => htmlToRichText(`<p>${" \n".repeat(499_000)}x</p>`),
  "deep JSON": () => entry("nested", `{"part":${"[".repeat(190)}${fill(() => "[]")}${"]".repeat(190)}}`),
  "too deep JSON": () => parseJson("[".repeat(BODY)),
  "a JSON text of backslashes": () => parseJson(`"${"\\\\".repeat(BODY / 2)}"`),
  "long numbers": () =>
    settle(() => parseJson(`[${fill(() => "12345678901234567890.12345678901234567890e-7")}]`)),
  "a user's patch": () =>
    patchUser(
      Array.from({ length: 1000 }, () => ({ op: "add", path: "name.givenname", value: "a".repeat(290) })),
    ),
  "a user's patch of a list": () =>
    settle(() =>
      patchUser(
        Array.from({ length: 1000 }, (_, i) => ({
          op: "add",
          path: "emails",
          value: Array.from({ length: 40 }, (_, j) => ({ value: `${i}-${j}`, primary: true })),
        })),
      ),
    ),
  "a user's patch of one long list": () =>
    settle(() =>
      patchUser([{ op: "add", path: "emails", value: parseJson(`[${fill((i) => `{"value":"${i}"}`)}]`) }]),
    ),
  "a user's patch by long filters": () =>
    settle(() =>
      patchUser(
        Array.from({ length: 500 }, () => ({
          op: "add",
          path: `emails[${Array.from({ length: 20 }, () => 'type eq "work"').join(" and ")}].value`,
          value: "x",
        })),
      ),
    ),
  "a user of unknown attributes": () => settle(() => readResource(USERS, parseJson(`{${unknown}}`))),
  "a filter of blanks": () => settle(() => readFilter(`userName${" ".repeat(BODY)}eq "x"`)),
  "a fragment nobody spreads": () =>
    graphql(`{ __typename } fragment f on Query { ${"__typename ".repeat(3900)} }`),
  "fragments that spread each other": () =>
    graphql(`
      {
        ...f0
      }
      ${Array.from({ length: 300 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 2} }`).join(" ")}
    `),
  "unknown arguments": () => graphql(`{ content(${many((i) => `a${i}:1`, 14_000)}) { id } }`),
  "nested literals": () => graphql(`{ content(type: ${"[".repeat(1900)}${"]".repeat(1900)}) { id } }`),
  "many variables": () => graphql(`query(${many((i) => `$v${i}:Int`, 12_000)}) { __typename }`),
  "unknown fields": () => graphql(`{ ${many((i) => `contnt${i}`, 14_000).replaceAll(",", " ")} }`),
};

test(
  "the worst input takes no longer than a few times as long as plain input of the largest size",
  { timeout: 120_000 },
  () => {
    expect(settle(() => entry("nested", plain))).toBeUndefined();
    expect(plain.length).toBeGreaterThan(BODY / 3);
    graphql("{ __typename }");
    const yardstick = Math.max(1, cpu(() => entry("nested", plain)) * (BODY / plain.length));
    const paragraph = "<p>Some <b>bold</b> and <a href='https://example.com'>linked</a> words of a text.</p>";
    const html = paragraph.repeat(960_000 / paragraph.length);
    const htmlYardstick = Math.max(
      1,
      cpu(() => htmlToRichText(html)),
    );
    const slow = Object.entries(worst).flatMap(([name, work]) => {
      const ratio = cpu(work) / (name.includes("HTML") ? htmlYardstick : yardstick);
      if (process.env["SHOW_WORK"]) console.log(ratio.toFixed(2), name);
      return ratio > MOST ? [`${name}: ${ratio.toFixed(1)}`] : [];
    });
    expect(slow).toEqual([]);
  },
);

test("an error names at most fifty problems, and suggests a name for the first few", () => {
  for (const name of [
    "unknown names",
    "unknown names in a component",
    "thousands of parameters",
    "grants of unknown fields",
  ]) {
    const { details } = settle(worst[name]!)!;
    expect(details, name).toHaveLength(50);
    expect(
      details.filter(({ message }) => message.includes("Did you mean")).length,
      name,
    ).toBeLessThanOrEqual(5);
  }
});
