import { dataOf, outcomeOf, type Ask, type CallOptions, type Outcome } from "./call.ts";
import { pathOf } from "./path.ts";
import { queryString } from "./query-string.ts";

/** What a field may hold. */
export type FieldType =
  | "short_text"
  | "long_text"
  | "rich_text"
  | "markdown"
  | "integer"
  | "number"
  | "boolean"
  | "date"
  | "datetime"
  | "slug"
  | "enum"
  | "email"
  | "url"
  | "color"
  | "json"
  | "location"
  | "media"
  | "reference"
  | "component"
  | "blocks";

/** A field of a content type and its rules. */
export type FieldDefinition = {
  id: string;
  type: FieldType;
  name?: string;
  help?: string;
  required?: boolean;
  unique?: boolean;
  localized?: boolean;
  min?: number;
  max?: number;
  pattern?: string;
  default?: unknown;
  options?: string[];
  multiple?: boolean;
  /** The types a reference may lead to; any when absent. */
  to?: string[];
  /** Of a component. */
  fields?: FieldDefinition[];
  /** What blocks may be. */
  components?: { id: string; name?: string; fields: FieldDefinition[] }[];
};

/** How entries of a type are reviewed. */
export type Review = {
  stages: { id: string; name?: string; from?: string[]; by?: string[] }[];
  publish_from?: string[];
};

/** A content type. */
export type TypeDefinition = {
  id: string;
  name: string;
  description?: string;
  display_field?: string;
  fields: FieldDefinition[];
  review?: Review;
};
/** A content type as it is kept. */
export type ContentType = TypeDefinition & { version: number; created_at: string; updated_at: string };

export type PutTypeQuery = {
  /** Refuses when the type is at another version by now; 0 when it must be new. */
  version?: number | undefined;
  /** Lets a change take values away from entries. */
  allow_data_loss?: boolean | undefined;
};
/** A definition that comes from elsewhere is checked by FlowCMS only. */
type GivenDefinition = TypeDefinition | { [key: string]: unknown };

/** Content types. */
export type Types = {
  list(options?: CallOptions): Promise<ContentType[]>;
  get(id: string, options?: CallOptions): Promise<ContentType>;
  create(definition: GivenDefinition, options?: CallOptions): Promise<ContentType>;
  /** Creates or replaces. */
  put(
    id: string,
    definition: GivenDefinition,
    query?: PutTypeQuery,
    options?: CallOptions,
  ): Promise<{ type: ContentType; outcome: Outcome }>;
  /** Deletes a type of which there are no entries. */
  delete(id: string, options?: CallOptions): Promise<void>;
};

export const typesOf = (ask: Ask): Types => ({
  list: async (options) => dataOf(await ask("GET", pathOf("types"), {}, options)),
  get: async (id, options) => dataOf(await ask("GET", pathOf("types", id), {}, options)),
  create: async (definition, options) =>
    dataOf(await ask("POST", pathOf("types"), { body: definition }, options)),
  put: async (id, definition, query = {}, options) => {
    const isOnce = query.version !== undefined;
    const parts = { query: queryString(query), body: definition, isOnce };
    const answer = await ask("PUT", pathOf("types", id), parts, options);
    return { type: dataOf(answer), outcome: outcomeOf(answer) };
  },
  delete: async (id, options) => void (await ask("DELETE", pathOf("types", id), {}, options)),
});
