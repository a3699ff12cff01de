import { diffValues } from "../../content/entries/index.ts";
import type { CompiledType } from "../../content/types/index.ts";
import type { OutboxEvent } from "../../tenant/events/index.ts";
import { chosenChanges, chosenFields } from "./chosen.ts";
import type { EntryStates } from "./entry-events.ts";
import type { WebhookConfig } from "./schemas.ts";
import { bytesOf, fillTemplate } from "./template.ts";

/** The version of the payload: a breaking change has another. */
export const PAYLOAD_SCHEMA = 1;
/** The largest body of a call in bytes: values that do not fit are left out. */
export const MAX_PAYLOAD_BYTES = 256 * 1024;
/** The same where an event's calls are too large together. */
const MAX_CROWDED_BYTES = 16 * 1024;

/** An event with all that payloads are made of. */
export type Told = {
  event: OutboxEvent;
  /** The name of its environment; null of what belongs to the tenant. */
  environment: string | null;
  freshAsOf: string;
  publicUrl: string;
  entry?: { states: EntryStates; type: CompiledType | undefined } | undefined;
};

export const eventId = (id: string): string => `evt_${id}`;

/**
 * The body of a call about an event, no larger than `MAX_PAYLOAD_BYTES`: null when the endpoint's
 * template makes more of it. `isCrowded` asks for a small one.
 */
export function bodyOf(
  told: Told,
  config: Pick<WebhookConfig, "fields" | "locales" | "template">,
  isCrowded: boolean,
): string | null {
  const whole = () => envelopeOf(told, told.entry ? entryData(told, config) : told.event.payload);
  if (config.template !== null)
    return fillTemplate(config.template, whole(), isCrowded ? MAX_CROWDED_BYTES : MAX_PAYLOAD_BYTES);
  const brief = () => JSON.stringify(briefPayload(told, true));
  if (isCrowded) return brief();
  const body = JSON.stringify(whole());
  return told.entry && bytesOf(body) > MAX_PAYLOAD_BYTES ? brief() : body;
}

/** The payload without values, for calls that tell of several events. */
export const briefPayload = (told: Told, isTruncated = false): object =>
  envelopeOf(
    told,
    told.entry
      ? { ...factsOf(told), fields: null, changes: null, is_truncated: isTruncated }
      : told.event.payload,
  );

function envelopeOf({ event, environment, freshAsOf, publicUrl }: Told, data: object): object {
  const { id, type } = event.payload as { id?: string; type?: string };
  const base = `${publicUrl}/api/v3`;
  const query = environment === null ? "" : `?environment=${encodeURIComponent(environment)}`;
  const links =
    event.event.startsWith("entry.") && type !== undefined
      ? { entry: `${base}/content/${type}/${id}${query}` }
      : event.event.startsWith("asset.")
        ? { asset: `${base}/assets/${id}${query}` }
        : {};
  return {
    id: eventId(event.id),
    type: event.event,
    schema: PAYLOAD_SCHEMA,
    timestamp: event.at,
    sequence: Number(event.id),
    fresh_as_of: freshAsOf,
    environment,
    data,
    links,
  };
}

/** What the outbox says of an entry, without what only payloads are made of. */
function factsOf({ event }: Told): object {
  const { was: _, locales = null, ...facts } = event.payload;
  return { ...facts, locales };
}

function entryData(told: Told, config: Pick<WebhookConfig, "fields" | "locales">): object {
  const { states, type } = told.entry!;
  const changes = changesOf(states);
  return {
    ...factsOf(told),
    fields: states.after ? chosenFields(type, states.after, config) : null,
    changes: changes && chosenChanges(type, changes, config),
    is_truncated: false,
  };
}

type Changes = ReturnType<typeof diffValues> | null;
const compared = new WeakMap<EntryStates, Changes>();

/** What an event changed of an entry, compared once for all endpoints; null when that is not known. */
export function changesOf(states: EntryStates): Changes {
  const { before, after } = states;
  if (before === undefined || after === undefined) return null;
  const known = compared.get(states);
  if (known) return known;
  const changes = diffValues(before ?? {}, after ?? {});
  compared.set(states, changes);
  return changes;
}
