import { conditionOf, FACTS, holds, type Condition } from "../../content/grants/index.ts";
import type { CompiledType } from "../../content/types/index.ts";
import { placeOf, presentPath, touches } from "./chosen.ts";
import type { Values } from "./entry-events.ts";
import { isOfTenant } from "./operations-catalogue.ts";
import { changesOf, type Told } from "./payload.ts";
import type { WebhookConfig } from "./schemas.ts";

/** What conditions may ask of an entry besides its fields. */
export const KNOWN_FACTS = ["id", "updated_by", "updated_at"];
const UNKNOWN_FACTS = FACTS.filter((fact) => !KNOWN_FACTS.includes(fact));

export type Endpoint = { id: string; environmentId: string; config: WebhookConfig; createdAt: string };

/** Whether an endpoint of an environment is to be told of an event. */
export function matches(told: Told, { id, environmentId, config, createdAt }: Endpoint): boolean {
  const { event } = told;
  // What happened before it was there is none of its business, and of itself it knows.
  if (event.at < createdAt || (event.event.startsWith("webhook.") && event.payload["id"] === id))
    return false;
  if (!wantsEvent(config.events, event.event)) return false;
  if (!isOfTenant(event.event) && event.environmentId !== environmentId) return false;
  if (!told.entry) return config.content_types === null && config.locales === null;
  if (config.content_types && !config.content_types.includes(String(event.payload["type"]))) return false;
  return touchesLocales(told, config.locales) && meets(told, config.condition);
}

/** Whether a filter takes an event. Those of the tenant must be named, also by `*`. */
export const wantsEvent = (filters: readonly string[], name: string): boolean =>
  filters.some(
    (filter) =>
      filter === "*" || filter === name || (filter.endsWith(".*") && name.startsWith(filter.slice(0, -1))),
  );

function touchesLocales(told: Told, locales: readonly string[] | null): boolean {
  if (locales === null) return true;
  const named = told.event.payload["locales"] as string[] | null | undefined;
  if (named) return named.some((locale) => locales.includes(locale));
  const { states, type } = told.entry!;
  const changes = changesOf(states);
  if (changes === null || changes.length === 0) return true;
  return changes.some((change) => {
    const { locale } = placeOf(type, change);
    if (locale !== undefined) return locales.includes(locale);
    const sides = [change.from, change.to].filter((side) => typeof side === "object" && side !== null);
    const isWhole = type?.fields.get(change.path)?.localized === true;
    return !isWhole || sides.some((side) => locales.some((one) => Object.hasOwn(side as object, one)));
  });
}

function meets(told: Told, condition: WebhookConfig["condition"]): boolean {
  if (condition === null) return true;
  const { states, type } = told.entry!;
  if (!type) return false;
  const { before, after, changed } = condition;
  if (before && !metBy(told, type, states.before, before)) return false;
  if (after && !metBy(told, type, states.after, after)) return false;
  if (!changed) return true;
  const changes = changesOf(states);
  // What nobody knows any more may have changed.
  const wanted = changed.map((field) => presentPath(type, field));
  return (
    changes === null ||
    changes.some((one) => wanted.some((field) => touches(placeOf(type, one).field, field)))
  );
}

function metBy(told: Told, type: CompiledType, data: Values | null | undefined, where: Values): boolean {
  const condition = conditionOf(type, where, undefined);
  if (!data || !condition) return false;
  const { savedBy, savedAt } = told.entry!.states;
  const facts = { id: told.event.payload["id"], updated_by: savedBy, updated_at: savedAt };
  return holds(condition, { facts, data, unknown: UNKNOWN_FACTS });
}

/** The facts that a condition asks for. */
export function factsIn(condition: Condition): string[] {
  switch (condition.kind) {
    case "all":
    case "any":
      return condition.of.flatMap(factsIn);
    case "not":
      return factsIn(condition.of);
    case "test":
      return condition.isFact ? [condition.name] : [];
  }
}
