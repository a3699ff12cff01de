import type {
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInputType,
  GraphQLInterfaceType,
  GraphQLObjectType,
} from "graphql";
import type { EnvironmentSchema, Field } from "../../domain/content/types/index.ts";
import type { ByType } from "./by-type.ts";
import type { EntryValues, RequestState } from "./request-state.ts";

/** The arguments of one content type. */
export type TypeInputs = {
  filter: GraphQLInputObjectType;
  sort: GraphQLEnumType;
  /** Fields that facets count, absent when there are none. */
  facet: GraphQLEnumType | undefined;
  group: GraphQLEnumType | undefined;
  fields: GraphQLInputObjectType;
};

/** What the types of one environment are made of. */
export type Builder = {
  schema: EnvironmentSchema;
  /** Gives a type name that nobody has yet. */
  claim(name: string): string;
  /** The object of each content type. */
  entries: ByType<GraphQLObjectType<EntryValues, RequestState>>;
  /** The object of a reusable component, by its id; its fields are those that it has in a type. */
  components: Map<string, GraphQLObjectType<EntryValues, RequestState>>;
  /** The interfaces of entries that have the same component, by their names. */
  shared: Map<string, GraphQLInterfaceType>;
  /** The objects of components, by their fields: those are the same list wherever a component is used. */
  objects: Map<readonly Field[], GraphQLObjectType<EntryValues, RequestState>>;
  /** The inputs of reusable components by their ids, and what they are called. */
  componentInputs: Map<string, GraphQLInputType>;
  componentInputNames: ReadonlyMap<string, string>;
  /** The arguments of each content type, once they are there. */
  inputs?: ByType<TypeInputs>;
  /** The connection of each content type, once it is there. */
  connections?: ByType<GraphQLObjectType>;
  /** Content types of which more than the name has been made. */
  made: Set<string>;
};
