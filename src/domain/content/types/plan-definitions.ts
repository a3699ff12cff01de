import { AppError, invalid, MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import { requireBackReferences } from "./back-references.ts";
import { checkComponent, checkType, type CheckedType } from "./check-definition.ts";
import { clashesOf } from "./clashing-names.ts";
import type { ComponentDefinition } from "./component-schemas.ts";
import type { Definitions, StoredComponent, StoredDefinition } from "./read-definitions.ts";
import { resolverOf, type Resolve } from "./resolve-components.ts";
import { withLocales, type LocaleRules } from "./localisation.ts";
import { formerIds, reshapeOf, reshapeOfComponent, type Renames, type Reshape } from "./renames.ts";
import type { AuthoredField, TypeDefinition } from "./schemas.ts";

const MAX_TYPES = 300;
const MAX_COMPONENTS = 300;
/** Characters of JSON: every isolate holds the definitions of an environment in memory. */
const MAX_ENVIRONMENT_CHARS = 8_000_000;

export type Wanted = {
  types: TypeDefinition[];
  components: ComponentDefinition[];
  /** Of the type or component that is wanted. */
  renames?: Renames | undefined;
} & LocaleRules;
export type PlannedType = CheckedType & {
  before: StoredDefinition | undefined;
  /** What becomes of the values of fields that are renamed. */
  reshape?: Reshape | undefined;
};
export type PlannedComponent = { definition: ComponentDefinition; before: StoredComponent | undefined };

/** What has to be written for the wanted definitions to hold. */
export type DefinitionChange = {
  /** Types that change, also since a component that they use does. */
  types: PlannedType[];
  components: PlannedComponent[];
  /** Types that use a component which changes, whether or not they change with it. */
  users: StoredDefinition[];
};

/** Works out a change and checks it; throws INVALID with all problems of the first that has some. */
export function planDefinitions(current: Definitions, wanted: Wanted): DefinitionChange {
  const byId = new Map([...current.components].map(([id, { definition }]) => [id, definition]));
  for (const one of wanted.components) byId.set(one.id, one);
  const resolve = resolverOf(byId);
  const components = wanted.components
    .map((definition) => ({ definition, before: current.components.get(definition.id) }))
    .filter(({ definition, before }) => textOf(definition) !== textOf(before?.definition));
  requireNames(current, wanted);
  requireTargets(current, wanted);
  checkComponents(byId, components, resolve);

  const changed = new Set(components.map(({ definition }) => definition.id));
  const named = new Set(wanted.types.map(({ id }) => id));
  const users = [...current.types.values()].filter(({ uses }) => uses.some((id) => changed.has(id)));
  const types = [
    ...wanted.types.map((authored) => plannedType(current, authored, resolve, wanted)),
    ...usersAsPlanned(
      users.filter(({ id }) => !named.has(id)),
      resolve,
      renamesOfComponent(current, wanted, resolve),
    ),
  ].filter(
    ({ authored, definition, before }) =>
      textOf(authored) !== textOf(before?.authored) || textOf(definition) !== textOf(before?.definition),
  );
  requireRoom(current, types, components);
  requireBackReferences(
    new Map(
      [...current.types.values(), ...types].map(({ authored, definition: { former } }) => [
        authored.id,
        { ...authored, former },
      ]),
    ),
    new Map(types.map(({ authored, before }) => [authored.id, before?.authored])),
  );
  return { types, components, users };
}

/** The definitions as a change leaves them. */
export function definitionsAfter(
  current: Definitions,
  { types, components }: DefinitionChange,
): Pick<Definitions, "types" | "components"> {
  const after = { types: new Map(current.types), components: new Map(current.components) };
  for (const { authored, definition, uses, before } of types)
    after.types.set(authored.id, {
      id: authored.id,
      authored,
      definition,
      version: (before?.version ?? 0) + 1,
      uses: [...uses],
    });
  for (const { definition, before } of components)
    after.components.set(definition.id, { definition, version: (before?.version ?? 0) + 1 });
  return after;
}

/** The types that a definition newly refers to; those that it named before may be gone since. */
export const newTargets = (
  now: { fields: readonly AuthoredField[] },
  before: { fields: readonly AuthoredField[] } | undefined,
): Set<string> => {
  const known = targetsOf(before?.fields ?? []);
  return new Set([...targetsOf(now.fields)].filter((id) => !known.has(id)));
};

/** The types that fields may refer to, also inside; without those of reusable components. */
export function targetsOf(fields: readonly AuthoredField[], found = new Set<string>()): Set<string> {
  for (const { to = [], fields: inner = [], components = [] } of fields) {
    for (const id of to) found.add(id);
    targetsOf(inner, found);
    for (const one of components) if (typeof one !== "string") targetsOf(one.fields, found);
  }
  return found;
}

function requireTargets(current: Definitions, { types, components }: Wanted): void {
  const known = [...current.types.keys(), ...types.map(({ id }) => id)];
  const check = (reason: string, what: string, missing: string[]) => {
    if (missing.length === 0) return;
    const issues: ErrorDetail[] = [];
    for (const written of missing)
      addDetail(issues, "to", `there is no content type "${written}".`, { written, valid: () => known });
    throw invalid(reason, `${what} refers to content types that do not exist.`, issues);
  };
  for (const one of types) {
    const targets = newTargets(one, current.types.get(one.id)?.authored);
    check(
      "types/unknown-target",
      `"${one.id}"`,
      [...targets].filter((id) => !known.includes(id)),
    );
  }
  for (const one of components) {
    const targets = newTargets(one, current.components.get(one.id)?.definition);
    check(
      "types/unknown-target",
      `The component "${one.id}"`,
      [...targets].filter((id) => !known.includes(id)),
    );
  }
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? "";

function plannedType(
  current: Definitions,
  authored: TypeDefinition,
  resolve: Resolve,
  { renames = {}, ...rules }: Wanted,
): PlannedType {
  const issues: ErrorDetail[] = [];
  const checked = checkType(authored, resolve, issues);
  if (issues.length > 0)
    throw invalid("types/invalid-definition", "The content type is not valid.", issues.slice(0, MAX_DETAILS));
  const before = current.types.get(authored.id);
  return withFormerIds({ ...checked, before, reshape: before && reshapeBy(before) });

  function reshapeBy({ definition }: StoredDefinition): Reshape | undefined {
    const none = { renames: [], steps: [], before: definition.fields };
    const renamed = reshapeOf(definition, checked.definition, renames) ?? none;
    const reshape = withLocales(renamed, checked.definition.fields, rules, current);
    return reshape === none ? undefined : reshape;
  }
}

/** Policies go on naming fields as they were called when they were written. */
function withFormerIds(type: PlannedType): PlannedType {
  const former = formerIds(type.definition.fields, type.before?.definition.former, type.reshape);
  return former ? { ...type, definition: { ...type.definition, former } } : type;
}

/** The renames of the one component that changes, for the types that use it. */
function renamesOfComponent(
  current: Definitions,
  { components: [component], renames = {} }: Wanted,
  resolve: Resolve,
): ((before: StoredDefinition) => Reshape | undefined) | undefined {
  const was = component && current.components.get(component.id)?.definition;
  if (!component || !was || Object.keys(renames).length === 0) return undefined;
  const known = resolverOf(new Map([...current.components].map(([id, { definition }]) => [id, definition])));
  const before = known(was.fields, "fields", []);
  const own = reshapeOf(before, resolve(component.fields, "fields", []), renames);
  return own && (({ definition }) => reshapeOfComponent(definition, component.id, own));
}

/** The wanted components, and those that use them, which may become too large or too deep. */
function checkComponents(
  byId: ReadonlyMap<string, ComponentDefinition>,
  changed: PlannedComponent[],
  resolve: Resolve,
): void {
  const ids = new Set(changed.map(({ definition }) => definition.id));
  if (ids.size === 0) return;
  const reject = (id: string, issues: ErrorDetail[]) => {
    const within = ids.has(id) ? "" : `components.${id}.`;
    const details = issues.slice(0, MAX_DETAILS).map((one) => ({ ...one, path: within + one.path }));
    throw invalid("components/invalid-definition", `The component "${id}" would not be valid.`, details);
  };
  const others = [...byId.values()].filter(({ id }) => !ids.has(id));
  for (const component of [...changed.map(({ definition }) => definition), ...others]) {
    const issues: ErrorDetail[] = [];
    checkComponent(component, resolve, issues);
    if (issues.length > 0) reject(component.id, issues);
  }
}

function usersAsPlanned(
  users: StoredDefinition[],
  resolve: Resolve,
  reshape: ((before: StoredDefinition) => Reshape | undefined) | undefined,
): PlannedType[] {
  return users.map((before) => {
    const issues: ErrorDetail[] = [];
    const checked = checkType(before.authored, resolve, issues);
    if (issues.length > 0)
      throw invalid(
        "components/invalid-definition",
        `The content type "${before.id}", which uses the component, would not be valid.`,
        issues.slice(0, MAX_DETAILS).map((one) => ({ ...one, path: `types.${before.id}.${one.path}` })),
      );
    return withFormerIds({ ...checked, before, reshape: reshape?.(before) });
  });
}

/** Types and components have names of their own, in GraphQL too. */
function requireNames(current: Definitions, { types, components }: Wanted): void {
  const typeIds = new Set([...current.types.keys(), ...types.map(({ id }) => id)]);
  const componentIds = new Set([...current.components.keys(), ...components.map(({ id }) => id)]);
  for (const { id } of components) {
    const like = clashesOf({ component: id }).find((one) => typeIds.has(one));
    if (like !== undefined) throw nameTaken("components/name-taken", id, `the content type "${like}"`);
  }
  for (const { id } of types) {
    const like = clashesOf({ type: id }).find((one) => componentIds.has(one));
    if (like !== undefined) throw nameTaken("types/name-taken", id, `the component "${like}"`);
  }
}

const nameTaken = (reason: string, id: string, other: string): AppError =>
  new AppError("CONFLICT", reason, `"${id}" cannot be told from ${other} in GraphQL: choose another id.`, {
    details: [{ path: "id", message: `must differ from ${other}` }],
  });

function requireRoom(current: Definitions, types: PlannedType[], components: PlannedComponent[]): void {
  const tooMany = (what: string) => new AppError("QUOTA_EXCEEDED", "types/too-many", what);
  const isNew = ({ before }: { before?: unknown }) => !before;
  const [newTypes, newComponents] = [types.filter(isNew).length, components.filter(isNew).length];
  if (newTypes > 0 && current.types.size + newTypes > MAX_TYPES)
    throw tooMany(`An environment has at most ${MAX_TYPES} content types.`);
  if (newComponents > 0 && current.components.size + newComponents > MAX_COMPONENTS)
    throw tooMany(`An environment has at most ${MAX_COMPONENTS} components.`);
  const all = new Map<string, unknown>();
  for (const [id, { definition }] of current.types) all.set(id, definition);
  for (const [id, { definition }] of current.components) all.set(`component ${id}`, definition);
  for (const { definition } of types) all.set(definition.id, definition);
  for (const { definition } of components) all.set(`component ${definition.id}`, definition);
  let chars = 0;
  for (const definition of all.values()) chars += textOf(definition).length;
  if (chars > MAX_ENVIRONMENT_CHARS)
    throw tooMany(
      `The content types of an environment have at most ${MAX_ENVIRONMENT_CHARS} characters of JSON in total.`,
    );
}
