import { ownValue } from "../../../../core/own-value.ts";
import type { Row } from "../../../../core/context.ts";
import {
  decide,
  FACTS,
  isWhollyGranted,
  type Access,
  type ContentAction,
  type Subject,
} from "../../grants/index.ts";
import type { CompiledType, EnvironmentSchema, Field } from "../../types/index.ts";
import type { Can } from "../schemas.ts";
import { readablePart } from "./mask-inside.ts";

type Values = Record<string, unknown>;

/** An entry as conditions see it: what is answered of it, and its stored data. */
export function subjectOf(entry: Values, data: Values): Subject {
  return { facts: Object.fromEntries(FACTS.map((name) => [name, entry[name] ?? null])), data };
}

/** What is published of an entry as conditions see it; `given` is what its finished answer does not say. */
export function publishedSubject(type: CompiledType, doc: Values, given: unknown): Subject {
  const { stored, ...facts } = (given ?? {}) as Values;
  const known: Values = { ...doc, ...facts };
  const stage = known["stage"] ?? type.definition.review?.stages[0]!.id;
  return subjectOf({ ...known, stage }, { ...((stored ?? doc) as Values) });
}

/** Whether some fields of a type's entries are hidden from the actor, always or in some entries. */
export function hasMask(access: Access, type: CompiledType, action: ContentAction, locale: string): boolean {
  const key = `${type.id} ${action} ${locale}`;
  let isMasked = access.masks.get(key);
  if (isMasked === undefined) {
    isMasked =
      locale === "*" ||
      [...type.fields.values()].some((field) => {
        const origins = field.localized ? chainOf(access.schema, locale) : undefined;
        return !isWhollyGranted(access, type, action, field.id, [locale], origins);
      });
    access.masks.set(key, isMasked);
  }
  return isMasked;
}

const chainOf = (schema: EnvironmentSchema, locale: string) =>
  schema.chains.get(locale) ?? [schema.defaultLocale];

/** The possible locales of a field's value: the actual one, or the whole fallback chain if unknown. */
function originsOf(schema: EnvironmentSchema, field: Field, subject: Subject, locale: string): string[] {
  if (!field.localized) return [locale];
  const chain = chainOf(schema, locale);
  const stored = ownValue(subject.data, field.id) ?? {};
  if (typeof stored !== "object" || Array.isArray(stored)) return chain;
  const origin = chain.find(
    (one) => (stored as Values)[one] !== null && (stored as Values)[one] !== undefined,
  );
  return origin === undefined ? chain : [locale, origin];
}

/**
 * Takes out of an entry what the actor may not read of it, and answers it. With `*` localised fields
 * are objects by locale, of which the locales go that may not be read; in one locale a value goes
 * that is another's, which may not be read.
 */
export function masked<T extends Values>(
  access: Access,
  type: CompiledType,
  action: ContentAction,
  entry: T,
  subject: Subject,
  locale: string,
): T {
  const { schema } = access;
  const all = [...schema.chains.keys()];
  const may = (field: string, one: string) =>
    decide(access, type, action, { entry: subject, locale: one, field }).isGranted;
  const shown = entry as Values;
  // Only readable locales are listed as published.
  if (typeof shown["published_locales"] === "object" && shown["published_locales"] !== null)
    shown["published_locales"] = Object.fromEntries(
      Object.entries(shown["published_locales"]).filter(
        ([one]) => decide(access, type, action, { entry: subject, locale: one }).isGranted,
      ),
    );
  // What was written need not be what may be read.
  const isSeen = () => decide(access, type, action, { entry: subject, locale }).isGranted;
  if (!hasMask(access, type, action, locale) && isSeen()) return entry;
  // An answer that was made before a field was renamed has it under its former id.
  for (const id of type.former.keys()) if (!type.fields.has(id)) delete shown[id];
  for (const field of type.fields.values()) {
    if (!Object.hasOwn(shown, field.id)) continue;
    const readable = (value: unknown, isMine: (path: string) => boolean) =>
      readablePart({ access, type, may: isMine }, field, value);
    const origins = locale === "*" ? all : originsOf(schema, field, subject, locale);
    if (locale === "*" && field.localized)
      shown[field.id] = maskedLocales(shown[field.id], (value, one) =>
        readable(value, (path) => may(path, one)),
      );
    else if (locale === "*")
      shown[field.id] = readable(shown[field.id], (path) => all.some((one) => may(path, one)));
    else shown[field.id] = readable(shown[field.id], (path) => origins.every((one) => may(path, one)));
    if (shown[field.id] === undefined) delete shown[field.id];
  }
  return entry;
}

