import { parseJson } from "../../../core/read-body.ts";
import { embedUrl, type HtmlAttributes } from "./html-attributes.ts";
import { goodAttrs, NODES } from "./schema.ts";
import { shortcodeOf } from "./wordpress-shortcodes.ts";

type Note = (note: string) => void;
type Attrs = Record<string, unknown>;

/** What `renderHtml` writes for a component of the field, a block or a mark. */
export function componentOf(
  { "data-component": type, "data-values": values = "{}" }: HtmlAttributes,
  names: ReadonlySet<string>,
  note: Note,
): { type: string; attrs: Attrs } | undefined {
  if (type === undefined) return undefined;
  const attrs = names.has(type) ? valuesOf(values) : undefined;
  if (!attrs) note(`dropped the component ${type.slice(0, 40)}`);
  return attrs && { type, attrs };
}

function valuesOf(text: string): Attrs | undefined {
  try {
    const values = parseJson(text);
    const isObject = typeof values === "object" && values !== null && !Array.isArray(values);
    return isObject ? (values as Attrs) : undefined;
  } catch {
    return undefined;
  }
}

/** What `renderHtml` writes for nodes that HTML has no element for. */
export type OwnElement =
  | { kind: "embed"; url: string }
  | { kind: "shortcode"; shortcode: { name: string; attrs: Record<string, string>; text: string } }
  | { kind: "entry"; attrs: Attrs }
  | { kind: "component"; type: string; attrs: Attrs };

export function ownElement(
  name: string,
  attributes: HtmlAttributes,
  blocks: ReadonlySet<string>,
  note: Note,
): OwnElement | undefined {
  const { "data-embed": embed, "data-shortcode": shortcode, "data-entry": entry } = attributes;
  if (name === "a" && embed !== undefined) {
    const url = embedUrl(attributes["href"], note);
    return url === undefined ? undefined : { kind: "embed", url };
  }
  const component = name === "div" ? componentOf(attributes, blocks, note) : undefined;
  if (component) return { kind: "component", ...component };
  if (name === "div" && shortcode !== undefined) {
    const found = shortcodeOf(shortcode, attributes["data-attrs"]);
    return found && { kind: "shortcode", shortcode: found };
  }
  const attrs = goodAttrs(NODES["entryEmbed"], { entry });
  return (name === "div" || name === "span") && attrs["entry"] ? { kind: "entry", attrs } : undefined;
}
