import { invalid, type ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import { conditionOf } from "../../content/grants/index.ts";
import type { CompiledType, EnvironmentSchema } from "../../content/types/index.ts";
import { factsIn, KNOWN_FACTS } from "./matches.ts";
import { CATALOGUE } from "./operations-catalogue.ts";
import { MAX_TEMPLATE_BYTES, type NewWebhook } from "./schemas.ts";

const EVENTS = Object.keys(CATALOGUE);
type Config = Omit<NewWebhook, "state" | "headers">;

/** Throws INVALID for names that mean nothing in the environment. */
export function checkConfig(schema: EnvironmentSchema, config: Config): void {
  const issues: ErrorDetail[] = [];
  config.events.forEach((filter, i) => {
    const isKnown = filter.endsWith("*")
      ? filter === "*" || EVENTS.some((name) => name.startsWith(filter.slice(0, -1)))
      : EVENTS.includes(filter);
    if (!isKnown) addDetail(issues, `events[${i}]`, "is no event.", { written: filter, valid: () => EVENTS });
  });
  config.locales?.forEach((locale, i) => {
    const names = { written: locale, valid: () => [...schema.chains.keys()] };
    if (!schema.chains.has(locale))
      addDetail(issues, `locales[${i}]`, "is no locale of the environment.", names);
  });
  const types = (config.content_types ?? []).flatMap((id, i) => {
    const type = schema.types.get(id);
    const names = { written: id, valid: () => [...schema.types.keys()] };
    if (!type) addDetail(issues, `content_types[${i}]`, "is no content type.", names);
    return type ? [type] : [];
  });
  checkFields(types, config, issues);
  checkCondition(types, config, issues);
  const templateBytes = new TextEncoder().encode(JSON.stringify(config.template)).byteLength;
  if (templateBytes > MAX_TEMPLATE_BYTES)
    addDetail(issues, "template", `must have ${MAX_TEMPLATE_BYTES} bytes or fewer`);
  if (issues.length > 0) throw invalidWebhook(issues);
}

export const invalidWebhook = (details: ErrorDetail[]) =>
  invalid("webhooks/invalid", "The webhook is not valid.", details);

function checkFields(types: readonly CompiledType[], { fields }: Config, issues: ErrorDetail[]): void {
  if (types.length === 0) return;
  fields?.forEach((path, i) => checkField(types, path, `fields[${i}]`, issues));
}

function checkField(types: readonly CompiledType[], path: string, at: string, issues: ErrorDetail[]): void {
  const top = path.split(".")[0]!;
  const valid = () => types.flatMap((type) => [...type.fields.keys()]);
  if (!types.some((type) => type.fields.has(top) || type.former.has(top)))
    addDetail(issues, at, "names no field of the content types.", { written: top, valid });
}

function checkCondition(types: readonly CompiledType[], config: Config, issues: ErrorDetail[]): void {
  const { condition } = config;
  if (condition === null) return;
  if (config.content_types === null)
    return addDetail(issues, "content_types", "must name the types that `condition` is about");
  condition.changed?.forEach((path, i) => checkField(types, path, `condition.changed[${i}]`, issues));
  for (const side of ["before", "after"] as const) {
    const where = condition[side];
    if (!where) continue;
    if (JSON.stringify(where).includes('"$'))
      addDetail(issues, `condition.${side}`, "cannot depend on who acts");
    for (const type of types) {
      const found: ErrorDetail[] = [];
      const read = conditionOf(type, where, undefined, found);
      for (const { path, message } of found) addDetail(issues, pathIn(`condition.${side}`, path), message);
      for (const fact of read ? factsIn(read) : [])
        if (!KNOWN_FACTS.includes(fact))
          addDetail(issues, `condition.${side}.${fact}`, "cannot be used: it is not kept with versions");
    }
  }
}

/** A path of a filter, `filter[price][gte]`, as one of the JSON in which it was given. */
const pathIn = (at: string, path: string): string =>
  path.replace(/^filter/, at).replaceAll(/\[([a-z_]\w*)\]/gi, ".$1");
