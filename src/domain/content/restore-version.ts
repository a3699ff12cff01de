import type { Context } from "../../core/context.ts";
import { cutText } from "../../core/cut-text.ts";
import { AppError } from "../../core/errors.ts";
import { newId } from "../../core/ids.ts";
import { requirePermission } from "../../core/permissions.ts";
import type { Precondition } from "../../core/preconditions.ts";
import { MAX_SLUG_CHARS, typeOf, withSchema, type CompiledType, type Field } from "../types/index.ts";
import { readEntryValues } from "./entry-input.ts";
import type { Entry } from "./present-entry.ts";
import { readVersion } from "./read-versions.ts";
import { readOutcome, runOnceMoreWhenTaken, saveStatement } from "./save-entry.ts";

type Values = Record<string, unknown>;
type Stored = {
  type: string;
  id: string;
  data: Values;
  mode: "create" | "put";
  version?: number | undefined;
  precondition?: Precondition | undefined;
  createdAt?: string | undefined;
  isRestored?: boolean;
};

/** Makes an older version the working copy again, as a new version. A stale `current` is a CONFLICT. */
export async function restoreVersion(
  ctx: Context,
  input: {
    type: string;
    id: string;
    version: number;
    current?: number | undefined;
    precondition?: Precondition | undefined;
  },
): Promise<Entry> {
  requirePermission(ctx, "content:write");
  const { data } = await readVersion(ctx, { ...input, isToBeSaved: true });
  return saveStored(ctx, { ...input, data: data as Values, mode: "put", version: input.current });
}

/**
 * Copies the working copy of an entry under a new id. Unique fields are left empty, slugs get an ending; `fields` are put
 * over the copy.
 */
export async function duplicateEntry(
  ctx: Context,
  input: { type: string; id: string; newId?: string | undefined; fields?: Values | undefined },
): Promise<Entry> {
  requirePermission(ctx, "content:write");
  const { data } = await readVersion(ctx, { ...input, version: undefined, isToBeSaved: true });
  const id = input.newId ?? newId("cnt", ctx.now().getTime());
  const copyOf = { type: input.type, id, data: data as Values, mode: "create" as const };
  const save = (ending: string) =>
    saveStored(ctx, copyOf, (type, copy) => ({ ...withoutUnique(type, copy, ending), ...input.fields }));
  try {
    return await save("-copy");
  } catch (error) {
    // There is a copy already.
    if (!(error instanceof AppError) || error.reason !== "content/slug-taken") throw error;
    return save(`-copy-${id.slice(-6)}`);
  }
}

/** Saves data as it is stored, past what a type asks of complete entries; fields that the type lost are left out. */
export function saveStored(
  ctx: Context,
  stored: Stored,
  change: (type: CompiledType, data: Values) => Values = (_type, data) => data,
): Promise<Entry> {
  return withSchema(ctx, {
    plan(schema) {
      const type = typeOf(schema, stored.type);
      const kept = Object.fromEntries(Object.entries(stored.data).filter(([id]) => type.fields.has(id)));
      const fields = change(type, kept);
      const save = { ...stored, fields, reusesId: true };
      const values = readEntryValues(schema, type, fields, {
        locale: "*",
        allowIncomplete: true,
        isPartial: false,
      });
      return { type, save, statement: saveStatement(ctx, schema, type, save, values) };
    },
    run: ({ statement }) => runOnceMoreWhenTaken(ctx, statement),
    read: ({ results }, schema, { type, save }) =>
      readOutcome(ctx, schema, type, save, results[0]![0]!).entry,
  });
}

/** A slug with an ending, shortened where both are too long: never inside of a character. */
function ended(field: Field, slug: unknown, ending: string): string {
  const room = Math.min(field.max ?? MAX_SLUG_CHARS, MAX_SLUG_CHARS) - ending.length;
  return `${cutText(String(slug), Math.max(1, room)).replace(/[\p{Join_C}/]+$/u, "")}${ending}`;
}

function withoutUnique(type: CompiledType, data: Values, ending: string): Values {
  const copy = { ...data };
  for (const field of type.fields.values()) {
    const value = copy[field.id];
    if (value === undefined || value === null) continue;
    if (field.type === "slug") {
      copy[field.id] = field.localized
        ? Object.fromEntries(
            Object.entries(value as Values).map(([locale, one]) => [locale, ended(field, one, ending)]),
          )
        : ended(field, value, ending);
    } else if (field.unique) delete copy[field.id];
  }
  return copy;
}
