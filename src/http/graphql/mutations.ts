import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLNullableType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from "graphql";
import { keptWrite } from "../../db/idempotency.ts";
import * as content from "../../domain/content/index.ts";
import type { CompiledType } from "../../domain/types/index.ts";
import { given, type Arguments } from "./arguments.ts";
import type { Door, EntryValues } from "./door.ts";
import { toRestFields, type TypeInputs } from "./input-types.ts";
import { pascalCase } from "./names.ts";
import { BulkResult, EntryVersion } from "./editorial-types.ts";
import type { Builder } from "./output-types.ts";
import { readOne } from "./resolvers.ts";
import { CommonEntry, DateTime, JsonScalar } from "./scalars.ts";
import { selectedIncludes } from "./selection.ts";
import { inWrittenNames, writtenField } from "./written-names.ts";

const must = <T extends GraphQLNullableType>(type: T) => ({ type: new GraphQLNonNull(type) });
const ID = must(GraphQLID);
const TEXT = { type: GraphQLString };
const VERSION = { type: GraphQLInt, description: "The version that you read; a stale one is a conflict." };
const LOCALES = { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) };
const ON_REFERENCE = {
  type: GraphQLString,
  description: "What becomes of references: `keep`, `null`, `cascade` or `repoint:{id}`.",
};

type Field = GraphQLFieldConfig<unknown, Door>;

/** The entry; what was left out of it stands in the answer's `extensions.beside`. */
async function restored(
  door: Door,
  info: GraphQLResolveInfo,
  work: Promise<content.Restored>,
): Promise<content.Entry> {
  const { entry, leftOut, notes } = await work;
  const beside = { ...(leftOut.length > 0 ? { leftOut } : {}), ...content.besideOf(notes) };
  if (Object.keys(beside).length > 0) door.found.beside[info.path.key] = beside;
  return entry;
}

/** A root field that writes: counted, in no cache. */
function writes(
  type: GraphQLFieldConfig<unknown, Door>["type"],
  description: string,
  args: Field["args"],
  work: (door: Door, args: Arguments, info: GraphQLResolveInfo) => unknown,
): Field {
  return {
    type,
    description,
    args: args ?? {},
    async resolve(_, raw, door, info) {
      door.found.isCacheable = false;
      door.found.hasWritten = true;
      door.countWrite();
      try {
        return await work(door, given(raw), info);
      } catch (error) {
        if (keptWrite(error)) door.found.repeated = error;
        throw error;
      }
    },
  };
}

/** The root fields that write: create, put, update and delete for each type, every other verb for any type. */
export function mutationFields(
  builder: Builder,
  inputs: ReadonlyMap<string, TypeInputs>,
  operations: Record<string, Field>,
): GraphQLFieldConfigMap<unknown, Door> {
  const fields = { ...publishing(), ...history(), ...operations };
  const names = new Set(Object.keys(fields));
  for (const type of builder.schema.types.values()) {
    for (const [name, field] of Object.entries(ofType(builder, type, inputs.get(type.id)!))) {
      // A type called `comment` has its own createComment: the verb of all types keeps its name.
      let free = names.has(name) ? `${name}Entry` : name;
      for (let i = 2; names.has(free); i++) free = `${name}Entry_${i}`;
      names.add(free);
      fields[free] = field;
    }
  }
  return fields;
}

function ofType(builder: Builder, type: CompiledType, { fields: input }: TypeInputs): Record<string, Field> {
  const object = builder.entries.get(type.id) as GraphQLObjectType<EntryValues, Door>;
  const name = pascalCase(type.id);
  const title = type.definition.name;
  const WRITE = { fields: must(input), locale: TEXT, allowIncomplete: { type: GraphQLBoolean } };
  const write = (args: Arguments) => ({
    type: type.id,
    locale: args["locale"],
    allowIncomplete: args["allowIncomplete"],
  });
  const body = (args: Arguments, more: EntryValues) => ({ ...toRestFields(type, args["fields"]), ...more });
  const named = <T>(work: () => Promise<T>) => inWrittenNames(builder.schema, type, work);
  /** What was written; read once more when the selection looks into references. */
  const shown = async (
    door: Door,
    { entry, notes }: content.SaveOutcome,
    args: Arguments,
    info: GraphQLResolveInfo,
  ) => {
    if (notes.length > 0)
      door.found.beside[info.path.key] = {
        notes: notes.map((one) => ({ ...one, path: writtenField(type, one.path) })),
      };
    const include = selectedIncludes(builder.schema, type, info);
    if (include.length === 0) return entry;
    return readOne(door, type.id, entry.id, { locale: args["locale"], perspective: "draft" }, include);
  };
  return {
    [`create${name}`]: writes(
      new GraphQLNonNull(object),
      `Creates a ${title} as a draft.`,
      { id: { type: GraphQLID }, createdAt: { type: DateTime }, ...WRITE },
      async (door, args, info) => {
        const more = {
          ...(args["id"] === undefined ? {} : { id: args["id"] }),
          ...(args["createdAt"] === undefined ? {} : { created_at: args["createdAt"] }),
        };
        const saved = await named(() =>
          content.createEntry(door.ctx, { ...write(args), body: body(args, more) }),
        );
        return shown(door, saved, args, info);
      },
    ),
    [`put${name}`]: writes(
      new GraphQLNonNull(object),
      `Creates a ${title} under an id of yours, or replaces it.`,
      { id: ID, version: VERSION, ...WRITE },
      async (door, args, info) => {
        const { id, version } = args;
        const saved = await named(() =>
          content.putEntry(door.ctx, { ...write(args), id, version, body: body(args, {}) }),
        );
        return shown(door, saved, args, info);
      },
    ),
    [`update${name}`]: writes(
      new GraphQLNonNull(object),
      `Changes the given fields of a ${title}.`,
      { id: ID, version: VERSION, ...WRITE },
      async (door, args, info) => {
        const { id, version } = args;
        const saved = await named(() =>
          content.updateEntry(door.ctx, { ...write(args), id, version, body: body(args, {}) }),
        );
        return shown(door, saved, args, info);
      },
    ),
    [`delete${name}`]: writes(
      new GraphQLNonNull(GraphQLID),
      `Moves a ${title} to the trash, or deletes it for good; answers its id.`,
      { id: ID, version: VERSION, onReference: ON_REFERENCE, forGood: { type: GraphQLBoolean } },
      async (door, { id, version, onReference, forGood }) => {
        await content.deleteEntry(door.ctx, {
          type: type.id,
          id,
          version,
          onReference: content.readOnReference(onReference),
          isForGood: forGood === true,
        });
        return id as string;
      },
    ),
  };
}

