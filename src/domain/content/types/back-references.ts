import { AppError, invalid, type ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import type { CompiledType } from "./compile-type.ts";
import type { EnvironmentSchema } from "./schema-of-environment.ts";
import {
  RESERVED_FIELD_IDS,
  RESERVED_WORDS,
  type BackReference,
  type Field,
  type TypeDefinition,
} from "./schemas.ts";

/** A back reference with what it leads to. */
export type BackLink = { id: string; type: CompiledType; field: Field };

/** The list of that name that entries of a type have; undefined where there is none. */
export function backReferenceOf(
  schema: EnvironmentSchema,
  owner: CompiledType,
  id: string,
): BackLink | undefined {
  const named = owner.backReferences.get(id);
  const type = named && schema.types.get(named.type);
  const field = type?.fields.get(type.former.get(named!.field) ?? named!.field);
  return type && field ? { id, type, field } : undefined;
}

/** The lists of a type, as what they lead to. */
export const backReferencesOf = (schema: EnvironmentSchema, owner: CompiledType): BackLink[] =>
  [...owner.backReferences.keys()].flatMap((id) => backReferenceOf(schema, owner, id) ?? []);

/** The names of a type's lists; problems are added to `issues`. */
export function checkBackReferenceIds(
  { back_references: lists = [], fields }: TypeDefinition,
  issues: ErrorDetail[],
): void {
  lists.forEach(({ id }, i) => {
    const say = (message: string) => addDetail(issues, `back_references[${i}].id`, message);
    if (lists.findIndex((one) => one.id === id) !== i) say(`"${id}" is used twice`);
    if (fields.some((field) => field.id === id)) say(`"${id}" is a field of the type: choose another`);
    if ([...RESERVED_FIELD_IDS, ...RESERVED_WORDS].includes(id)) say(`"${id}" is reserved: choose another`);
  });
}

type Definition = Pick<TypeDefinition, "id" | "fields" | "back_references"> & {
  /** Former ids of fields, each with the present one: lists follow. */
  former?: Readonly<Record<string, string>> | undefined;
};

/**
 * Throws unless each list of a type that changes, and each list that names such a type, leads to a
 * reference field that may refer to the list's type.
 */
export function requireBackReferences(
  types: ReadonlyMap<string, Definition>,
  changed: ReadonlyMap<string, Definition | undefined>,
): void {
  const issues: ErrorDetail[] = [];
  const broken: ErrorDetail[] = [];
  for (const owner of types.values())
    owner.back_references?.forEach((list, i) => {
      if (!changed.has(owner.id) && !changed.has(list.type)) return;
      const wrong = problemOf(types, owner.id, list);
      if (!wrong || (wrong.key === "type" && named(changed.get(owner.id), list))) return;
      const path = `back_references[${i}].${wrong.key}`;
      if (changed.has(owner.id))
        addDetail(issues, path, wrong.message, { written: list[wrong.key], valid: () => wrong.valid });
      else broken.push({ path: `types.${owner.id}.${path}`, message: wrong.message });
    });
  if (issues.length > 0) throw invalid("types/invalid-definition", "The content type is not valid.", issues);
  if (broken.length > 0) throw backReferenced(broken);
}

/** The refusal to take away what lists of other types are made of. */
export const backReferenced = (details: ErrorDetail[]): AppError =>
  new AppError(
    "CONFLICT",
    "types/back-referenced",
    `Back references of other types are made of this: change ${details
      .slice(0, 5)
      .map(({ path }) => path)
      .join(", ")} first.`,
    { details: details.slice(0, 50) },
  );

/** The lists of other types that are made of entries of a type. */
export const listsOf = (types: ReadonlyMap<string, Definition>, id: string): ErrorDetail[] =>
  [...types.values()].flatMap((owner) =>
    owner.id === id
      ? []
      : (owner.back_references ?? []).flatMap(({ type }, i) =>
          type === id
            ? [{ path: `types.${owner.id}.back_references[${i}]`, message: `is made of entries of "${id}"` }]
            : [],
        ),
  );

/** Whether a definition had a list before: its type was deleted since. */
const named = (before: Definition | undefined, { id, type }: BackReference): boolean =>
  before?.back_references?.some((one) => one.id === id && one.type === type) === true;

type Problem = { key: "type" | "field"; message: string; valid: readonly string[] };

function problemOf(
  types: ReadonlyMap<string, Definition>,
  owner: string,
  { type, field: written }: BackReference,
): Problem | undefined {
  const referring = types.get(type);
  if (!referring)
    return { key: "type", message: `there is no content type "${type}".`, valid: [...types.keys()] };
  const leadsHere = ({ type: kind, to }: Definition["fields"][number]) =>
    kind === "reference" && (to === undefined || to.includes(owner));
  const id = referring.former?.[written] ?? written;
  const field = referring.fields.find((one) => one.id === id);
  if (field && leadsHere(field)) return undefined;
  const valid = referring.fields.filter(leadsHere).map((one) => one.id);
  const message = field
    ? `"${type}.${id}" is no reference field that may refer to "${owner}".`
    : `"${type}" has no field "${id}".`;
  return { key: "field", message, valid };
}
