import type { ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import { RESERVED_FIELD_IDS, type AuthoredField, type TypeDefinition } from "./schemas.ts";

type Hinted = Pick<TypeDefinition, "fields" | "editor">;
const IN_PREVIEWS = ["id", "type", "locale", "environment", "version"];
const PLACEHOLDER = /\{([^{}]*)\}/g;

/** Checks that what the hints of a type or component name is there. */
export function checkHints({ fields, editor = {} }: Hinted, issues: ErrorDetail[]): void {
  const { groups = [], list_columns: columns = [], preview_url: preview } = editor;
  const ids = groups.map(({ id }) => id);
  ids.forEach((id, i) => {
    if (ids.indexOf(id) !== i) addDetail(issues, `editor.groups[${i}].id`, `"${id}" is used twice`);
  });
  const fieldIds = fields.map(({ id }) => id);
  const named = (name: string, path: string, valid: readonly string[]) => {
    if (!valid.includes(name))
      addDetail(issues, path, `"${name.slice(0, 63)}" is not there.`, { written: name, valid: () => valid });
  };
  columns.forEach((name, i) =>
    named(name, `editor.list_columns[${i}]`, [...fieldIds, ...RESERVED_FIELD_IDS]),
  );
  if (preview !== undefined) {
    if (!/^(?:https?:\/)?\//i.test(preview))
      addDetail(issues, "editor.preview_url", "must be an http or https URL, or a path that begins with /");
    for (const [, name = ""] of preview.matchAll(PLACEHOLDER))
      named(name, "editor.preview_url", [...IN_PREVIEWS, ...fieldIds]);
  }
  checkGroups(fields, "fields", ids, issues);
}

/** Fields inside of a component that belongs to one field have no groups to be in. */
function checkGroups(
  fields: readonly AuthoredField[],
  path: string,
  groups: readonly string[],
  issues: ErrorDetail[],
): void {
  fields.forEach(({ editor, fields: inner = [], components = [] }, i) => {
    const at = `${path}[${i}]`;
    const group = editor?.group;
    if (group !== undefined && !groups.includes(group))
      addDetail(issues, `${at}.editor.group`, `"${group}" is not one of the groups.`, {
        written: group,
        valid: () => groups,
      });
    checkGroups(inner, `${at}.fields`, [], issues);
    components.forEach((one, k) => {
      if (typeof one !== "string") checkGroups(one.fields, `${at}.components[${k}].fields`, [], issues);
    });
  });
}
