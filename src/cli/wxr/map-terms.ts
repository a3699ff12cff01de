import { cutText } from "../cut-text.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import { slugOf, toSlug } from "../import/slug.ts";
import { stableId } from "../import/stable-id.ts";
import { parentsOf } from "./hierarchy.ts";
import { decodeEntities, fit, MAX_LONG_TEXT, numberOf } from "./item-values.ts";
import type { WxrFile, WxrItem, WxrRecord, WxrTermRef } from "./read-wxr.ts";
import { EPOCH, metaOf, type Elsewhere, type Say, type Step } from "./step.ts";
import { UniqueSlugs } from "./unique-slugs.ts";

type Kind = "category" | "tag";
type Term = {
  kind: Kind;
  nicename: string;
  name: string;
  number: string;
  description: string;
  parent: string;
  meta: WxrRecord["meta"];
  isMentioned: boolean;
  id: string;
};
export type Terms = {
  steps: Step[];
  /** The categories or tags of an item. */
  of: (item: WxrItem, kind: Kind) => Term[];
  byNumber: (kind: Kind, number: string) => Term | undefined;
};
const TAXONOMIES = new Map<string, Kind>([
  ["category", "category"],
  ["post_tag", "tag"],
  ["tag", "tag"],
]);

/** Which type a taxonomy becomes; undefined for one that has none here. */
export const kindOfTaxonomy = (taxonomy: string): Kind | undefined => TAXONOMIES.get(taxonomy);

/** Categories and tags: those that the file describes, and those that its items only name. */
export function mapTerms(
  wxr: WxrFile,
  slugs: UniqueSlugs,
  elsewhere: Elsewhere,
  report: ImportReport,
): Terms {
  const terms: Term[] = [];
  const known = new Map<string, Term[]>();
  const keyOf = (kind: Kind, nicename: string) => `${kind}/${nicename}`;
  const saying = (term: Pick<Term, "kind" | "number" | "nicename" | "name">): Say => {
    const { kind, number, nicename, name } = term;
    return (reason) => report.notes.push({ kind, id: number || nicename, title: name, reason });
  };
  const add = (given: Omit<Term, "id">) => {
    const same = known.get(keyOf(given.kind, given.nicename)) ?? [];
    // Two terms under one nicename: items tell them apart by the name. A kind of its own keeps the two
    // sorts of keys apart.
    const [kind, key] =
      same.length === 0
        ? [given.kind, given.nicename]
        : [`${given.kind} of a shared nicename`, JSON.stringify([given.nicename, given.name])];
    const term = { ...given, id: stableId("cnt", wxr.baseUrl, kind, key, 0) };
    if (same.length > 0)
      saying(term)(`has the nicename "${term.nicename}" of “${same[0]!.name}”: imported separately`);
    known.set(keyOf(term.kind, term.nicename), [...same, term]);
    terms.push(term);
    return term;
  };
  for (const given of describedTerms(wxr)) {
    const same = known.get(keyOf(given.kind, given.nicename))?.find(({ name }) => name === given.name);
    if (!same && given.nicename !== "") add(given);
    else {
      countsOf(report, given.kind).seen++;
      countsOf(report, given.kind).skipped++;
      saying(given)(same ? "is in the file twice: imported once" : "has neither nicename nor name: left out");
    }
  }
  noteOthers(wxr, report);
  const find = (kind: Kind, { slug, name: escaped }: WxrTermRef): Term | undefined => {
    const name = decodeEntities(escaped);
    if (slug === "") return terms.find((term) => term.kind === kind && term.name === name);
    const same = known.get(keyOf(kind, slug)) ?? [];
    return same.find((term) => term.name === name) ?? same[0];
  };
  // What names a nicename goes first: older exports name each term once more without it.
  for (const isNamed of [true, false])
    for (const ref of wxr.items.flatMap((item) => item.terms)) {
      const kind = TAXONOMIES.get(ref.taxonomy);
      const name = decodeEntities(ref.name);
      const nicename = ref.slug || name;
      if (!kind || (ref.slug !== "") !== isNamed || nicename === "") continue;
      const found = find(kind, ref);
      const isOther = found?.isMentioned === true && ref.slug !== "" && name !== "" && found.name !== name;
      if (found && !isOther) continue;
      add({
        kind,
        nicename,
        name: name || nicename,
        number: "",
        description: "",
        parent: "",
        meta: [],
        isMentioned: true,
      });
    }
  const { parents, broken } = parentsOf(terms, ({ kind, parent }) =>
    parent === "" ? undefined : known.get(keyOf(kind, parent))?.[0],
  );
  const steps = terms.map((term) => {
    const parent = parents.get(term)?.id ?? elsewhereOf(term);
    if (broken.has(term))
      saying(term)(`its parent "${term.parent}" is its own ancestor: imported without it`);
    else if (term.parent && !parent)
      saying(term)(`its parent "${term.parent}" is not in the file: imported without it`);
    return stepOf(term, parent, slugs, saying(term));
  });
  function elsewhereOf({ kind, parent }: Term): string | undefined {
    if (parent === "" || known.has(keyOf(kind, parent))) return undefined;
    return elsewhere({ kind, by: "slug", key: parent });
  }
  const numbers = new Map<string, Term>();
  for (const term of terms) {
    const key = keyOf(term.kind, term.number);
    if (term.number !== "" && !numbers.has(key)) numbers.set(key, term);
  }
  return {
    steps,
    of: (item, kind) => {
      const own = item.terms.filter(({ taxonomy }) => TAXONOMIES.get(taxonomy) === kind);
      return [...new Set(own.flatMap((ref) => find(kind, ref) ?? []))];
    },
    byNumber: (kind, number) => numbers.get(keyOf(kind, number)),
  };
}

