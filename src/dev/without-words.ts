import { parseAst } from "rolldown/parseAst";

type Node = { type: string; start: number; end: number; [part: string]: unknown };
type Cut = { start: number; end: number; by: string };

const IS_DECLARING = /operations[\w-]*\.ts$/;
const WORDS = new Set(["summary", "description"]);

/**
 * The source of a module without texts for people: descriptions of schemas, and summaries, descriptions
 * and examples of operations. The API document, built at build time, has them; no Worker needs to parse
 * them.
 */
export function withoutWords(path: string, text: string): string {
  const isDeclaring = IS_DECLARING.test(path);
  if (!isDeclaring && !text.includes(".describe(")) return text;
  const cuts: Cut[] = [];
  visit(parseAst(text, { lang: "ts" }) as unknown as Node, isDeclaring, cuts);
  let out = "";
  let at = 0;
  for (const { start, end, by } of cuts.toSorted((a, b) => a.start - b.start)) {
    out += text.slice(at, start) + by;
    at = end;
  }
  return out + text.slice(at);
}

function visit(node: unknown, isDeclaring: boolean, cuts: Cut[]): void {
  if (Array.isArray(node)) return node.forEach((one) => visit(one, isDeclaring, cuts));
  if (typeof node !== "object" || node === null) return;
  const { type, end } = node as Node;
  if (type === "CallExpression") {
    const { callee } = node as { callee?: Node & { object?: Node; property?: { name?: string } } };
    if (callee?.type === "MemberExpression" && callee.property?.name === "describe") {
      cuts.push({ start: callee.object!.end, end: end, by: "" });
      return visit(callee.object, isDeclaring, cuts);
    }
  }
  if (isDeclaring && type === "Property") {
    const { key, value } = node as unknown as { key: { name?: string }; value: Node };
    const by = WORDS.has(key.name ?? "") ? '""' : key.name === "example" ? "{}" : undefined;
    if (by !== undefined && !value.type.includes("Call")) {
      cuts.push({ start: value.start, end: value.end, by });
      return;
    }
  }
  for (const [name, part] of Object.entries(node)) if (name !== "type") visit(part, isDeclaring, cuts);
}
