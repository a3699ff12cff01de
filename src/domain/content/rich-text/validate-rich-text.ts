import { NO_NAMES, type CustomNames } from "./custom-parts.ts";
import {
  FIGURE_BODIES,
  isStorable,
  MARKS,
  MAX_DEPTH,
  MAX_MARKS,
  MAX_NODES,
  mayHaveMarks,
  mayHold,
  NODES,
  ruleOf,
} from "./schema.ts";

const MAX_ISSUES = 20;

export type RichTextIssue = { path: string; message: string };
type Unknown = Record<string, unknown>;
type Say = (path: string, message: string) => void;
type Rule = NonNullable<ReturnType<typeof ruleOf<(typeof MARKS)[string]>>>;

/**
 * Everything that is wrong with a rich text value, at most 20 issues, each with its path inside the
 * document. `custom` are blocks and marks besides its own, whose attributes are checked elsewhere.
 */
export function validateRichText(value: unknown, path = "", custom: CustomNames = NO_NAMES): RichTextIssue[] {
  const issues: RichTextIssue[] = [];
  let nodes = 0;
  const say: Say = (at, message) => {
    if (issues.length < MAX_ISSUES) issues.push({ path: at, message });
  };

  const visit = (node: unknown, parent: string | null, at: string, depth: number): void => {
    if (++nodes === MAX_NODES + 1) say(at, `exceeds the limit of ${MAX_NODES} nodes per document`);
    if (nodes > MAX_NODES || issues.length >= MAX_ISSUES) return;
    if (isCustom(node, parent, custom.nodes)) return checkCustom(node, at, say);
    const type = checkNode(node, parent, at, say, custom);
    if (type === undefined) return;
    const { content } = node as Unknown;
    if (content === undefined) return;
    const here = join(at, "content");
    if (NODES[type]!.holds.length === 0) return say(here, `must be left out: ${type} has no content`);
    if (!Array.isArray(content)) return say(here, "must be a list of nodes");
    if (depth >= MAX_DEPTH) return say(here, `is nested deeper than ${MAX_DEPTH} levels`);
    for (const [i, child] of content.entries()) {
      if (nodes > MAX_NODES || issues.length >= MAX_ISSUES) return;
      visit(child, type, `${here}[${i}]`, depth + 1);
    }
  };
  visit(value, null, path, 0);
  return issues;
}

/** Checks everything of a node but its children; returns its type when the children are worth a look. */
function checkNode(
  node: unknown,
  parent: string | null,
  path: string,
  say: Say,
  custom: CustomNames,
): string | undefined {
  if (!isObject(node)) return void say(path, "must be a node: an object with a type");
  const { type, content, marks, attrs, text, ...rest } = node;
  const at = (name: string) => join(path, name);
  const rule = ruleOf(NODES, type);
  const own = parent === null ? ["doc"] : NODES[parent]!.holds;
  const allowed = holdsBlocks(parent) ? [...own, ...custom.nodes] : own;
  if (!rule || !(parent === null ? type === "doc" : mayHold(parent, type as string))) {
    const where = rule && parent !== null ? `${String(type)} is not allowed in ${parent}:  ` : "";
    return void say(at("type"), `${where}must be one of ${allowed.join(", ")}`);
  }
  for (const key of Object.keys(rest)) {
    say(at(key.slice(0, 50)), "is not part of a node: type, attrs, content, marks, text");
  }
  if (type === "text") {
    if (typeof text !== "string" || text === "" || !isStorable(text)) {
      say(at("text"), "must be a non-empty string, valid Unicode without NUL");
    }
  } else if (text !== undefined) say(at("text"), "is only allowed in text nodes");
  checkAttrs(attrs, rule, at("attrs"), say);
  if (type === "image" && isAbsent(attrs, "src") && isAbsent(attrs, "asset")) {
    say(at("attrs.src"), "is required unless there is an asset");
  }
  if (type === "figure") checkFigure(content, at("content"), say);
  if (marks !== undefined) checkMarks(marks, [parent ?? "", type as string], at("marks"), say, custom);
  return type as string;
}

