import { AppError, invalid, MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { addDetail } from "../../../core/nearest.ts";
import { requireBackReferences } from "./back-references.ts";
import { checkComponent, checkType, type CheckedType } from "./check-definition.ts";
import { clashesOf } from "./clashing-names.ts";
import type { ComponentDefinition } from "./component-schemas.ts";
import type { Definitions, StoredComponent, StoredDefinition } from "./read-definitions.ts";
import { resolverOf, type Resolve } from "./resolve-components.ts";
import { withLocales, type LocaleRules } from "./localisation.ts";
import { newIdsOf, reshapeOfKinds, underNewIds, type NewIds } from "./new-ids.ts";
import {
  followedBy,
  formerIds,
  reshapeOf,
  reshapeOfComponent,
  type Renames,
  type Reshape,
} from "./renames.ts";
import type { AuthoredField, Field, TypeDefinition } from "./schemas.ts";

const MAX_TYPES = 300;
const MAX_COMPONENTS = 300;
/** Characters of JSON: every isolate holds the definitions of an environment in memory. */
const MAX_ENVIRONMENT_CHARS = 8_000_000;

/** A definition, and what becomes of what is there under other names. */
export type WantedOne<Definition> = {
  definition: Definition;
  /** The id that it has until now, where that is another one. */
  from?: string | undefined;
  renames?: Renames | undefined;
} & LocaleRules;
export type Wanted = {
  types: WantedOne<TypeDefinition>[];
  components: WantedOne<ComponentDefinition>[];
};
export type PlannedType = CheckedType & {
  /** As it is stored. */
  stored: StoredDefinition | undefined;
  /** As it would be stored if types and components had always had their new ids. */
  before: StoredDefinition | undefined;
  /** What becomes of the values of fields that are renamed. */
  reshape?: Reshape | undefined;
};
export type PlannedComponent = {
  definition: ComponentDefinition;
  stored: StoredComponent | undefined;
};

/** What has to be written for the wanted definitions to hold. */
export type DefinitionChange = {
  /** Types that change, also since a component that they use does. */
  types: PlannedType[];
  components: PlannedComponent[];
  /** Types that use a component which changes, whether or not they change with it. */
  users: StoredDefinition[];
  newIds: NewIds;
};

/** Works out a change and checks it; throws INVALID with all problems of the first that has some. */
export function planDefinitions(stored: Definitions, wanted: Wanted): DefinitionChange {
  const newIds = newIdsOf(stored, wanted);
  const current = underNewIds(stored, newIds);
  const storedType = (id: string) => stored.types.get(newIds.types.get(id) ?? id);
  const byId = new Map([...current.components].map(([id, { definition }]) => [id, definition]));
  for (const { definition } of wanted.components) byId.set(definition.id, definition);
  const resolve = resolverOf(byId);
  const known = resolverOf(new Map([...stored.components].map(([id, { definition }]) => [id, definition])));
  const components = [...byId.values()]
    .map((definition) => ({
      definition,
      stored: stored.components.get(newIds.components.get(definition.id) ?? definition.id),
    }))
    .filter((one) => textOf(one.definition) !== textOf(one.stored?.definition));
  requireNames(current, wanted);
  requireTargets(current, wanted);
  checkComponents(byId, components, resolve, (id) => {
    const was = stored.components.get(newIds.components.get(id) ?? id);
    return was && known(was.definition.fields, "fields", []).fields;
  });

  const changed = new Set(components.map(({ definition }) => definition.id));
  const named = new Map(wanted.types.map((one) => [one.definition.id, one]));
  const users = [...current.types.values()].filter(({ uses }) => uses.some((id) => changed.has(id)));
  const using = new Set(users.map(({ id }) => id));
  const reshapes = reshapesOfComponents(current, wanted, resolve);
  const plan = (checked: CheckedType, before: StoredDefinition | undefined): PlannedType => {
    const { id } = checked.authored;
    const was = storedType(id);
    const kinds = before && was && reshapeOfKinds(was, before, newIds);
    const reshape = kinds && reshapeOfType(kinds, checked, reshapes, named.get(id), current);
    return withFormerIds({ ...checked, stored: was, before, reshape });
  };
  const types = [
    ...wanted.types.map(({ definition }) =>
      plan(checkedType(definition, resolve, storedType(definition.id)), current.types.get(definition.id)),
    ),
    ...[...current.types.values()]
      .filter(({ id }) => !named.has(id))
      .flatMap((before) => {
        if (using.has(before.id)) return plan(checkedUser(before, resolve, storedType(before.id)), before);
        return before === stored.types.get(before.id) ? [] : plan(asItIs(before), before);
      }),
  ].filter(
    (one) =>
      textOf(one.authored) !== textOf(one.stored?.authored) ||
      textOf(one.definition) !== textOf(one.stored?.definition),
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
  return { types, components, users, newIds };
}

const asItIs = ({ authored, definition, uses }: StoredDefinition): CheckedType => ({
  ...{ authored, definition },
  uses: new Set(uses),
});

/** The definitions as a change leaves them. */
export function definitionsAfter(
  current: Definitions,
  { types, components, newIds }: DefinitionChange,
): Pick<Definitions, "types" | "components"> {
  const before = underNewIds(current, newIds);
  const after = { types: new Map(before.types), components: new Map(before.components) };
  for (const { authored, definition, uses, stored } of types)
    after.types.set(authored.id, {
      id: authored.id,
      authored,
      definition,
      version: (stored?.version ?? 0) + 1,
      uses: [...uses],
      former: stored?.former ?? [],
    });
  for (const { definition, stored } of components)
    after.components.set(definition.id, {
      definition,
      version: (stored?.version ?? 0) + 1,
      former: stored?.former ?? [],
    });
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
  const known = [...current.types.keys(), ...types.map(({ definition: { id } }) => id)];
  const check = (reason: string, what: string, missing: string[]) => {
    if (missing.length === 0) return;
    const issues: ErrorDetail[] = [];
    for (const written of missing)
      addDetail(issues, "to", `there is no content type "${written}".`, { written, valid: () => known });
    throw invalid(reason, `${what} refers to content types that do not exist.`, issues);
  };
  for (const { definition: one } of types) {
    const targets = newTargets(one, current.types.get(one.id)?.authored);
    check(
      "types/unknown-target",
      `"${one.id}"`,
      [...targets].filter((id) => !known.includes(id)),
    );
  }
  for (const { definition: one } of components) {
    const targets = newTargets(one, current.components.get(one.id)?.definition);
    check(
      "types/unknown-target",
      `The component "${one.id}"`,
      [...targets].filter((id) => !known.includes(id)),
    );
  }
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? "";

function checkedType(
  authored: TypeDefinition,
  resolve: Resolve,
  stored: StoredDefinition | undefined,
): CheckedType {
  const issues: ErrorDetail[] = [];
  const checked = checkType(authored, resolve, issues, stored?.definition.fields);
  if (issues.length > 0)
    throw invalid("types/invalid-definition", "The content type is not valid.", issues.slice(0, MAX_DETAILS));
  return checked;
}

/** What a change does to the values of a type: after those of kinds of blocks come its components, then its own. */
function reshapeOfType(
  kinds: Reshape,
  { definition }: CheckedType,
  ofComponents: ReadonlyMap<string, Reshape>,
  wanted: WantedOne<TypeDefinition> | undefined,
  current: Definitions,
): Reshape | undefined {
  let reshape = kinds;
  for (const [id, own] of ofComponents)
    reshape = followedBy(reshape, reshapeOfComponent({ fields: reshape.before }, id, own));
  if (wanted) {
    const own = reshapeOf({ fields: reshape.before }, definition, wanted.renames ?? {});
    reshape = withLocales(followedBy(reshape, own), definition.fields, wanted, current);
  }
  return reshape.steps.length > 0 ? reshape : undefined;
}

/** Policies go on naming fields as they were called when they were written. */
function withFormerIds(type: PlannedType): PlannedType {
  const former = formerIds(type.definition.fields, type.before?.definition.former, type.reshape);
  return former ? { ...type, definition: { ...type.definition, former } } : type;
}

/** What renames of the fields of components come to, by the ids of those. */
function reshapesOfComponents(
  current: Definitions,
  { components }: Wanted,
  resolve: Resolve,
): Map<string, Reshape> {
  const known = resolverOf(new Map([...current.components].map(([id, { definition }]) => [id, definition])));
  const found = new Map<string, Reshape>();
  for (const { definition, renames = {} } of components) {
    const was = current.components.get(definition.id)?.definition;
    if (!was || Object.keys(renames).length === 0) continue;
    const own = reshapeOf(known(was.fields, "fields", []), resolve(definition.fields, "fields", []), renames);
    if (own) found.set(definition.id, own);
  }
  return found;
}

/** The wanted components, and those that use them, which may become too large or too deep. */
function checkComponents(
  byId: ReadonlyMap<string, ComponentDefinition>,
  changed: PlannedComponent[],
  resolve: Resolve,
  storedFields: (id: string) => readonly Field[] | undefined,
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
    checkComponent(component, resolve, issues, storedFields(component.id));
    if (issues.length > 0) reject(component.id, issues);
  }
}

function checkedUser(
  before: StoredDefinition,
  resolve: Resolve,
  stored: StoredDefinition | undefined,
): CheckedType {
  const issues: ErrorDetail[] = [];
  const checked = checkType(before.authored, resolve, issues, stored?.definition.fields);
  if (issues.length > 0)
    throw invalid(
      "components/invalid-definition",
      `The content type "${before.id}", which uses the component, would not be valid.`,
      issues.slice(0, MAX_DETAILS).map((one) => ({ ...one, path: `types.${before.id}.${one.path}` })),
    );
  return checked;
}

/** Types and components have names of their own, in GraphQL too. */
function requireNames(current: Definitions, { types, components }: Wanted): void {
  const idsOf = (wanted: readonly { definition: { id: string } }[]) => wanted.map((one) => one.definition.id);
  const typeIds = new Set([...current.types.keys(), ...idsOf(types)]);
  const componentIds = new Set([...current.components.keys(), ...idsOf(components)]);
  for (const id of idsOf(components)) {
    const like = clashesOf({ component: id }).find((one) => typeIds.has(one));
    if (like !== undefined) throw nameTaken("components/name-taken", id, `the content type "${like}"`);
  }
  for (const id of idsOf(types)) {
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
  const isNew = ({ stored }: { stored?: unknown }) => !stored;
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
