import {
  getNamedType,
  GraphQLObjectType,
  GraphQLSchema,
  isInputObjectType,
  isObjectType,
  isUnionType,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLFieldConfig,
  type GraphQLFieldMap,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLType,
} from "graphql";
import type { RequestState } from "./request-state.ts";

/** How each root field is made, by its name. */
export type RootFields = Map<string, () => GraphQLFieldConfig<unknown, RequestState>>;

/** A root type whose fields are made when they are asked for by name; who lists them gets them all. */
export class LazyRoot extends GraphQLObjectType<unknown, RequestState> {
  readonly #fields: GraphQLFieldMap<unknown, RequestState>;

  /** `fields` is asked once, when the first of them is. */
  constructor(name: string, fields: () => RootFields) {
    super({ name, fields: {} });
    let makers: RootFields | undefined;
    const all = () => (makers ??= fields());
    const made = new Map<string, GraphQLField<unknown, RequestState>>();
    const fieldOf = (key: string | symbol) => {
      const make = typeof key === "string" ? all().get(key) : undefined;
      if (!make) return undefined;
      const fieldName = key as string;
      const field =
        made.get(fieldName) ??
        new GraphQLObjectType({ name, fields: { [fieldName]: make() } }).getFields()[fieldName]!;
      made.set(fieldName, field);
      return field;
    };
    this.#fields = new Proxy<GraphQLFieldMap<unknown, RequestState>>(Object.create(null), {
      get: (_, key) => fieldOf(key),
      has: (_, key) => all().has(key as string),
      ownKeys: () => [...all().keys()],
      getOwnPropertyDescriptor: (_, key) =>
        all().has(key as string)
          ? { value: fieldOf(key), enumerable: true, configurable: true, writable: true }
          : undefined,
    });
  }

  override getFields(): GraphQLFieldMap<unknown, RequestState> {
    return this.#fields;
  }
}

export type LazyParts = {
  query: LazyRoot;
  mutation: LazyRoot;
  subscription: LazyRoot;
  /** The objects that have interfaces. */
  implementations(): readonly GraphQLObjectType[];
  /** A type by its name, made when it is not there yet. */
  find(name: string): GraphQLNamedType | undefined;
};

/**
 * A schema of which only what documents name is ever made: a schema of many types is as quick as a
 * small one. All of it is made for who looks at the whole, such as introspection.
 */
export class LazySchema extends GraphQLSchema {
  readonly #parts: LazyParts;
  readonly #found = new Map<string, GraphQLNamedType>();
  #whole: GraphQLSchema | undefined;

  constructor(parts: LazyParts) {
    // What names are valid is checked where content types are written.
    super({ assumeValid: true });
    this.#parts = parts;
  }

  /** Whether all of it has been made. */
  get isWhole(): boolean {
    return this.#whole !== undefined;
  }

  override getQueryType(): GraphQLObjectType {
    return this.#parts.query;
  }

  override getMutationType(): GraphQLObjectType {
    return this.#parts.mutation;
  }

  override getSubscriptionType(): GraphQLObjectType {
    return this.#parts.subscription;
  }

  override getType(name: string): GraphQLNamedType | undefined {
    if (this.#whole) return this.#whole.getType(name);
    let type = this.#found.get(name);
    if (!type) {
      type = this.#parts.find(name);
      if (type) this.#found.set(name, type);
    }
    return type;
  }

  override getTypeMap(): ReturnType<GraphQLSchema["getTypeMap"]> {
    const { query, mutation, subscription, implementations } = this.#parts;
    this.#whole ??= new GraphQLSchema({
      query,
      mutation,
      subscription,
      types: [...implementations()],
      assumeValid: true,
    });
    return this.#whole.getTypeMap();
  }

  override getPossibleTypes(abstract: GraphQLAbstractType): readonly GraphQLObjectType[] {
    if (isUnionType(abstract)) return abstract.getTypes();
    return this.#parts.implementations().filter((one) => one.getInterfaces().includes(abstract));
  }

  override getImplementations(
    abstract: GraphQLInterfaceType,
  ): ReturnType<GraphQLSchema["getImplementations"]> {
    return { objects: this.getPossibleTypes(abstract), interfaces: [] };
  }

  override isSubType(
    abstract: GraphQLAbstractType,
    maybe: GraphQLObjectType | GraphQLInterfaceType,
  ): boolean {
    if (isUnionType(abstract)) return isObjectType(maybe) && abstract.getTypes().includes(maybe);
    return maybe.getInterfaces().includes(abstract);
  }
}

/** The types that these lead to, as far as names begin with `prefix`. */
export function typesBelow(roots: readonly GraphQLType[], prefix: string): Map<string, GraphQLNamedType> {
  const found = new Map<string, GraphQLNamedType>();
  const visit = (one: GraphQLType): void => {
    const type = getNamedType(one);
    if (!type.name.startsWith(prefix) || found.has(type.name)) return;
    found.set(type.name, type);
    if (isUnionType(type)) type.getTypes().forEach(visit);
    else if (isObjectType(type) || isInputObjectType(type))
      for (const field of Object.values(type.getFields())) visit(field.type);
  };
  roots.forEach(visit);
  return found;
}