const ENTRY = new GraphQLNonNull(CommonEntry);
const OF_ENTRY = { type: must(GraphQLString), id: ID };

function publishing(): Record<string, Field> {
  return {
    publish: writes(
      ENTRY,
      "Publishes an entry, in every locale or in some.",
      { id: ID, version: VERSION, locales: LOCALES, publishedAt: { type: DateTime } },
      (door, { publishedAt, ...args }) => {
        const wanted = { ...args, ...(publishedAt === undefined ? {} : { published_at: publishedAt }) };
        const { published_at, ...publish } = content.readPublish(wanted);
        return content.publishEntry(door.ctx, { ...publish, publishedAt: published_at });
      },
    ),
    unpublish: writes(
      ENTRY,
      "Takes an entry out of delivery, in every locale or in some.",
      { id: ID, version: VERSION, locales: LOCALES, onReference: ON_REFERENCE },
      async (door, { onReference, ...args }, info) => {
        const { entry, cancelled, remaining } = await content.unpublishEntry(door.ctx, {
          ...content.readPublish(args),
          onReference: content.readOnReference(onReference),
        });
        const plans = { cancelledSchedules: cancelled, remainingSchedules: remaining };
        if (cancelled.length + remaining.length > 0) door.found.beside[info.path.key] = plans;
        return entry;
      },
    ),
    bulk: writes(
      new GraphQLNonNull(BulkResult),
      "Does up to 500 operations in one transaction, each written as in REST.",
      { operations: must(new GraphQLList(new GraphQLNonNull(JsonScalar))), atomic: { type: GraphQLBoolean } },
      (door, bulk) => content.bulkEntries(door.ctx, { bulk }),
    ),
  };
}

function history(): Record<string, Field> {
  return {
    duplicate: writes(
      ENTRY,
      "Makes a draft with the values of an entry, `fields` (as in REST) put over them.",
      { ...OF_ENTRY, newId: { type: GraphQLID }, fields: { type: JsonScalar } },
      (door, { type, id, newId, fields }, info) => {
        const copy = content.readDuplicate({ id: newId, fields });
        return restored(door, info, content.duplicateEntry(door.ctx, { type, id, ...copy }));
      },
    ),
    restoreVersion: writes(
      ENTRY,
      "Saves the data of an earlier version as a new one.",
      { ...OF_ENTRY, version: must(GraphQLInt), ifVersion: VERSION },
      (door, { ifVersion, ...args }, info) => {
        const version = args as never as { type: string; id: string; version: number };
        return restored(door, info, content.restoreVersion(door.ctx, { ...version, current: ifVersion }));
      },
    ),
    nameVersion: writes(
      new GraphQLNonNull(EntryVersion),
      "Gives a version a name, which keeps it for good; without one takes the name away.",
      { ...OF_ENTRY, version: must(GraphQLInt), name: TEXT },
      (door, args) =>
        content.nameVersion(door.ctx, {
          name: null,
          ...(args as never as { type: string; id: string; version: number }),
        }),
    ),
    restoreFromTrash: writes(
      ENTRY,
      "Brings a deleted entry back as a draft.",
      { id: ID },
      (door, args, info) => restored(door, info, content.restoreFromTrash(door.ctx, args as { id: string })),
    ),
    eraseEntry: writes(
      new GraphQLNonNull(GraphQLID),
      "Takes an entry out of the trash for good; answers its id.",
      {
        id: ID,
        onReference: { type: GraphQLString, description: "`keep` leaves what refers to it as it is." },
      },
      async (door, { id, onReference }) => {
        await content.eraseEntry(door.ctx, { id, isKept: content.readKept(onReference) });
        return id as string;
      },
    ),
  };
}
