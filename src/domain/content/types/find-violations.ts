import { ownValue } from "../../../core/own-value.ts";
import { sameValue } from "../../../core/same-value.ts";
import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, type ErrorDetail } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { textArray } from "../../../db/text-array.ts";
import {
  changeStored,
  hasValue,
  noChanges,
  onlyAdds,
  type Target,
  type ValueChanges,
} from "./change-values.ts";
import { becomesTree, findCycles } from "./find-cycles.ts";
import { keepsToRules } from "./media-rules.ts";
import { kindOf } from "./field-kinds/index.ts";
import { PUBLISHED_DATA } from "./published-data.ts";
import { findDuplicates, newSets } from "./find-duplicates.ts";
import type { Step } from "./renames.ts";
import { reshapedSql } from "./reshape-entries.ts";
import type { Field, ResolvedType } from "./schemas.ts";

const PAGE = 5000;
const MAX_PAGES = 40;
const MAX_VIOLATORS = 20;
const MAX_REWRITTEN_BYTES = 16_000_000;

type Values = Record<string, unknown>;
/** The changed fields of an entry, null for removed values. `published` where it differs. */
export type Rewrite = { id: string; draft: Values; published: Values | null };
/** A content type before and after a change, and how its values move before they are compared. */
export type TypeStep = {
  before: ResolvedType;
  after: ResolvedType;
  steps: Step[];
  /** The id of the type by which its entries are stored until then. */
  storedAs: string;
};
export type Found = {
  violations: ErrorDetail[];
  rewrites: Rewrite[];
  /** Types whose entries were read, and a text that differs once any of them was written. */
  read: string[];
  fingerprint: string;
};

type Options = {
  defaultLocale: string;
  chains: ReadonlyMap<string, string[]>;
  allowDataLoss: boolean;
  /** Done between pages. */
  onPage?: () => Promise<void>;
};

/**
 * The effect of new type definitions on their entries, as working copies and published: at most 20
 * entries that become invalid or lose values (unless that is allowed), each with its path, and the
 * changes of values. `fingerprint` detects later changes of entries. Reads 5,000 entries per round trip;
 * none of types to which optional fields are added.
 */
export async function findViolations(
  ctx: Context,
  steps: readonly TypeStep[],
  options: Options,
): Promise<Found> {
  const byType = new Map<string, Changed[]>();
  for (const { before, after, storedAs } of steps) {
    const fields = changedFields(before, after);
    if (fields.length > 0) byType.set(storedAs, fields);
  }
  const single = steps.filter(({ before, after }) => after.singleton && !before.singleton);
  const sets = steps.map((step) => ({ ...step, sets: newSets(step.before, step.after) }));
  const together = sets.filter((one) => one.sets.length > 0);
  const trees = steps.filter(becomesTree);
  const asked = [...single, ...together, ...trees].map(({ storedAs }) => storedAs);
  const read = [...new Set([...byType.keys(), ...asked])];
  const found: Found = { violations: [], rewrites: [], read, fingerprint: "" };
  if (read.length === 0) return found;
  found.fingerprint = (await ctx.db.read(fingerprintOf(ctx, read))).rows[0]![0] as string;
  for (const { storedAs } of single) found.violations.push(...(await beyondOne(ctx, storedAs)));
  for (const step of trees) found.violations.push(...(await findCycles(ctx, step)));
  for (const { after, storedAs, steps: moves, sets: ids } of together)
    found.violations.push(
      ...(await findDuplicates(ctx, { ...after, id: storedAs }, ids, {
        locales: [...options.chains.keys()],
        now: (data) => reshapedSql(data, moves),
        limit: MAX_VIOLATORS,
      })),
    );
  const given = steps
    .filter(({ storedAs }) => byType.has(storedAs))
    .map(({ before, storedAs, steps: moves }) => ({
      type: storedAs,
      moves,
      fields: byType.get(storedAs)!.map(({ id }) => id),
      localized: before.fields.filter((field) => field.localized).map(({ id }) => id),
    }));
  const present = new Map(steps.map(({ storedAs, after }) => [storedAs, after.id]));
  const work: Work = { ...options, found, seen: new Map(), bytes: 0, targets: [] };
  for (let page = 0, last = ""; given.length > 0 && found.violations.length < MAX_VIOLATORS; page++) {
    if (page === MAX_PAGES) throw tooMany(`More than ${PAGE * MAX_PAGES} entries would have to be checked`);
    const { rows } = await ctx.db.read(pageOf(ctx, given, last, options.defaultLocale));
    for (const [id, type, draft, published, shownIn] of rows as [
      string,
      string,
      Values,
      Values | "same" | null,
      string[],
    ][]) {
      if (found.violations.length >= MAX_VIOLATORS) break;
      checkEntry(work, { id, type, fields: byType.get(type)!, draft, published, shownIn });
    }
    found.violations.push(...(await misled(ctx, work.targets.splice(0), present)));
    if (rows.length < PAGE) break;
    await options.onPage?.();
    last = rows.at(-1)![0] as string;
  }
  found.violations.length = Math.min(found.violations.length, MAX_VIOLATORS);
  return found;
}

