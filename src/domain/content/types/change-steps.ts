import { sql } from "drizzle-orm";
import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { findPlace } from "./field-places.ts";
import { namingSteps } from "./naming-steps.ts";
import type { DefinitionChange, PlannedType } from "./plan-definitions.ts";
import { PUBLISHED_DATA } from "./published-data.ts";
import { fieldsBefore, type Step } from "./renames.ts";
import type { Field, ResolvedType } from "./schemas.ts";

/** What a change does to the values of a field, or to what names a type, and how many have some. */
export const ChangeStep = z.object({
  type: z.string().describe("The content type, by the id that it gets."),
  action: z
    .enum([
      ...["rename", "move", "localize", "unlocalize", "convert", "remove"],
      ...["rename_type", "rename_component", "refer", "policy", "token", "webhook", "document"],
    ] as const)
    .describe(
      "What becomes of values; `rename_type` of all entries, `refer` of a field that names the type, `policy`, `token` and `webhook` of what names it. `document` is a registered GraphQL document that seems to use the old name, and has to be written anew.",
    ),
  field: z
    .string()
    .describe("The path of the field before the change; or the old id, or the name of what names it."),
  to: z.string().optional().describe("Where its values go, the type that they get, or the new id."),
  drafts: z.int().describe("Working copies with a value of the field at the top that it is in."),
  published: z.int().describe("Published entries with one."),
  versions: z.int().describe("Kept versions with one, which are read and restored as the field is then."),
});
export type ChangeStep = z.infer<typeof ChangeStep>;

type Planned = Pick<ChangeStep, "type" | "action" | "field" | "to">;

/** The steps of a change, with counts; reads every entry of the types that it is about. */
export async function stepsOf(
  ctx: Context,
  change: Pick<DefinitionChange, "types" | "newIds">,
): Promise<ChangeStep[]> {
  const planned = [...renamingSteps(change), ...change.types.flatMap(plannedSteps)];
  if (planned.length === 0) return [];
  const storedAs = new Map(change.types.map(({ authored, stored }) => [authored.id, stored?.id]));
  const given = planned.map(({ type, action, field }, i) => ({
    i,
    type: storedAs.get(type) ?? type,
    key: action === "rename_type" ? null : field.split(".")[0]!,
  }));
  const has = (data: string) =>
    sql.raw(`count(*) filter (where case when given.key is null then ${data} is not null
      else coalesce(${data} -> given.key, 'null') <> 'null' end)::int`);
  const { rows } = await ctx.db.read(
    sql`with given as (select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as given(i int, type text, key text))
      select given.i, copies.drafts, copies.published, old.versions from given
      cross join lateral (select ${has("entry.data")} as drafts, ${has("published.data")} as published
        from entries entry left join entry_versions kept on ${inEnvironment(ctx, "kept")}
          and kept.entry_id = entry.id and kept.version = entry.published_version
        cross join lateral (select ${PUBLISHED_DATA} as data) published
        where ${inEnvironment(ctx, "entry")} and entry.type = given.type) copies
      cross join lateral (select ${has("version.data")} as versions from entry_versions version
        where ${inEnvironment(ctx, "version")} and version.type = given.type) old`,
    { kind: "rebuild" },
  );
  const counts = new Map(rows.map(([i, ...of]) => [i as number, of as number[]]));
  const counted = planned.map((step, i) => {
    const [drafts = 0, published = 0, versions = 0] = counts.get(i) ?? [];
    return { ...step, drafts, published, versions };
  });
  const naming = await namingSteps(ctx, change.newIds);
  return [...counted, ...naming.map((step) => ({ ...step, drafts: 0, published: 0, versions: 0 }))];
}

/** What gets another id, and the fields and lists that name it. */
function renamingSteps({ types, newIds }: Pick<DefinitionChange, "types" | "newIds">): Planned[] {
  const old = new Set(newIds.types.values());
  const now = new Map([...newIds.types].map(([to, from]) => [from, to]));
  return [
    ...[...newIds.types].map(([to, field]): Planned => ({ type: to, action: "rename_type", field, to })),
    ...[...newIds.components].map(([to, field]): Planned => ({
      type: to,
      action: "rename_component",
      field,
      to,
    })),
    ...types.flatMap(({ authored: { id: type }, stored }) =>
      stored
        ? namesIn(stored.definition, old).map(([field, id]): Planned => ({
            type,
            action: "refer",
            field,
            to: now.get(id)!,
          }))
        : [],
    ),
  ];
}

/** The paths of fields and lists that name one of these types, each with the type. */
function namesIn(type: ResolvedType, ids: ReadonlySet<string>): [path: string, id: string][] {
  const within = (fields: readonly Field[], path: string): [string, string][] =>
    fields.flatMap(({ id, to = [], links, embeds = [], fields: inner = [], components = [] }) => [
      ...[...new Set([...to, ...(links?.to ?? []), ...embeds])].flatMap((one): [string, string][] =>
        ids.has(one) ? [[path + id, one]] : [],
      ),
      ...within(inner, `${path}${id}.`),
      ...components.flatMap((one) => within(one.fields, `${path}${id}.${one.id}.`)),
    ]);
  const lists = (type.back_references ?? []).flatMap((list): [string, string][] =>
    ids.has(list.type) ? [[list.id, list.type]] : [],
  );
  return [...within(type.fields, ""), ...lists];
}

function plannedSteps({ definition, before, reshape }: PlannedType): Planned[] {
  if (!before) return [];
  const type = definition.id;
  const renamed = (reshape?.renames ?? []).map(([field, to]): Planned => {
    const [old, now] = [field, to].map((path) => path.split(".").slice(0, -1).join("."));
    return { type, action: old === now ? "rename" : "move", field, to };
  });
  const former = new Map((reshape?.renames ?? []).map(([from, to]) => [to, from]));
  const relocated = (reshape?.steps ?? []).flatMap((step: Step): Planned[] => {
    if ("at" in step) return [];
    const action = "localize" in step ? "localize" : "unlocalize";
    const field = "localize" in step ? step.localize : step.unlocalize;
    return [{ type, action, field: former.get(field) ?? field }];
  });
  const fields = changed(fieldsBefore(before.definition, reshape).fields, definition.fields, "");
  return [
    ...renamed,
    ...relocated,
    ...fields
      .map((one) => ({ type, ...one, field: former.get(one.field) ?? one.field }))
      .filter(({ field }) => findPlace(before.definition.fields, field)),
  ];
}

function changed(before: readonly Field[], after: readonly Field[], path: string): Omit<Planned, "type">[] {
  return before.flatMap((was): Omit<Planned, "type">[] => {
    const is = after.find(({ id }) => id === was.id);
    const field = path + was.id;
    if (!is) return [{ action: "remove", field }];
    if (was.type !== is.type || was.multiple !== is.multiple || was.scale !== is.scale)
      return [{ action: "convert", field, to: is.multiple ? `list of ${is.type}` : is.type }];
    const blocks = (was.components ?? []).flatMap((one) => {
      const now = is.components?.find(({ id }) => id === one.id);
      const at = `${field}.${one.id}`;
      return now ? changed(one.fields, now.fields, `${at}.`) : [{ action: "remove" as const, field: at }];
    });
    return [...changed(was.fields ?? [], is.fields ?? [], `${field}.`), ...blocks];
  });
}
