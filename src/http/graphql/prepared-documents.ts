import {
  getLocation,
  GraphQLError,
  Kind,
  KnownTypeNamesRule,
  NoSchemaIntrospectionCustomRule,
  parse,
  SingleFieldSubscriptionsRule,
  Source,
  specifiedRules,
  validate,
  type ASTVisitFn,
  type ASTVisitor,
  type DocumentNode,
  type NamedTypeNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";
import { BoundedCache } from "../../core/bounded-cache.ts";
import type { Context } from "../../core/context.ts";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import { genericDocument } from "../openapi/generic-document.ts";
import { CONTENT_GROUPS } from "../operation-groups.ts";
import { describeSchema } from "./describe-schema.ts";
import { buildGraphqlSchema, type BuiltSchema, type ContentSchema } from "./build-schema.ts";
import {
  costOf,
  excessOf,
  hasVariableLimits,
  MAX_COST,
  MAX_DEPTH,
  MAX_TOKENS,
  readTokens,
  type Excess,
} from "./limits.ts";
import { singleRootField } from "./single-root-field.ts";

/** A document as it was found by one schema: it can be executed when it has no errors. */
export type Prepared = {
  /** Undefined when it could not be parsed. */
  document: DocumentNode | undefined;
  errors: readonly GraphQLError[];
  /** The cost of each operation by name, where it does not depend on variables. */
  costs: Map<string, number>;
  hasVariableCost: boolean;
};

const SCHEMA_BYTES = 24 * 1024 * 1024;
const DOCUMENT_BYTES = 8 * 1024 * 1024;
/** A parsed document takes about this many times the bytes of its text. */
const AST_FACTOR = 40;
const MAX_ERRORS = 20;

const LOOKS_AT_SCHEMA = /__(?:schema|type)\b/;
const OPERATIONS = CONTENT_GROUPS.flatMap(({ operations }) => operations);

const OURS = new Map<ValidationRule, ValidationRule>([
  [KnownTypeNamesRule, knownTypeNames],
  [SingleFieldSubscriptionsRule, singleRootField],
]);
/** As specified; the names of all types are looked at when one is unknown only. */
const RULES: readonly ValidationRule[] = specifiedRules.map((rule) => OURS.get(rule) ?? rule);

type KeptSchema = BuiltSchema & ContentSchema;
const schemas = new BoundedCache<KeptSchema>(SCHEMA_BYTES, SCHEMA_BYTES);
const documents = new BoundedCache<Prepared>(DOCUMENT_BYTES);

/** The GraphQL schema of an environment at one version, from the isolate's memory when it is there. */
export function builtSchema(ctx: Context, schema: EnvironmentSchema): KeptSchema {
  const key = `${ctx.tenantId}|${ctx.environmentId}|${schema.version}`;
  const found = schemas.get(key);
  if (found) return found;
  const made = buildGraphqlSchema(schema);
  const built: KeptSchema = {
    ...made,
    key,
    describe: () => describeSchema(made.graphql, OPERATIONS, genericDocument()),
    // What a document named has been made by now.
    examined: () => schemas.set(key, built, made.bytes()),
  };
  schemas.set(key, built, made.bytes());
  return built;
}

/** Parses, measures and validates a document once for each schema. */
export function prepare(built: BuiltSchema, text: string): Prepared {
  const key = `${built.key}|${text}`;
  const found = documents.get(key);
  if (found) return found;
  if (LOOKS_AT_SCHEMA.test(text)) built.describe();
  const prepared = examine(built, text);
  built.examined();
  documents.set(key, prepared, 500 + text.length * (prepared.document ? AST_FACTOR : 4));
  return prepared;
}

function knownTypeNames(context: ValidationContext): ASTVisitor {
  type Visitor = { NamedType: ASTVisitFn<NamedTypeNode> };
  let known: Visitor | undefined;
  const NamedType: ASTVisitFn<NamedTypeNode> = (node, ...place) => {
    if (context.getSchema().getType(node.name.value)) return undefined;
    known ??= KnownTypeNamesRule(context) as Visitor;
    return known.NamedType(node, ...place);
  };
  return { NamedType };
}

function examine(built: BuiltSchema, text: string): Prepared {
  const failed = (errors: readonly GraphQLError[], parsed?: DocumentNode): Prepared => ({
    document: parsed,
    errors,
    costs: new Map(),
    hasVariableCost: false,
  });
  let document: DocumentNode;
  try {
    const { tooDeepAt, inexact } = readTokens(text);
    if (tooDeepAt !== undefined)
      return failed([excessError(text, { what: "depth", most: MAX_DEPTH, at: tooDeepAt })]);
    if (inexact !== undefined) return failed([inexactError(text, inexact)]);
    document = parse(text, { maxTokens: MAX_TOKENS });
  } catch (error) {
    return failed([error as GraphQLError]);
  }
  const excess = excessOf(document);
  if (excess) return failed([excessError(text, excess)], document);
  const rules = built.isIntrospectable ? RULES : [...RULES, NoSchemaIntrospectionCustomRule];
  const errors = validate(built.graphql, document, rules, { maxErrors: MAX_ERRORS });
  if (errors.length > 0) return failed(errors, document);
  return { document, errors, costs: new Map(), hasVariableCost: hasVariableLimits(document) };
}

/** What executing an operation of a prepared document may cost. */
export function costOfOperation(
  prepared: Prepared,
  built: BuiltSchema,
  operationName: string | undefined,
  variables: Readonly<Record<string, unknown>>,
): number {
  const document = prepared.document!;
  const known = prepared.costs.get(operationName ?? "");
  if (known !== undefined && !prepared.hasVariableCost) return known;
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const operation = operations.find(
    ({ name }) => operationName === undefined || name?.value === operationName,
  );
  const cost = operation ? costOf(document, operation, built, variables) : 0;
  if (!prepared.hasVariableCost) prepared.costs.set(operationName ?? "", cost);
  return cost;
}

const EXCESSES: Record<Excess["what"], [reason: string, message: string]> = {
  depth: ["graphql/depth-exceeded", "The document is nested too deep"],
  aliases: ["graphql/aliases-exceeded", "The document has too many aliases"],
  repeats: ["graphql/repeats-exceeded", "The document repeats the same fields too often"],
  size: ["graphql/size-exceeded", "The document has too many fields"],
  directives: ["graphql/directives-exceeded", "The document has too many directives"],
};

function excessError(text: string, { what, most, at }: Excess): GraphQLError {
  const [reason, message] = EXCESSES[what];
  return refused(`${message}: at most ${most} are allowed.`, reason, { path: "query", ...placeIn(text, at) });
}

/** The refusal of an operation that costs too much. */
export function costError(cost: number): GraphQLError {
  return refused(
    `The operation may cost ${cost}: at most ${MAX_COST} is allowed. Select fewer fields, or use lower limits.`,
    "graphql/cost-exceeded",
    { path: "query" },
  );
}

/** The error for a document without a definite operation. */
export function noSuchQuery(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation "${name.slice(0, 200)}".`
    : "The document has several operations: select one with operationName.";
  return refused(message, "graphql/no-such-query", { path: "operationName" });
}

const inexactError = (text: string, { number, at }: { number: string; at: number }) =>
  refused(
    `${number.slice(0, 60)} has more digits than a double can hold: round it, or send it as a string.`,
    "http/inexact-number",
    { path: "query", ...placeIn(text, at) },
  );

const placeIn = (text: string, at: number) => getLocation(new Source(text), at);

function refused(
  message: string,
  reason: string,
  place: { path: string; line?: number; column?: number },
): GraphQLError {
  const details = [{ ...place, message }];
  return new GraphQLError(message, {
    extensions: { code: "INVALID", reason, details, http: { spec: true, status: 400 } },
  });
}