const holdsBlocks = (parent: string | null): boolean => parent !== null && mayHold(parent, "paragraph");

const isCustom = (
  node: unknown,
  parent: string | null,
  custom: ReadonlySet<string>,
): node is Unknown & { type: string } =>
  isObject(node) && typeof node["type"] === "string" && custom.has(node["type"]) && holdsBlocks(parent);

/** Everything of a custom node but its attributes. */
function checkCustom(node: Unknown, path: string, say: Say): void {
  for (const key of Object.keys(node))
    if (key !== "type" && key !== "attrs")
      say(join(path, key.slice(0, 50)), "is not part of a component: type, attrs");
  if (!isAbsentValue(node["attrs"]) && !isObject(node["attrs"]))
    say(join(path, "attrs"), "must be an object");
}

function checkFigure(content: unknown, path: string, say: Say): void {
  const types = Array.isArray(content)
    ? content.map((child) => (isObject(child) ? child["type"] : undefined))
    : [];
  const bodies = types.filter((type) => type !== "figcaption").length;
  if (bodies !== 1) say(path, `must have exactly one of ${FIGURE_BODIES.join(", ")}`);
  if (types.length - bodies > 1) say(path, "must have at most one figcaption");
}

function checkMarks(
  marks: unknown,
  [parent, type]: [parent: string, type: string],
  path: string,
  say: Say,
  custom: CustomNames,
): void {
  if (!Array.isArray(marks) || marks.length > MAX_MARKS) {
    return say(path, `must be a list of at most ${MAX_MARKS} marks`);
  }
  if (marks.length > 0 && !mayHaveMarks(parent, type)) {
    return say(path, `must be left out: ${type} in ${parent} has no marks`);
  }
  marks.forEach((mark: unknown, i) => {
    const { type: name, attrs, ...rest } = isObject(mark) ? mark : ({} as Unknown);
    const isOwn = typeof name === "string" && custom.marks.has(name);
    const rule = ruleOf(MARKS, name);
    if (!rule && !isOwn)
      return say(
        `${path}[${i}].type`,
        `must be one of ${[...Object.keys(MARKS), ...custom.marks].join(", ")}`,
      );
    for (const key of Object.keys(rest))
      say(`${path}[${i}].${key.slice(0, 50)}`, "is not part of a mark: type, attrs");
    if (rule) checkAttrs(attrs, rule, `${path}[${i}].attrs`, say);
    else if (!isAbsentValue(attrs) && !isObject(attrs)) say(`${path}[${i}].attrs`, "must be an object");
  });
}

function checkAttrs(attrs: unknown, rule: Rule, path: string, say: Say): void {
  if (!isAbsentValue(attrs) && !isObject(attrs)) return say(path, "must be an object");
  const known = Object.keys(rule.attrs ?? {});
  for (const [name, value] of Object.entries((attrs ?? {}) as Unknown)) {
    const check = ruleOf(rule.attrs ?? {}, name);
    const at = `${path}.${name.slice(0, 50)}`;
    if (!check)
      say(
        at,
        known.length > 0
          ? `must be one of ${known.join(", ")}`
          : "must be left out: there are no attributes here",
      );
    else if (!isAbsentValue(value) && !check.test(value)) say(at, check.expected);
  }
  for (const name of rule.needs ?? [])
    if (isAbsent(attrs, name)) say(`${path}.${name}`, `is required: ${rule.attrs![name]!.expected}`);
}

const isAbsentValue = (value: unknown): boolean => value === undefined || value === null;
const isAbsent = (attrs: unknown, name: string): boolean => !isObject(attrs) || isAbsentValue(attrs[name]);
const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
const isObject = (value: unknown): value is Unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value);
