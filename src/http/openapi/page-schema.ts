import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { JsonSchema } from "./json-schema.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The page that shows every schema with a name. */
export const SCHEMAS_PAGE = "schemas";

/** A table of an object's properties; undefined when the schema is no object with known properties. */
export function schemaTable(schema: JsonSchema, label: string): Html | undefined {
  const properties = schema["properties"] as Record<string, JsonSchema> | undefined;
  if (!properties) return undefined;
  const required = (schema["required"] as string[] | undefined) ?? [];
  const rows = Object.entries(properties).map(([name, one]) => ({
    name,
    isRequired: required.includes(name),
    cells: [schemaWords(one), inline(String(one["description"] ?? ""))],
  }));
  return namedTable(label, ["Value", "Meaning"], rows);
}

/** A table of things with a name, scrolled sideways by keyboard too. */
export const namedTable = (
  label: string,
  columns: string[],
  rows: { name: string; isRequired: boolean; cells: (Html | string)[] }[],
): Html =>
  html`<div class="wide" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${["Name", ...columns].map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, isRequired, cells }) =>
            html`<tr>
              <th scope="row"><code>${name}</code>${isRequired ? html` <em>required</em>` : ""}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

/** A schema in a few words, with links to those that have a name. */
export function schemaWords(schema: JsonSchema): Html {
  const { $ref, anyOf, oneOf, allOf, type, items, properties } = schema as {
    $ref?: string;
    anyOf?: JsonSchema[];
    oneOf?: JsonSchema[];
    allOf?: JsonSchema[];
    type?: string | string[];
    items?: JsonSchema;
    properties?: Record<string, JsonSchema>;
  };
  if ($ref !== undefined) {
    const name = $ref.split("/").at(-1)!;
    return html`<a href="/docs/${SCHEMAS_PAGE}#schema-${name}">${name}</a>`;
  }
  const parts = anyOf ?? oneOf ?? allOf;
  if (parts) return joined(parts.map(schemaWords), allOf ? " and " : " or ");
  if (schema["const"] !== undefined) return html`<code>${JSON.stringify(schema["const"])}</code>`;
  if (Array.isArray(schema["enum"]))
    return joined(
      (schema["enum"] as unknown[]).map((one) => html`<code>${String(one)}</code>`),
      " ",
    );
  if (type === "array") return html`list of ${items ? schemaWords(items) : "anything"}`;
  if (type === "object" && properties)
    return html`{
    ${joined(
      Object.entries(properties).map(([name, one]) => html`<code>${name}</code>: ${schemaWords(one)}`),
      ", ",
    )}
    }`;
  if (type === undefined) return html`anything`;
  return html`${Array.isArray(type) ? type.join(" or ") : type}${limits(schema)}`;
}

function limits(schema: JsonSchema): string {
  const said = [
    ["format", ""],
    ["minimum", "from "],
    ["maximum", "to "],
    ["minLength", "at least "],
    ["maxLength", "at most "],
    ["default", "default "],
  ].flatMap(([keyword, words]) => {
    const value = schema[keyword!];
    return value === undefined ? [] : [`${words}${String(value)}`];
  });
  return said.length === 0 ? "" : ` (${said.join(", ")})`;
}

const joined = (parts: Html[], between: string): Html =>
  html`${parts.map((part, i) => (i === 0 ? part : html`${between}${part}`))}`;

/** Text in which backquotes make code. */
export const inline = (text: string): Html =>
  html`${text.split("`").map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;

/** Paragraphs that are parted by blank lines. */
export const prose = (text: string): Html =>
  html`${text.split("\n\n").map((part) => html`<p>${inline(part)}</p>`)}`;