function stepOf(term: Term, parent: string | undefined, slugs: UniqueSlugs, say: Say): Step {
  const { kind, nicename, number, id, isMentioned } = term;
  const sourceId = number || nicename;
  const wanted = slugOf(nicename, say) || toSlug(term.name) || `${kind}-${toSlug(sourceId) || id.slice(-8)}`;
  const fields = {
    name: fit(term.name || nicename, 1000, "name", say),
    slug: slugs.take(kind, wanted, { sourceId, id }, say),
    source_id: cutText(sourceId, 1000),
    description: fit(term.description, MAX_LONG_TEXT, "description", say),
    ...(kind === "category" ? { parent: parent ?? null } : {}),
    meta: metaOf(term.meta),
  };
  const refs = parent ? [{ field: "parent", id: parent, what: `its parent "${term.parent}"` }] : [];
  return { kind, sourceId, title: term.name, id, fields, refs, publishedAt: EPOCH, isMentioned };
}

function* describedTerms(wxr: WxrFile): Generator<Omit<Term, "id">> {
  const read = (kind: Kind, { fields, meta }: WxrRecord, names: string[]): Omit<Term, "id"> => {
    const [nicename, name, description, parent] = names.map((key) => (fields[key] ?? "").trim()) as [
      string,
      string,
      string,
      string,
    ];
    const number = numberOf(fields["wp:term_id"]);
    const called = decodeEntities(name) || nicename;
    return {
      kind,
      nicename: nicename || called,
      name: called,
      number,
      description,
      parent,
      meta,
      isMentioned: false,
    };
  };
  const categories = ["wp:category_nicename", "wp:cat_name", "wp:category_description", "wp:category_parent"];
  for (const one of wxr.categories) yield read("category", one, categories);
  for (const one of wxr.tags)
    yield read("tag", one, ["wp:tag_slug", "wp:tag_name", "wp:tag_description", ""]);
  for (const one of wxr.terms) {
    const kind = TAXONOMIES.get(one.fields["wp:term_taxonomy"]?.trim() ?? "");
    const names = ["wp:term_slug", "wp:term_name", "wp:term_description", "wp:term_parent"];
    if (kind) yield read(kind, one, names);
  }
}

/** Terms of other taxonomies stay with the items that have them, as data. */
function noteOthers(wxr: WxrFile, report: ImportReport): void {
  for (const { fields } of wxr.terms) {
    const taxonomy = fields["wp:term_taxonomy"]?.trim() || "term";
    if (TAXONOMIES.has(taxonomy) || taxonomy === "nav_menu") continue;
    countsOf(report, taxonomy).seen++;
    countsOf(report, taxonomy).skipped++;
    const reason = `the taxonomy "${taxonomy}" has no counterpart in FlowCMS: posts keep its terms in other_terms`;
    const id = numberOf(fields["wp:term_id"]) || (fields["wp:term_slug"] ?? "");
    report.notes.push({ kind: taxonomy, id, title: fields["wp:term_name"] ?? "", reason });
  }
}
