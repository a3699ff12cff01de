import type { GraphQLResolveInfo } from "graphql";
import type { LiveEvent } from "../../core/live.ts";
import { accessOf, grantedIf, isAlways } from "../../domain/content/grants/index.ts";
import { listEntries, parseListQuery } from "../../domain/content/entries/index.ts";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { EntryValues, RequestState } from "./request-state.ts";
import { parametersOf } from "./resolvers.ts";
import { CAN } from "./scalars.ts";
import { selectedIncludes } from "./selection.ts";

/** What a subscription to entries is about. */
export type OfContent = {
  type: string;
  id?: string;
  where?: EntryValues | null;
  locale?: string;
  perspective?: "published" | "draft";
};

/** The places of a change in which the entry stands. */
const ENTRY = [["entry"], ["content"]];

/** The entry as the subscriber may see it and asks for it; undefined when there is none. */
export async function readChanged(
  schema: EnvironmentSchema,
  { type, where, ...view }: OfContent,
  state: RequestState,
  info: GraphQLResolveInfo,
  id: string,
): Promise<EntryValues | undefined> {
  state.found.isCacheable = false;
  const isIt = { id: { eq: id } };
  const params = parametersOf(view, where ? { and: [where, isIt] } : isIt);
  const known = schema.types.get(type);
  const selected = known ? selectedIncludes(schema, known, { info, state }, ENTRY) : {};
  const query = { ...parseListQuery(params), ...selected, limit: 1, total: "false" as const };
  const { items, can } = await listEntries(state.ctx, { type, query });
  const entry = items[0] === undefined ? undefined : (JSON.parse(items[0]) as EntryValues);
  return entry && can ? { ...entry, [CAN]: can[id] } : entry;
}

/** What an event is to a subscriber: the entry as it is now, or that it is gone; null when it is nothing. */
export async function changeOfEntry(
  schema: EnvironmentSchema,
  { event, payload, at, since }: LiveEvent,
  asked: OfContent,
  state: RequestState,
  info: GraphQLResolveInfo,
): Promise<EntryValues | null> {
  const id = payload["id"] as string;
  const entry = await readChanged(schema, asked, state, info, id);
  if (!entry && !(isGone(event, payload, asked) && mayHaveSeen(schema, asked, state))) return null;
  const { type, version } = payload;
  return {
    event,
    id,
    type,
    version: version ?? null,
    at,
    since,
    entry: entry ?? null,
    content: entry ?? null,
  };
}

/** Whether an event takes an entry away from those who read this perspective. */
function isGone(event: string, payload: LiveEvent["payload"], { perspective }: OfContent): boolean {
  if (perspective === "draft") return event === "entry.deleted";
  return event === "entry.unpublished" || (event === "entry.deleted" && payload["published"] === true);
}

/**
 * Whether the subscriber may read every entry of the type: of what is gone nobody knows any more
 * whether they could read it.
 */
function mayHaveSeen(
  schema: EnvironmentSchema,
  { type, perspective }: OfContent,
  { ctx }: RequestState,
): boolean {
  const [access, known] = [accessOf(ctx, schema), schema.types.get(type)];
  if (!access || !known) return access === undefined;
  const action = perspective === "draft" ? "content:read-draft" : "content:read";
  return isAlways(grantedIf(access, known, action, { locales: [...schema.chains.keys()] }));
}
