import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfig,
  type GraphQLNullableType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from "graphql";
import * as content from "../../domain/content/entries/index.ts";
import type { CompiledType } from "../../domain/content/types/index.ts";
import type { Builder, TypeInputs } from "./builder.ts";
import { given, type Arguments } from "./arguments.ts";
import { byType, type ByType } from "./by-type.ts";
import { countedWrite } from "./counted-write.ts";
import type { RequestState, EntryValues } from "./request-state.ts";
import { toRestFields, writtenPath } from "./value-inputs.ts";
import type { RootFields } from "./lazy-schema.ts";
import { pascalCase } from "./names.ts";
import { readOne } from "./resolvers.ts";
import { DateTime } from "./scalars.ts";
import { selectedIncludes } from "./selection.ts";
import { renamingPaths } from "./graphql-paths.ts";

const must = <T extends GraphQLNullableType>(type: T) => ({ type: new GraphQLNonNull(type) });
const ID = must(GraphQLID);
const TEXT = { type: GraphQLString };
const VERSION = {
  type: GraphQLInt,
  description: "The version that you read; if it is outdated, that is a conflict.",
};
const ON_REFERENCE = {
  type: GraphQLString,
  description: "What happens to references: `keep`, `null`, `cascade` or `repoint:{id}`.",
};

type Field = GraphQLFieldConfig<unknown, RequestState>;

/** A root field that writes: counted, in no cache. */
function writes(
  type: GraphQLFieldConfig<unknown, RequestState>["type"],
  description: string,
  args: Field["args"],
  work: (state: RequestState, args: Arguments, info: GraphQLResolveInfo) => Promise<unknown>,
): Field {
  return {
    type,
    description,
    args: args ?? {},
    resolve: (_, raw, state, info) => countedWrite(state, () => work(state, given(raw), info)),
  };
}

/**
 * The root fields that write: create, put, update and delete for each type, every other verb for any
 * type.
 */
export function mutationFields(
  builder: Builder,
  inputs: ByType<TypeInputs>,
  operations: Record<string, Field>,
): RootFields {
  const fields: RootFields = new Map(Object.entries(operations).map(([name, field]) => [name, () => field]));
  const ofTypes = byType(builder.schema, (type) => ofType(builder, type, inputs.get(type.id)!));
  for (const id of builder.schema.types.keys()) {
    for (const verb of VERBS) {
      // A type called `comment` has its own createComment: the verb of all types keeps its name.
      const name = `${verb}${pascalCase(id)}`;
      let free = fields.has(name) ? `${name}Entry` : name;
      for (let i = 2; fields.has(free); i++) free = `${name}Entry_${i}`;
      fields.set(free, () => ofTypes.get(id)![verb]);
    }
  }
  return fields;
}

const VERBS = ["create", "put", "update", "delete"] as const;

function ofType(
  builder: Builder,
  type: CompiledType,
  { fields: input }: TypeInputs,
): Record<(typeof VERBS)[number], Field> {
  const object = builder.entries.get(type.id) as GraphQLObjectType<EntryValues, RequestState>;
  const title = type.definition.name;
  const isSingle = type.definition.singleton === true;
  const which: GraphQLFieldConfigArgumentMap = isSingle ? {} : { id: ID };
  const WRITE = { fields: must(input), locale: TEXT, allowIncomplete: { type: GraphQLBoolean } };
  const write = (args: Arguments) => ({
    type: type.id,
    locale: args["locale"],
    allowIncomplete: args["allowIncomplete"],
  });
  const body = (args: Arguments, more: EntryValues) => ({
    ...toRestFields(type.fields.values(), args["fields"] as EntryValues),
    ...more,
  });
  const pathsOf = (args: Arguments) => (path: string) =>
    writtenPath(type.fields.values(), args["fields"] ? body(args, {}) : {}, path);
  const named = <T>(args: Arguments, work: () => Promise<T>) => renamingPaths(work, pathsOf(args));
  /** What was written; read once more when the selection looks into references. */
  const shown = async (
    state: RequestState,
    { entry, notes }: content.SaveOutcome,
    args: Arguments,
    info: GraphQLResolveInfo,
  ) => {
    if (notes.length > 0)
      state.found.beside[info.path.key] = {
        notes: notes.map((one) => ({ ...one, path: pathsOf(args)(one.path) })),
      };
    const selected = selectedIncludes(builder.schema, type, { info, state });
    if (selected.include.length === 0) return entry;
    return readOne(state, type.id, entry.id, { locale: args["locale"], perspective: "draft" }, selected);
  };
  return {
    create: writes(
      new GraphQLNonNull(object),
      `Creates a ${title} as a draft.`,
      { id: { type: GraphQLID }, createdAt: { type: DateTime }, ...WRITE },
      async (state, args, info) => {
        const more = {
          ...(args["id"] === undefined ? {} : { id: args["id"] }),
          ...(args["createdAt"] === undefined ? {} : { created_at: args["createdAt"] }),
        };
        const saved = await named(args, () =>
          content.createEntry(state.ctx, { ...write(args), body: body(args, more) }),
        );
        return shown(state, saved, args, info);
      },
    ),
    put: writes(
      new GraphQLNonNull(object),
      isSingle ? `Replaces the ${title}.` : `Creates a ${title} with an id that you choose, or replaces it.`,
      { ...which, version: VERSION, ...WRITE },
      async (state, args, info) => {
        const { id = content.ONLY_ENTRY, version } = args;
        const saved = await named(args, () =>
          content.putEntry(state.ctx, { ...write(args), id, version, body: body(args, {}) }),
        );
        return shown(state, saved, args, info);
      },
    ),
    update: writes(
      new GraphQLNonNull(object),
      `Changes the given fields of a ${title}.`,
      { ...which, version: VERSION, ...WRITE },
      async (state, args, info) => {
        const { id = content.ONLY_ENTRY, version } = args;
        const saved = await named(args, () =>
          content.updateEntry(state.ctx, { ...write(args), id, version, body: body(args, {}) }),
        );
        return shown(state, saved, args, info);
      },
    ),
    delete: writes(
      new GraphQLNonNull(GraphQLID),
      `Moves a ${title} to the trash, or deletes it permanently; returns its id.`,
      { ...which, version: VERSION, onReference: ON_REFERENCE, forGood: { type: GraphQLBoolean } },
      async (state, { version, onReference, forGood, ...args }) => {
        const only = { type: type.id, id: content.ONLY_ENTRY };
        const id = isSingle ? await content.addressOf(state.ctx, only) : args["id"];
        await named(args, () =>
          content.deleteEntry(state.ctx, {
            type: type.id,
            id,
            version,
            onReference: content.readOnReference(onReference),
            isForGood: forGood === true,
          }),
        );
        return id as string;
      },
    ),
  };
}
