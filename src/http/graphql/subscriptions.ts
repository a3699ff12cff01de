import {
  GraphQLID,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLResolveInfo,
} from "graphql";
import { AppError, invalid } from "../../core/errors.ts";
import type { EventName } from "../../core/events.ts";
import { isId, type IdPrefix } from "../../core/ids.ts";
import type { Interest, LiveEvent } from "../../core/live.ts";
import { requirePermission } from "../../core/permissions.ts";
import { readRelease } from "../../domain/content/releases/index.ts";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { RootFields } from "./lazy-schema.ts";
import type { EntryValues, RequestState } from "./request-state.ts";
import { resolveAsset } from "./resolvers.ts";
import { changeOfEntry, readChanged, type OfContent } from "./resolve-changes.ts";
import { Asset, CommonEntry, DateTime, JsonScalar, PerspectiveEnum } from "./scalars.ts";

/** What the operation of a subscription is executed for: an event, or to find out what it is about. */
export type Occasion = { event: LiveEvent } | { asked: (interest: Interest) => void };

const PUBLISHED: EventName[] = ["entry.published", "entry.unpublished", "entry.deleted", "entry.placed"];
const DRAFT: EventName[] = [...PUBLISHED, "entry.created", "entry.updated", "entry.moved", "entry.assigned"];
const OF_ASSETS: EventName[] = ["asset.created", "asset.updated", "asset.deleted"];

const OF_RELEASES: EventName[] = [
  "release.created",
  "release.updated",
  "release.scheduled",
  "release.failed",
  "release.published",
  "release.rolled_back",
  "release.deleted",
];

const required = (type: typeof GraphQLID | typeof GraphQLString) => new GraphQLNonNull(type);
/** What every change says, of whatever it is. */
const CHANGE: GraphQLFieldConfigMap<EntryValues, RequestState> = {
  event: { type: required(GraphQLString), description: "What happened, such as entry.published." },
  id: { type: required(GraphQLID) },
  at: { type: new GraphQLNonNull(DateTime) },
  since: { type: required(GraphQLString), description: "Where to resume: nothing after it is missed." },
};
const VIEW = { locale: { type: GraphQLString }, perspective: { type: PerspectiveEnum } };

export const AssetChange = new GraphQLObjectType<EntryValues, RequestState>({
  name: "AssetChange",
  fields: { ...CHANGE, asset: { type: Asset, description: "Null when it was deleted." } },
});

export const ReleaseChange = new GraphQLObjectType<EntryValues, RequestState>({
  name: "ReleaseChange",
  description: "What is said of the release is null when it was deleted.",
  fields: {
    ...CHANGE,
    name: { type: GraphQLString },
    state: { type: GraphQLString },
    version: { type: GraphQLInt },
    items: { type: GraphQLInt, description: "How many entries it has." },
    dueAt: { type: DateTime },
    publishedAt: { type: DateTime },
  },
});

/** The root fields of subscriptions. `entry` is the object of an entry of any type. */
export function subscriptionFields(schema: EnvironmentSchema, entry: GraphQLObjectType): RootFields {
  const EntryChange = new GraphQLObjectType<EntryValues, RequestState>({
    name: "EntryChange",
    fields: {
      ...CHANGE,
      type: { type: required(GraphQLString), description: "The content type." },
      version: { type: GraphQLInt },
      entry: { type: CommonEntry, description: "The entry now; null when it is not there any more." },
      content: { type: entry, description: "The same entry, with its fields as JSON." },
    },
  });
  const ofEntries = (args: GraphQLFieldConfig<unknown, RequestState>["args"], description: string) => ({
    type: EntryChange,
    description,
    args: { type: { type: required(GraphQLString) }, ...args, ...VIEW },
    resolve: (occasion: unknown, given: unknown, state: RequestState, info: GraphQLResolveInfo) =>
      contentChanged(schema, occasion as Occasion, given as OfContent, state, info),
  });
  const fields: Record<string, GraphQLFieldConfig<unknown, RequestState>> = {
    entryChanged: ofEntries({ id: { type: required(GraphQLID) } }, "What happens to one entry."),
    contentChanged: ofEntries(
      { where: { type: JsonScalar, description: "A filter as REST has it." } },
      "What happens to the entries of a type.",
    ),
    assetChanged: {
      type: AssetChange,
      description: "What happens to assets, or to one.",
      args: { id: { type: GraphQLID } },
      resolve: (occasion, given, state) => assetChanged(occasion as Occasion, given, state),
    },
    releaseChanged: {
      type: ReleaseChange,
      description: "What happens to releases, or to one.",
      args: { id: { type: GraphQLID } },
      resolve: (occasion, given, state) => releaseChanged(occasion as Occasion, given, state),
    },
  };
  return new Map(Object.entries(fields).map(([name, field]) => [name, () => field]));
}

async function contentChanged(
  schema: EnvironmentSchema,
  occasion: Occasion,
  given: OfContent,
  state: RequestState,
  info: GraphQLResolveInfo,
): Promise<EntryValues | null> {
  if ("event" in occasion) return changeOfEntry(schema, occasion.event, given, state, info);
  // Reading refuses what may not be subscribed to, or cannot be.
  await readChanged(schema, given, state, info, given.id ?? NO_ENTRY);
  const { type, id, perspective } = given;
  const events = perspective === "draft" ? DRAFT : PUBLISHED;
  occasion.asked({ events, type, ...(id === undefined ? {} : { id }) });
  return null;
}

const NO_ENTRY = "cnt_00000000000000000000000000";

function idOf(prefix: IdPrefix, id: string | null | undefined): { id?: string } {
  if (id == null) return {};
  if (isId(prefix, id)) return { id };
  const message = `must be an id such as ${prefix}_01jd3f0b6vfs8t4z9c7q2m5n8x`;
  throw invalid("graphql/bad-argument", `The id ${message}.`, [{ path: "id", message }]);
}

async function releaseChanged(
  occasion: Occasion,
  { id }: { id?: string | null },
  { ctx }: RequestState,
): Promise<EntryValues | null> {
  requirePermission(ctx, "releases:read");
  if ("asked" in occasion) {
    occasion.asked({ events: OF_RELEASES, ...idOf("rel", id) });
    return null;
  }
  const { event, payload, at, since } = occasion.event;
  const change = { event, id: payload["id"], at, since };
  try {
    const { name, state, version, items, due_at, published_at } = await readRelease(ctx, {
      id: payload["id"] as string,
    });
    return { ...change, name, state, version, items, dueAt: due_at, publishedAt: published_at };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "NOT_FOUND") throw error;
    return event === "release.deleted" ? change : null;
  }
}

async function assetChanged(
  occasion: Occasion,
  { id }: { id?: string | null },
  state: RequestState,
): Promise<EntryValues | null> {
  requirePermission(state.ctx, "assets:read");
  if ("asked" in occasion) {
    occasion.asked({ events: OF_ASSETS, ...idOf("ast", id) });
    return null;
  }
  const { event } = occasion;
  const asset = await resolveAsset(state, { id: event.payload["id"] as string });
  if (!asset && event.event !== "asset.deleted") return null;
  return { event: event.event, id: event.payload["id"], at: event.at, since: event.since, asset };
}