/** The entries of a type that is to have one only, when it has several. */
async function beyondOne(ctx: Context, type: string): Promise<ErrorDetail[]> {
  const { rows } = await ctx.db.read(sql`select entry.id from entries entry
    where ${inEnvironment(ctx, "entry")} and entry.type = ${type} order by entry.id
    limit ${MAX_VIOLATORS}::int`);
  if (rows.length < 2) return [];
  return (rows as [string][]).map(([entry]) => ({
    path: "singleton",
    message: `is for types with one entry: ${entry} is one of several`,
    entry,
  }));
}

type Given = { type: string; moves: Step[]; fields: string[]; localized: string[] };

/** The changed fields of the entries of these types behind an id. */
function pageOf(ctx: Context, given: readonly Given[], last: string, defaultLocale: string) {
  const now = (data: SQL) =>
    given.some(({ moves }) => moves.length > 0) ? sql`cms_reshape(${data}, given.moves)` : data;
  const pick = (data: SQL) =>
    sql`(select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(${now(data)})
      where key = any (given.fields))`;
  return sql`
    select entry.id, entry.type, ${pick(sql`entry.data`)}, case when entry.published_version is null then null
        when entry.published_version = entry.version and entry.published_data is null then '"same"'::jsonb
        else ${pick(PUBLISHED_DATA)} end,
      ${localesShown(defaultLocale, now(PUBLISHED_DATA))}
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
      as given (type text, moves jsonb, fields text[], localized text[])
    join entries entry on ${inEnvironment(ctx, "entry")} and entry.type = given.type
    left join entry_versions kept on ${inEnvironment(ctx, "kept")}
      and kept.entry_id = entry.id and kept.version = entry.published_version
    where entry.type = any (${textArray(given.map(({ type }) => type))}) and entry.id > ${last}
    order by entry.id limit ${PAGE}::int`;
}

/**
 * The locales in which an entry is published: the requested ones, or the default one and every locale
 * with values.
 */
function localesShown(defaultLocale: string, published: SQL) {
  return sql`case when entry.published_version is null then '[]' when entry.published_locales is not null
      then (select jsonb_agg(locale) from jsonb_object_keys(entry.published_locales) locale)
    else jsonb_build_array(${defaultLocale}::text) || coalesce((select jsonb_agg(distinct shown.key)
      from jsonb_each(${published}) field,
        jsonb_each(case when jsonb_typeof(field.value) = 'object' then field.value else '{}' end) shown
      where field.key = any (given.localized) and shown.value <> 'null'
      and shown.key <> ${defaultLocale}), '[]') end`;
}

/** References to entries of types that the field does not take any more. */
async function misled(
  ctx: Context,
  targets: Target[],
  present: ReadonlyMap<string, string>,
): Promise<ErrorDetail[]> {
  if (targets.length === 0) return [];
  const ids = [...new Set(targets.map(({ id }) => id))];
  const { rows } = await ctx.db
    .read(sql`select entry.id, entry.type from entries entry where ${inEnvironment(ctx, "entry")}
    and entry.id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`);
  const types = new Map((rows as [string, string][]).map(([id, type]) => [id, present.get(type) ?? type]));
  const refused = await refusedAssets(ctx, targets);
  return targets.flatMap(({ id, to, rules, ...detail }) => {
    const isRefused = rules !== undefined && refused.has(`${id} ${JSON.stringify(rules)}`);
    return isRefused || (to && types.has(id) && !to.includes(types.get(id)!)) ? [detail] : [];
  });
}

/** Assets that do not keep to the rules that a field has now, each with those. */
async function refusedAssets(ctx: Context, targets: Target[]): Promise<Set<string>> {
  const asked = new Map(
    targets.flatMap(({ id, rules }) =>
      rules ? [[`${id} ${JSON.stringify(rules)}`, { id, rules }] as const] : [],
    ),
  );
  if (asked.size === 0) return new Set();
  const keys = [...asked.keys()];
  const { rows } = await ctx.db.read(sql`select given.place::int - 1
    from jsonb_array_elements(${JSON.stringify([...asked.values()])}::jsonb) with ordinality given (asked, place)
    join assets on ${inEnvironment(ctx, "assets")} and assets.id = given.asked ->> 'id'
    where not (${keepsToRules("assets", sql`(given.asked -> 'rules')`)})`);
  return new Set(rows.map(([place]) => keys[place as number]!));
}

/** A text that differs once any entry of the types was written, published, created or deleted. */
export function fingerprintOf(ctx: Context, types: readonly string[]) {
  return sql`select coalesce(string_agg(one, ' ' order by one), '') from (select type || ':' || count(*)
      || ':' || coalesce(sum(version), 0) || ':' || coalesce(max(updated_at)::text, '')
      || ':' || coalesce(sum(published_version),
        0) || ':' || coalesce(sum(hashtextextended(published_locales::text, 0)), 0) as one from entries
    where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid
    and type = any (${textArray(types)}) group by type) each_type`;
}

