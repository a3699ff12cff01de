import { UsageError } from "../command.ts";
import type { OldIds } from "./new-ids.ts";
import type { Block, Definition, Field, Model } from "./type-files.ts";

/** Old paths of fields with the new ones, by the id of their type or component. */
export type Renames = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The renames of files, of `--rename TYPE.OLD=NEW` and of `--rename OLD=NEW`, apart from the definitions. */
export function splitRenames(
  model: Model,
  flags: readonly string[],
): { model: Model; renames: Renames; oldIds: OldIds } {
  const renames = new Map<string, Record<string, string>>();
  const oldIds = { types: new Map<string, string>(), components: new Map<string, string>() };
  const split =
    (old: Map<string, string>) =>
    ({ renames: own, rename_from: from, ...definition }: Definition): Definition => {
      if (typeof own === "object" && own !== null) renames.set(definition.id, { ...(own as object) });
      if (typeof from === "string") old.set(definition.id, from);
      return definition as Definition;
    };
  const plain = {
    types: model.types.map(split(oldIds.types)),
    components: model.components.map(split(oldIds.components)),
  };
  const known = new Set([...plain.types, ...plain.components].map(({ id }) => id));
  for (const flag of flags) {
    const [, was, is] = /^([^.=]+)=([^.=]+)$/.exec(flag) ?? [];
    if (was && is) {
      if (!known.has(is)) throw new UsageError(`--rename "${flag}": there is no file for "${is}".`);
      oldIds[plain.types.some((one) => one.id === is) ? "types" : "components"].set(is, was);
      continue;
    }
    const [, id, from, to] = /^([^.=]+)\.([^=]+)=([^=]+)$/.exec(flag) ?? [];
    if (!id || !from || !to)
      throw new UsageError(`--rename "${flag}": write TYPE.OLD=NEW, such as post.name=title, or OLD=NEW.`);
    if (!known.has(id)) throw new UsageError(`--rename "${flag}": there is no file for "${id}".`);
    renames.set(id, { ...renames.get(id), [from]: to });
  }
  return { model: plain, renames, oldIds };
}

/** The renames that are still to be done, and the definition as they leave it. */
export function renamed(
  before: Definition,
  after: Definition,
  renames: Readonly<Record<string, string>> = {},
): { definition: Definition; done: [from: string, to: string][] } {
  const done = Object.entries(renames).filter(([from]) => fieldAt(before.fields, from.split(".")));
  const fields = done.reduce<readonly Field[]>((now, [from, to]) => {
    const field = fieldAt(now, from.split("."));
    if (!field) return now;
    return put(without(now, from.split(".")), after.fields, to.split("."), field);
  }, before.fields);
  return { definition: { ...before, fields: inOrderOf(after.fields, fields) }, done };
}

/** What is only in another order is no change of a field. */
function inOrderOf(after: readonly Field[], fields: readonly Field[]): Field[] {
  const place = ({ id }: Field) => after.findIndex((one) => one.id === id);
  return fields.length === after.length && fields.every((one) => place(one) >= 0)
    ? [...fields].sort((a, b) => place(a) - place(b))
    : [...fields];
}

type Inside = { fields: readonly Field[]; rest: string[]; with: (fields: readonly Field[]) => Field };

/** What is inside a field, and how the field is with something else inside. */
function inside(field: Field | undefined, [block, ...rest]: string[]): Inside | undefined {
  if (!field) return undefined;
  if (field.fields)
    return { fields: field.fields, rest: [block!, ...rest], with: (fields) => ({ ...field, fields }) };
  const found = field.components?.find((one): one is Block => typeof one !== "string" && one.id === block);
  return (
    found && {
      fields: found.fields,
      rest,
      with: (fields) => ({
        ...field,
        components: field.components!.map((one) => (one === found ? { ...found, fields } : one)),
      }),
    }
  );
}

function fieldAt(fields: readonly Field[], [id, ...rest]: string[]): Field | undefined {
  const field = fields.find((one) => one.id === id);
  if (rest.length === 0) return field;
  const inner = inside(field, rest);
  return inner && fieldAt(inner.fields, inner.rest);
}

function without(fields: readonly Field[], [id, ...rest]: string[]): readonly Field[] {
  if (rest.length === 0) return fields.filter((one) => one.id !== id);
  return fields.map((one) => {
    const inner = one.id === id ? inside(one, rest) : undefined;
    return inner ? inner.with(without(inner.fields, inner.rest)) : one;
  });
}

/** Components that are only made by the change are those of the new definition. */
function put(
  fields: readonly Field[],
  after: readonly Field[],
  [id, ...rest]: string[],
  field: Field,
): readonly Field[] {
  if (rest.length === 0) return [...fields, { ...field, id: id! }];
  const target = after.find((one) => one.id === id);
  if (!fields.some((one) => one.id === id)) return target ? [...fields, target] : fields;
  return fields.map((one) => {
    const inner = one.id === id ? inside(one, rest) : undefined;
    if (!inner) return one;
    return inner.with(put(inner.fields, inside(target, rest)?.fields ?? [], inner.rest, field));
  });
}
