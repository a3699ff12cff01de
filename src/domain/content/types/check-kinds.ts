import { MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { isCustomName } from "../rich-text/index.ts";
import type { Field } from "./schemas.ts";

type Problem = ErrorDetail & { key: string };

/**
 * Each kind of blocks, and of components in rich text, has a name of its own: no other kind of the field,
 * and no node or mark of every document, is called so. Names that were there `before` stay.
 */
export function checkKinds(
  fields: readonly Field[],
  path: string,
  before: readonly Field[] | undefined,
  issues: ErrorDetail[],
): void {
  const room = MAX_DETAILS - issues.length;
  if (room <= 0) return;
  const found = problemsOf(fields, path);
  if (found.length === 0) return;
  const known = new Set(problemsOf(before ?? [], path).map(({ key }) => key));
  const isNew = ({ key }: Problem) => !known.has(key);
  issues.push(
    ...found
      .filter(isNew)
      .slice(0, room)
      .map(({ path: at, message }) => ({ path: at, message })),
  );
}

function problemsOf(fields: readonly Field[], path: string): Problem[] {
  return fields.flatMap((field, i) => {
    const at = `${path}[${i}]`;
    const { components = [] } = field;
    return [
      ...namesOf(field, at),
      ...problemsOf(field.fields ?? [], `${at}.fields`),
      ...components.flatMap((one, place) => problemsOf(one.fields, `${at}.components[${place}].fields`)),
    ];
  });
}

function namesOf({ id: field, type, components = [] }: Field, at: string): Problem[] {
  const ids = components.map(({ id }) => id);
  return ids.flatMap((id, i) => {
    const say = (message: string) => [
      { path: `${at}.components[${i}].id`, message, key: `${field} ${id} ${message}` },
    ];
    if (ids.indexOf(id) !== i) return say(`"${id}" is used twice: every kind has an id of its own`);
    if (type !== "rich_text") return [];
    const what = (["nodes", "marks"] as const).find((kind) => !isCustomName(id, kind))?.slice(0, -1);
    return what ? say(`"${id}" is a ${what} of every document: choose another`) : [];
  });
}
