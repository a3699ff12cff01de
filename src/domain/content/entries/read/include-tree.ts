import { cutText } from "../../../../core/cut-text.ts";
import { ASSETS } from "../../../../core/events.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import {
  backReferenceOf,
  holdsReferences,
  innerFields,
  type BackLink,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../types/index.ts";
import { badQuery, relatedQuery, type RelatedQuery, type ViewQuery } from "../query/index.ts";
import { listedField } from "./listed.ts";
import { hasLocalizations, LOCALIZATIONS } from "./localizations.ts";
import { relativeField, relativesOf } from "./relatives.ts";
import { requireFew } from "./related.ts";

/** What to fill in, by field id: the fields of the entries found there come with their own includes. */
export type IncludeTree = Map<string, IncludeTree>;

const MAX_INCLUDE_DEPTH = 3;
const NOTHING: IncludeTree = new Map();

/**
 * Reads paths such as `author` and `author.avatar`; throws INVALID unless each step is a field of a
 * type that the step before may point to, and a reference, media, a component or blocks with such
 * inside, or a back reference. `owners` is how many entries are shown.
 */
export function readInclude(
  schema: EnvironmentSchema,
  type: CompiledType,
  query: ViewQuery,
  owners: number,
): IncludeTree {
  const tree: IncludeTree = new Map();
  for (const path of query.include) {
    const steps = path.split(".");
    if (steps.length > MAX_INCLUDE_DEPTH)
      throw badQuery("include", `goes at most ${MAX_INCLUDE_DEPTH} deep: "${written(path)}"`);
    let types = [type];
    let node = tree;
    let shown = owners;
    // Components and blocks that the step before names.
    let inside: Field[] = [];
    for (const [i, step] of steps.entries()) {
      const related = relatedQuery(query, step);
      const fields = types.flatMap((one) =>
        step.includes("#")
          ? listedFields(one, step, related)
          : (relativeField(one, step) ?? referenceFields(one).filter((field) => field.id === step)),
      );
      const links = related ? linksOf(schema, types, step, related.owner) : [];
      const isLast = i === steps.length - 1;
      const isLocalizations = step === LOCALIZATIONS && isLast && types.some(hasLocalizations);
      if (fields.length + links.length === 0 && !isLocalizations)
        throw noSuchInclude(path, step, types, inside.length > 0 ? steps.slice(0, i).join(".") : undefined);
      if (links.length > 0) requireFew(written(path), (shown *= related!.limit));
      inside = fields.filter((field) => innerFields(field).length > 0);
      types = [
        ...new Set([
          ...fields.flatMap((field) => targetsOf(schema, field)),
          ...links.map(([, link]) => link.type),
        ]),
      ];
      let next = node.get(step);
      if (!next) node.set(step, (next = new Map()));
      node = next;
    }
  }
  return tree;
}

/** The back references that a step names, each with the type that has it. */
export const linksOf = (
  schema: EnvironmentSchema,
  types: CompiledType[],
  step: string,
  only?: string,
): [owner: CompiledType, link: BackLink][] =>
  types.flatMap((owner) => {
    if (only !== undefined && owner.id !== only) return [];
    const link = backReferenceOf(schema, owner, idOfStep(step));
    return link ? [[owner, link] as [CompiledType, BackLink]] : [];
  });

/** `articles` of `articles#0`. */
export const idOfStep = (step: string): string => step.split("#", 1)[0]!;
/** A path as the query has it. */
const written = (path: string): string => cutText(path.replace(/#\d+/g, ""), 64);

/** The list of references of a type that a step like `related#0` goes through, if it is no back reference. */
export function listedFields(type: CompiledType, step: string, query: RelatedQuery | undefined): Field[] {
  const field = referenceFields(type).find(({ id }) => id === idOfStep(step));
  return query && field && (query.owner ?? type.id) === type.id ? [listedField(field, query)] : [];
}

/** INVALID: a step names no such field; `owner` is the path of a component or blocks before it. */
function noSuchInclude(path: string, step: string, types: CompiledType[], owner: string | undefined) {
  const valid = new Set(
    types.flatMap((one) => [
      ...[...referenceFields(one), ...relativesOf(one.definition)].map(({ id }) => id),
      ...one.backReferences.keys(),
    ]),
  );
  const among = types.map(({ id }) => id).join(" or ") || "an asset";
  const shown = written(path);
  const what =
    owner === undefined
      ? `names no reference, media field or back reference of ${among}: "${shown}".`
      : `"${shown}" goes into a component or blocks: "${owner}" resolves all references inside, and the next step names a field of the referenced entry, here of ${among}.`;
  return badQuery("include", `${what}${didYouMean(idOfStep(step), valid)}`);
}

/** The includes below a field. */
export const below = (tree: IncludeTree, field: string): IncludeTree => tree.get(field) ?? NOTHING;

/** The types whose entries may be shown by these includes. */
export function includedTypes(schema: EnvironmentSchema, type: CompiledType, tree: IncludeTree): string[] {
  const found = new Set<string>();
  const visit = (types: CompiledType[], node: IncludeTree): void => {
    for (const [id, next] of node) {
      const targets = types.flatMap((one) => {
        const field = relativeField(one, id) ?? one.fields.get(idOfStep(id));
        return field ? targetsOf(schema, field) : linksOf(schema, [one], id).map(([, link]) => link.type);
      });
      for (const target of targets) found.add(target.id);
      if (types.some((one) => holdsAssets(one.fields.get(id)))) found.add(ASSETS);
      visit(targets, next);
    }
  };
  visit([type], tree);
  return [...found];
}

function referenceFields(type: CompiledType): Field[] {
  return [...type.fields.values()].filter(holdsReferences);
}

const holdsAssets = (field: Field | undefined): boolean =>
  field !== undefined && (field.type === "media" || innerFields(field).some(holdsAssets));

export function targetsOf(schema: EnvironmentSchema, field: Field): CompiledType[] {
  if (field.type === "reference") {
    const ids = field.to ?? [...schema.types.keys()];
    return ids.flatMap((id) => schema.types.get(id) ?? []);
  }
  return [...new Set(innerFields(field).flatMap((inner) => targetsOf(schema, inner)))];
}
