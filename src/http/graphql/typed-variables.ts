import {
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isListType,
  typeFromAST,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { camelCase } from "./names.ts";
import type { MadeOf } from "./value-inputs.ts";

type Values = Record<string, unknown>;

/**
 * Variables in which components and blocks may be written as in REST, with the ids of fields and the
 * type of blocks, in the form of their inputs.
 */
export function typedVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  variables: Values,
): Values {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== "mutation") return variables;
  const typed = (operation.variableDefinitions ?? []).flatMap(({ variable: { name }, type: node }) => {
    const type = typeFromAST(schema, node as never) as GraphQLInputType | undefined;
    return type && Object.hasOwn(variables, name.value)
      ? [[name.value, typedValue(type, variables[name.value])] as const]
      : [];
  });
  return { ...variables, ...Object.fromEntries(typed) };
}

function typedValue(given: GraphQLInputType, value: unknown): unknown {
  const type = getNullableType(given) as GraphQLInputType;
  if (typeof value !== "object" || value === null) return value;
  if (isListType(type))
    return Array.isArray(value)
      ? value.map((one) => typedValue(type.ofType, one))
      : typedValue(type.ofType, value);
  if (!isInputObjectType(type) || Array.isArray(value)) return value;
  const fields = type.getFields();
  const named = namedValues(type.extensions["madeOf"] as MadeOf | undefined, value as Values);
  return Object.fromEntries(
    Object.entries(named).map(([name, one]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return [name, field ? typedValue(field.type, one) : one];
    }),
  );
}

/** The values of an input under the names that it has for them. */
function namedValues(made: MadeOf | undefined, value: Values): Values {
  if (made === undefined) return value;
  if ("blocks" in made) {
    const { type, ...fields } = value;
    const isKind = typeof type === "string" && made.blocks.some(({ id }) => id === type);
    return isKind ? { [camelCase(type)]: fields } : value;
  }
  const ids = new Set(made.fields.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [ids.has(name) ? camelCase(name) : name, one]),
  );
}