function maskedLocales(value: unknown, readable: (value: unknown, locale: string) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const left = Object.entries(value)
    .map(([locale, one]) => [locale, readable(one, locale)] as const)
    .filter(([, one]) => one !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/**
 * Stored data as versions and the trash show it, without what the actor may not read; names that the
 * type lost go too.
 */
export function maskedData(access: Access, type: CompiledType, data: Values, subject: Subject): Values {
  const known = Object.fromEntries(Object.entries(data).filter(([id]) => type.fields.has(id)));
  return masked(access, type, "content:read-draft", known, subject, "*");
}

/** Stored data as `maskedData` shows it to somebody who may read all of it. */
export function knownData(access: Access, type: CompiledType, data: Values): Values {
  const shown: Values = {};
  for (const field of type.fields.values()) {
    if (!Object.hasOwn(data, field.id)) continue;
    const all = (value: unknown) => readablePart({ access, type, may: () => true }, field, value);
    shown[field.id] = field.localized ? maskedLocales(data[field.id], all) : all(data[field.id]);
    if (shown[field.id] === undefined) delete shown[field.id];
  }
  return shown;
}

/**
 * The actor's permissions on a returned working copy, in its locale; `access` is undefined for an
 * unrestricted actor.
 */
export function canOf(
  access: Access | undefined,
  schema: EnvironmentSchema,
  type: CompiledType,
  subject: Subject,
  locale: string,
  may: (permission: ContentAction) => boolean,
): Can {
  const asked = locale === "*" ? [null, ...schema.chains.keys()] : [null, locale];
  const granted = (action: ContentAction, field?: string) =>
    may(action) &&
    (!access ||
      asked.some(
        (one) =>
          decide(access, type, action, { entry: subject, locale: one, ...(field ? { field } : {}) })
            .isGranted,
      ));
  const canUpdate = granted("content:write");
  const fields = canUpdate
    ? [...type.fields.values()].flatMap((field) =>
        writableIn(access, type, field, (path) => granted("content:write", path)),
      )
    : [];
  return {
    update: canUpdate,
    publish: granted("content:publish"),
    unpublish: granted("content:publish"),
    delete: granted("content:delete"),
    ...(canUpdate && fields.join() !== [...type.fields.keys()].join() ? { fields } : {}),
  };
}

/** The field, or the paths of what may be written of it where that is only a part. */
function writableIn(
  access: Access | undefined,
  type: CompiledType,
  field: Pick<Field, "id" | "fields" | "components">,
  may: (path: string) => boolean,
  path = field.id,
): string[] {
  const named = access?.namedBelow(type, path) ?? [];
  if (named.every((one) => may(one)) && may(path)) return [path];
  if (named.length === 0) return [];
  const inside = (fields: readonly Field[], at: string) =>
    fields.flatMap((one) => writableIn(access, type, one, may, `${at}.${one.id}`));
  return [
    ...inside(field.fields ?? [], path),
    ...(field.components ?? []).flatMap(({ id, fields }) => inside(fields, `${path}.${id}`)),
  ];
}

/** The stored data in a row of `entryColumns`. */
export const dataOf = (row: Row): Values => (row[8] ?? {}) as Values;
