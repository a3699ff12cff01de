import { ownValue } from "../../../../core/own-value.ts";
import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { AppError, invalid, type ErrorDetail } from "../../../../core/errors.ts";
import { isId } from "../../../../core/ids.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import { replaceReferences } from "../../rich-text/index.ts";
import {
  checkValue,
  filterKind,
  withCustom,
  PUBLISHED_DATA,
  schemaOf,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";
import { accessOf, isWhollyGranted, notGranted, type ContentAction } from "../../grants/index.ts";
import {
  addRows,
  mustHold,
  publishedTreeCte,
  readEntryValues,
  renderDocs,
  typeModel,
  type FieldRow,
  type RefRow,
} from "../model/index.ts";
import { fitEntry } from "./fit-entry.ts";
import { WHOLE } from "./guard-writes.ts";
import { anyTypeSql, entryRow, seenSql } from "../query/index.ts";
import { publishStatement } from "./publish-entry.ts";
import { EDIT } from "./run-after-edits.ts";
import { saveStatement } from "./save-entry.ts";

/** What becomes of references to an entry that goes away. */
export type OnReference =
  | { kind: "keep" }
  | { kind: "null" }
  | { kind: "cascade" }
  | { kind: "repoint"; to: string };

/** Reads `on_reference=keep|null|cascade|repoint:{id}`; undefined when it is absent. */
export function readOnReference(text: string | undefined): OnReference | undefined {
  if (text === undefined) return undefined;
  if (text === "keep" || text === "null" || text === "cascade") return { kind: text };
  const to = /^repoint:(.*)$/.exec(text)?.[1];
  if (isId("cnt", to)) return { kind: "repoint", to };
  throw invalid(
    "content/bad-query",
    "on_reference must be keep, null, cascade or repoint:{id of another entry}.",
    [{ path: "on_reference", message: "must be keep, null, cascade or repoint:cnt_…" }],
    400,
  );
}

/** Reads `on_reference=keep`, all that what is in the trash knows. */
export function readKept(text: string | undefined): boolean {
  if (text === undefined || text === "keep") return text === "keep";
  const details = [{ path: "on_reference", message: "must be keep" }];
  throw invalid("content/bad-query", "on_reference must be keep.", details, 400);
}

/** An entry that refers to another, with all that an edit of it needs. */
export type Referrer = {
  id: string;
  type: string;
  version: number;
  publishedVersion: number | null;
  data: Values;
  published: Values | null;
  isChanged: boolean;
};
/** What references point to afterwards; null takes them out. */
export type Replacement = { id: string; type: string };
type Values = Record<string, unknown>;

const MAX_REFERRERS = 100;

/**
 * The entries that refer to any of `ids`, themselves left out; throws CONFLICT when there are more
 * than 100, FORBIDDEN when the actor may not do all `actions` to one of them.
 */
export async function readReferrers(
  ctx: Context,
  ids: string[],
  actions: readonly ContentAction[],
): Promise<Referrer[]> {
  const wanted = sql`(select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;
  const access = ctx.actor.grants && accessOf(ctx, await schemaOf(ctx));
  const may = (action: ContentAction) =>
    anyTypeSql(access!, action, sql`entry.type`, (type) => entryRow(type, "entry"), WHOLE);
  const granted = access ? sql`, ${sql.join(actions.map(may), sql` and `)}` : sql``;
  const { rows } = await ctx.db.read(sql`
    select entry.id, entry.type, entry.version, entry.published_version, entry.data,
      case when entry.published_version is not null then ${PUBLISHED_DATA} end,
      entry.published_version is not null and (entry.published_version <> entry.version
        or entry.published_data is not null)${granted}
    from entries entry left join entry_versions kept on ${inEnvironment(ctx, "kept")}
    and kept.entry_id = entry.id and kept.version = entry.published_version
    where ${inEnvironment(ctx, "entry")} and entry.id not in ${wanted}
      and entry.id in (select ref.entry_id from entry_refs ref where ${inEnvironment(ctx, "ref")}
      and ref.target_id in ${wanted})
    order by entry.id limit ${sql.raw(String(MAX_REFERRERS + 1))}`);
  if (rows.length > MAX_REFERRERS) throw tooMany();
  if (access && rows.some((row) => row[7] !== true))
    throw notGranted(actions.join(" and "), "every entry that refers to it");
  return rows.map(([id, type, version, publishedVersion, data, published, isChanged]) => ({
    id: id as string,
    type: type as string,
    version: version as number,
    publishedVersion: publishedVersion as number | null,
    data: data as Values,
    published: published as Values | null,
    isChanged: isChanged as boolean,
  }));
}

/**
 * Everything that refers to the entry, and what refers to that, as far as it goes; CONFLICT when it is
 * more than 100.
 */
export async function allReferrers(
  ctx: Context,
  id: string,
  isMeant: (referrer: Referrer) => boolean,
  actions: readonly ContentAction[],
): Promise<Referrer[]> {
  const found = new Map<string, Referrer>();
  for (let ids = [id]; ids.length > 0;) {
    const referrers = (await readReferrers(ctx, ids, actions)).filter(
      (one) => one.id !== id && !found.has(one.id) && isMeant(one),
    );
    for (const one of referrers) found.set(one.id, one);
    if (found.size > MAX_REFERRERS) throw tooMany();
    ids = referrers.map((one) => one.id);
  }
  return [...found.values()];
}

/** The new target of references; throws INVALID when it does not exist or is the deleted entry. */
export async function readReplacement(ctx: Context, id: string, to: string): Promise<Replacement> {
  const access = ctx.actor.grants && accessOf(ctx, await schemaOf(ctx));
  const seen = access ? sql` and ${seenSql(access, "entry")}` : sql``;
  const { rows } = await ctx.db.read(
    sql`select entry.type from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${to}${seen}`,
  );
  if (rows[0] && to !== id) return { id: to, type: rows[0][0] as string };
  const message = to === id ? "must be another entry" : `${to} does not exist`;
  throw invalid("content/broken-reference", `on_reference: ${message}.`, [{ path: "on_reference", message }]);
}

/**
 * Statements that repoint or remove a referrer's references to `id`, in the draft and in the published
 * version.
 */
export function repointStatements(
  ctx: Context,
  schema: EnvironmentSchema,
  referrer: Referrer,
  id: string,
  replacement: Replacement | null,
): SQL[] {
  const type = schema.types.get(referrer.type)!;
  const edited = (data: Values) => editedData(type, data, id, replacement);
  const statements: SQL[] = [];
  const draft = edited(referrer.data);
  if (draft !== referrer.data) {
    const fields = fitEntry(schema, type, draft, { leftOut: [], missing: new Map() });
    const values = readEntryValues(schema, type, fields, {
      locale: "*",
      allowIncomplete: true,
      isPartial: false,
      noDefaults: true,
      noSlugs: true,
      writing: { id: referrer.id, actor: ctx.actor, now: ctx.now() },
    });
    values.refusals.length = 0;
    const save = {
      mode: "put" as const,
      type: type.id,
      id: referrer.id,
      version: referrer.version,
      fields,
    };
    statements.push(saveStatement(ctx, schema, type, save, values, EDIT));
  }
  if (referrer.published === null) return statements;
  const published = edited(referrer.published);
  if (published === referrer.published) return statements;
  requireWritable(ctx, schema, type, referrer.published, published);
  requireComplete(type, referrer.id, referrer.published, published);
  if (!referrer.isChanged)
    statements.push(publishStatement(ctx, schema, { id: referrer.id, allowIncomplete: true }, EDIT));
  else statements.push(patchPublished(ctx, schema, type, referrer.id, published));
  return statements;
}

/**
 * Throws FORBIDDEN when the actor may not write a field that differs, in every entry that they may
 * write.
 */
function requireWritable(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  before: Values,
  now: Values,
): void {
  const access = accessOf(ctx, schema);
  if (!access) return;
  const locales = [...schema.chains.keys()];
  const refused = [...type.fields.keys()].find(
    (id) =>
      ownValue(before, id) !== ownValue(now, id) &&
      !isWhollyGranted(access, type, "content:write", id, locales),
  );
  if (refused === undefined) return;
  throw new AppError(
    "FORBIDDEN",
    "access/field-not-writable",
    `Your roles do not let you write ${refused} of ${type.id}, which refers to it.`,
    { details: [{ path: refused, message: "cannot be written by you" }] },
  );
}

/** Replaces the published data of an entry that has unpublished changes. */
function patchPublished(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  id: string,
  data: Values,
): SQL {
  const rows: { fieldRows: FieldRow[]; refRows: RefRow[] } = { fieldRows: [], refRows: [] };
  for (const field of type.fields.values()) {
    const value = ownValue(data, field.id);
    if (!field.localized) addRows(rows, field, "", value);
    else for (const [locale, one] of Object.entries(value ?? {})) addRows(rows, field, locale, one);
  }
  const tree = publishedTreeCte(ctx, schema, id, {
    type: sql`${type.id}::text`,
    data: sql`${JSON.stringify(data)}::jsonb`,
    from: sql``,
  });
  const refusal = tree ? sql`(select refusal from tree)` : sql`null::jsonb`;
  const fieldRows = JSON.stringify(rows.fieldRows.filter((row) => isMark(row) || row.f.includes(".")));
  return sql`with ${typeModel(ctx, sql`${type.id}::text`)},${tree ? sql` ${tree},` : sql``}
    saved as (update entries entry set published_data = ${JSON.stringify(data)}::jsonb
      where ${inEnvironment(ctx, "entry")} and entry.id = ${id} and ${refusal} is null returning entry.*),
    gone_refs as (delete from entry_refs old using saved where ${inEnvironment(ctx, "old")}
      and old.entry_id = saved.id and old.perspective = 1
      and not exists (select 1 from jsonb_to_recordset(${JSON.stringify(rows.refRows)}::jsonb) as
        fresh(f text, l text, o int)
        where fresh.f = old.field and fresh.l = old.locale and fresh.o = old.ordinal)),
    put_refs as (insert into entry_refs (tenant_id, environment_id, entry_id, perspective, field, locale,
      ordinal, type, target_id, published_at)
      select ${ctx.tenantId}::uuid, saved.environment_id, saved.id, 1, f, l, o, saved.type, fresh.id,
        saved.published_at
      from saved, jsonb_to_recordset(${JSON.stringify(rows.refRows)}::jsonb) as fresh(f text, l text, o int,
        id text)
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
      set target_id = excluded.target_id),
    gone_inner as (delete from entry_fields old using saved where ${inEnvironment(ctx, "old")}
      and old.entry_id = saved.id and old.perspective = 1 and position('.' in old.field) > 0
      and not exists (select 1 from jsonb_to_recordset(${fieldRows}::jsonb) as fresh(f text, l text, o int)
        where fresh.f = old.field and fresh.l = old.locale and fresh.o = old.ordinal)),
    put_fields as (insert into entry_fields as old (tenant_id, environment_id, entry_id, perspective, field,
      locale, ordinal, type, text_value, number_value, decimal_value, time_value, element, published_at)
      select ${ctx.tenantId}::uuid, saved.environment_id, saved.id, 1, f, l, o, saved.type, t, n, d, m, x,
        saved.published_at
      from saved, jsonb_to_recordset(${fieldRows}::jsonb) as fresh(f text, l text, o int, t text,
        n double precision, d numeric, m timestamptz, x text)
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
      set text_value = excluded.text_value, element = excluded.element where position('.' in old.field) > 0),
    ${renderDocs(schema, sql`saved.published_data`)},
    put_docs as (update published_entries shown set doc = docs.doc from docs
      where ${inEnvironment(ctx, "shown")} and shown.entry_id = docs.id and shown.locale = docs.locale),
    ${record(ctx, {
      event: "entry.published",
      from: sql`saved`,
      subject: sql`'entry:' || saved.id`,
      payload: sql`jsonb_build_object('id', saved.id, 'type', saved.type, 'version', saved.version)`,
      meta: sql`jsonb_build_object('version', saved.published_version, 'locales', null)`,
    })}
    select (select id::text from event_row)${mustHold(EDIT, sql`${refusal} is null`, [refusal])}`;
}

/** The row of a list that is empty. */
const isMark = ({ t, n, d, m }: FieldRow) => [t, n, d, m].every((cell) => cell === undefined);

/** The same object when nothing in it referred to `id`. */
function editedData(type: CompiledType, data: Values, id: string, replacement: Replacement | null): Values {
  let edited = data;
  for (const field of type.fields.values()) {
    const value = ownValue(data, field.id);
    if (value === undefined || value === null) continue;
    const next = field.localized
      ? Object.fromEntries(
          Object.entries(value as Values).map(([locale, one]) => [
            locale,
            editedValue(field, one, id, replacement),
          ]),
        )
      : editedValue(field, value, id, replacement);
    if (JSON.stringify(next) !== JSON.stringify(value)) edited = { ...edited, [field.id]: next };
  }
  return edited;
}

function editedValue(field: Field, value: unknown, id: string, replacement: Replacement | null): unknown {
  if (value === null || value === undefined) return value;
  if (filterKind(field) === "reference") {
    const values = Array.isArray(value) ? (value as string[]) : [value as string];
    if (!values.includes(id)) return value;
    if (replacement && field.to && !field.to.includes(replacement.type)) throw wrongType(field, replacement);
    const to = replacement?.id ?? null;
    if (!Array.isArray(value)) return to;
    return [...new Set(values.map((one) => (one === id ? to : one)).filter((one) => one !== null))];
  }
  const inside = (fields: Field[], owner: Values): Values => ({
    ...owner,
    ...Object.fromEntries(
      fields
        .filter((inner) => Object.hasOwn(owner, inner.id))
        .map((inner) => [inner.id, editedValue(inner, owner[inner.id], id, replacement)]),
    ),
  });
  if (field.type === "rich_text") {
    const doc = replaceReferences(value as never, id, replacement?.id ?? null) as unknown;
    return withCustom(field, doc, ({ fields, attrs }) => inside(fields, attrs));
  }
  if (field.type === "component")
    return Array.isArray(value)
      ? value.map((one) => inside(field.fields!, one as Values))
      : inside(field.fields!, value as Values);
  if (field.type !== "blocks") return value;
  return (value as (Values & { type: string })[]).map((block) =>
    inside(field.components!.find((one) => one.id === block.type)?.fields ?? [], block),
  );
}

/** What is published cannot lose a value that its type requires, at whatever depth. */
function requireComplete(type: CompiledType, entry: string, before: Values, after: Values): void {
  for (const field of type.fields.values()) {
    const [old, now] = [ownValue(before, field.id), ownValue(after, field.id)];
    if (old === now) continue;
    const known = new Set(problemsOf(field, old).map(({ path }) => path));
    const lost = problemsOf(field, now).find(({ path }) => !known.has(path));
    if (!lost) continue;
    throw new AppError(
      "CONFLICT",
      "content/reference-required",
      `The published ${type.id} ${entry} needs its ${lost.path}: use cascade or repoint:{id}.`,
      { details: [{ path: lost.path, message: "is required", entry, type: type.id }] },
    );
  }
}

/** What is wrong with the stored value of a field as a published one. */
function problemsOf(field: Field, stored: unknown): ErrorDetail[] {
  const issues: ErrorDetail[] = [];
  const check = { issues, allowIncomplete: false };
  if (!field.localized) checkValue(field, stored, field.id, check);
  else
    for (const [locale, value] of Object.entries(stored ?? {}))
      checkValue(field, value, `${field.id}.${locale}`, check);
  return issues;
}

function wrongType(field: Field, { id, type }: Replacement): AppError {
  const message = `${id} is a ${type}: this field takes ${field.to!.join(" or ")}`;
  return invalid("content/broken-reference", `${field.id}: ${message}.`, [{ path: field.id, message }]);
}

const tooMany = () =>
  new AppError(
    "CONFLICT",
    "content/too-many-references",
    `More than ${MAX_REFERRERS} entries refer to it and would be changed: change their references first.`,
  );
