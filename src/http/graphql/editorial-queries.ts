import {
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
} from "graphql";
import * as content from "../../domain/content/index.ts";
import type { Door } from "./door.ts";
import { Difference, EntryVersion, ReferenceTo, TrashedEntry } from "./editorial-types.ts";
import { RichTextFormEnum } from "./scalars.ts";
import { given, wholeNumber, type Arguments } from "./arguments.ts";

const OF_ENTRY = {
  type: { type: new GraphQLNonNull(GraphQLString) },
  id: { type: new GraphQLNonNull(GraphQLID) },
};
const LIMIT = { limit: { type: GraphQLInt } };
const FORM = { richText: { type: RichTextFormEnum } };
const CURSOR = { ...LIMIT, cursor: { type: GraphQLString } };
const NUMBER = { type: new GraphQLNonNull(GraphQLInt) };
const listOf = (type: GraphQLOutputType) =>
  new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type as never)));

/** A root field for editors: in no cache. */
function reads(
  type: GraphQLOutputType,
  description: string,
  args: GraphQLFieldConfig<unknown, Door>["args"],
  work: (door: Door, args: Arguments) => unknown,
): GraphQLFieldConfig<unknown, Door> {
  return {
    type,
    description,
    args: args ?? {},
    resolve(_, raw, door) {
      door.found.isCacheable = false;
      return work(door, given(raw));
    },
  };
}

const of = (args: Arguments) => args as { type: string; id: string };

/** What editors read beside content: versions, where something is used, the trash. */
export const editorialQueries = (): GraphQLFieldConfigMap<unknown, Door> => ({
  versions: reads(
    listOf(EntryVersion),
    "The versions of an entry, newest first.",
    { ...OF_ENTRY, ...LIMIT, ...FORM, before: { type: GraphQLInt } },
    (door, args) =>
      content.listVersions(door.ctx, {
        ...of(args),
        limit: wholeNumber(args, "limit", 20, 100),
        before: args["before"],
        richText: args["richText"],
      }),
  ),
  version: reads(
    EntryVersion,
    "One version of an entry.",
    { ...OF_ENTRY, ...FORM, version: NUMBER },
    (door, args) =>
      content.readVersion(door.ctx, { ...of(args), version: args["version"], richText: args["richText"] }),
  ),
  diff: reads(
    listOf(Difference),
    "What changed between two versions.",
    { ...OF_ENTRY, ...FORM, from: NUMBER, to: NUMBER },
    (door, args) =>
      content.diffVersions(door.ctx, {
        ...of(args),
        from: args["from"],
        to: args["to"],
        richText: args["richText"],
      }),
  ),
  references: reads(listOf(ReferenceTo), "Where an entry is used.", { ...OF_ENTRY, ...LIMIT }, (door, args) =>
    content.listReferences(door.ctx, { ...of(args), limit: wholeNumber(args, "limit", 50, 200) }),
  ),
  trash: reads(
    listOf(TrashedEntry),
    "What was deleted, last first.",
    { ...CURSOR, ...FORM, type: { type: GraphQLString } },
    async (door, args) =>
      (await content.listTrash(door.ctx, { ...args, limit: wholeNumber(args, "limit", 20, 100) })).data,
  ),
});
