import { isStorable, MARKS, mayHold, NODES } from "./schema.ts";

const MAX_DEPTH = 64;
const MAX_NODES = 20_000;
const MAX_ISSUES = 20;
type Issue = { path: string; message: string };
type Unknown = Record<string, unknown>;

/** Everything that is wrong with a rich text value, at most 20 issues, each with its path inside the document. */
export function validateRichText(value: unknown): Issue[] {
  const issues: Issue[] = [];
  let nodes = 0;
  const say = (path: string, message: string) => {
    if (issues.length < MAX_ISSUES) issues.push({ path, message });
  };

  const visit = (node: unknown, parent: string | null, path: string, depth: number): void => {
    if (issues.length >= MAX_ISSUES) return;
    if (++nodes > MAX_NODES)
      return nodes === MAX_NODES + 1 ? say(path, `the document has more than ${MAX_NODES} nodes`) : undefined;
    if (!isObject(node)) return say(path, "must be a node: an object with a type");
    const { type, content, marks, attrs, text, ...rest } = node;
    const rule = typeof type === "string" && Object.hasOwn(NODES, type) ? NODES[type] : undefined;
    const at = (name: string) => (path === "" ? name : `${path}.${name}`);
    if (!rule) return say(at("type"), `must be one of ${Object.keys(NODES).join(", ")}`);
    if (parent === null ? type !== "doc" : !mayHold(parent, type as string)) {
      return say(at("type"), parent === null ? 'must be "doc"' : `${String(type)} cannot stand in ${parent}`);
    }
    for (const key of Object.keys(rest))
      say(at(key), "is not part of a node: type, attrs, content, marks, text");
    if (type === "text") {
      if (typeof text !== "string" || text === "" || !isStorable(text))
        say(at("text"), "must be a text that is not empty, of valid Unicode without NUL");
    } else if (text !== undefined) say(at("text"), "belongs to text nodes only");
    checkAttrs(attrs, rule.attrs ?? {}, rule.needs ?? [], at("attrs"), say);
    if (marks !== undefined) checkMarks(marks, at("marks"), say);
    if (content === undefined) return;
    if (rule.holds === "nothing") return say(at("content"), `${String(type)} holds nothing`);
    if (!Array.isArray(content)) return say(at("content"), "must be a list of nodes");
    if (depth >= MAX_DEPTH) return say(at("content"), `nests deeper than ${MAX_DEPTH}`);
    content.forEach((child, i) => visit(child, type as string, at(`content[${i}]`), depth + 1));
  };
  visit(value, null, "", 0);
  return issues;
}

function checkMarks(marks: unknown, path: string, say: (path: string, message: string) => void): void {
  if (!Array.isArray(marks) || marks.length > 20) return say(path, "must be a list of at most 20 marks");
  marks.forEach((mark: unknown, i) => {
    const { type, attrs, ...rest } = isObject(mark) ? mark : ({} as Unknown);
    const rule = typeof type === "string" && Object.hasOwn(MARKS, type) ? MARKS[type] : undefined;
    if (!rule || Object.keys(rest).length > 0)
      return say(`${path}[${i}].type`, `must be one of ${Object.keys(MARKS).join(", ")}`);
    checkAttrs(attrs, rule, type === "link" ? ["href"] : [], `${path}[${i}].attrs`, say);
  });
}

function checkAttrs(
  attrs: unknown,
  rules: Record<string, (value: unknown) => boolean>,
  needs: string[],
  path: string,
  say: (path: string, message: string) => void,
): void {
  if (attrs !== undefined && attrs !== null && !isObject(attrs)) return say(path, "must be an object");
  const given = (attrs ?? {}) as Unknown;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, name))
      say(
        `${path}.${name.slice(0, 50)}`,
        `is not an attribute here${Object.keys(rules).length > 0 ? `: ${Object.keys(rules).join(", ")}` : ""}`,
      );
    else if (value !== null && !rules[name]!(value))
      say(`${path}.${name}`, "has a value that is not allowed");
  }
  for (const name of needs)
    if (given[name] === undefined || given[name] === null) say(`${path}.${name}`, "is required");
}

const isObject = (value: unknown): value is Unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value);