type Changed = { id: string; before: Field | undefined; after: Field | undefined };
type Work = Options & {
  found: Found;
  /** The owner of each value of a unique field. */
  seen: Map<string, string>;
  bytes: number;
  /** References that may not stay as they are: it depends on what they point to. */
  targets: Target[];
};
type Perspective = "draft" | "published";

function changedFields(before: ResolvedType, after: ResolvedType): Changed[] {
  const old = new Map(before.fields.map((field) => [field.id, field]));
  const now = new Map(after.fields.map((field) => [field.id, field]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((id) => ({ id, before: old.get(id), after: now.get(id) }))
    .filter(({ before: was, after: is }) =>
      was && is ? !onlyAdds(was, is) : was !== undefined || is!.required,
    );
}

type Copies = {
  id: string;
  type: string;
  fields: Changed[];
  draft: Values;
  published: Values | "same" | null;
  shownIn: string[];
};

function checkEntry(work: Work, { id, type, fields, draft, published, shownIn }: Copies): void {
  const { found, allowDataLoss } = work;
  const ofDraft = changesOf(work, {
    id,
    type,
    fields,
    data: draft,
    perspective: "draft",
    isPublished: published === "same",
    shownIn,
  });
  const ofPublished =
    published === null || published === "same"
      ? null
      : changesOf(work, {
          id,
          type,
          fields,
          data: published,
          perspective: "published",
          isPublished: true,
          shownIn,
        });
  if (!allowDataLoss && found.violations.length > 0) return;
  const rewrite = { id, draft: ofDraft, published: ofPublished };
  // Whole fields that go are taken away by the statement that writes the type.
  const isSmall = (changes: Values | null) =>
    Object.keys(changes ?? {}).every((one) => fields.some(({ id: at, after }) => at === one && !after));
  if (isSmall(ofDraft) && isSmall(ofPublished)) return;
  work.bytes += JSON.stringify(rewrite).length;
  if (work.bytes > MAX_REWRITTEN_BYTES)
    throw tooMany("More values would have to be removed than one change can rewrite");
  found.rewrites.push(rewrite);
}

/** The values of an entry in one perspective; both when the working copy is the published version. */
type Copy = {
  id: string;
  type: string;
  fields: Changed[];
  data: Values;
  perspective: Perspective;
  isPublished: boolean;
  shownIn: string[];
};

/** The changed fields of one perspective, with their values. */
function changesOf(work: Work, copy: Copy): Values {
  const { id: entry, data, perspective, isPublished, shownIn } = copy;
  const changed: Values = {};
  const { defaultLocale, chains } = work;
  for (const { id, before, after } of copy.fields) {
    const one = noChanges(isPublished);
    const stored = ownValue(data, id) ?? null;
    const now = changeStored(before, after, stored, { defaultLocale, chains, shownIn }, one);
    if (!sameValue(now ?? null, stored)) changed[id] = now ?? null;
    if (after) checkUnique(work, after, now, copy, one);
    const told = work.allowDataLoss ? one.violations : [...one.losses, ...one.violations];
    const located = <T extends ErrorDetail>(issue: T) => {
      const where = (issue["perspective"] ?? perspective) as Perspective;
      const message = `${issue.message} (${entry}${where === "published" ? ", published" : ""})`;
      return { ...issue, message, entry, perspective: where };
    };
    work.found.violations.push(...told.map(located));
    work.targets.push(...one.targets.map(located));
  }
  return changed;
}

/** Values are unique among working copies, and among published versions. */
function checkUnique(
  work: Work,
  field: Field,
  stored: unknown,
  { id: entry, type, perspective, isPublished }: Copy,
  found: ValueChanges,
): void {
  if (!field.unique && field.type !== "slug") return;
  const values: [string, unknown][] = field.localized ? Object.entries(stored ?? {}) : [["", stored]];
  for (const [locale, value] of values) {
    if (!hasValue(value) || value === "") continue;
    const path = locale === "" ? field.id : `${field.id}.${locale}`;
    const among = (["draft", "published"] as const).filter(
      (one) => one === perspective || (one === "published" && isPublished),
    );
    for (const where of among) {
      const key = `${type}\n${where}\n${path}\n${kindOf(field).identity?.(value) ?? String(value)}`;
      const other = work.seen.get(key);
      work.seen.set(key, entry);
      if (other === undefined) continue;
      const at = locale === "" ? {} : { locale };
      found.violations.push({ path, message: `has the same value as ${other}`, perspective: where, ...at });
      break;
    }
  }
}

const tooMany = (what: string) =>
  new AppError("INVALID", "types/too-many-entries", `${what}: add a new field instead.`);
