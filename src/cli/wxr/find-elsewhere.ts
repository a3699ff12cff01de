import type { Client } from "../../sdk/index.ts";
import { ifThere } from "../if-there.ts";
import { stableId } from "../import/stable-id.ts";
import type { Elsewhere, Wanted } from "./step.ts";

const MAX_IDS = 50;
const keyOf = ({ kind, by, key }: Wanted) => JSON.stringify([kind, by, key]);
/**
 * The part of an id that follows from the source alone: an item's date is not known where it is only
 * referred to.
 */
const sourcePart = (id: string) => id.slice(-16);

/** Finds what other files of the site brought in before: by the ids that they were given. */
export async function findElsewhere(client: Client, site: string, wanted: Wanted[]): Promise<Elsewhere> {
  const found = new Map<string, string>();
  const of = (kind: Wanted["kind"], by: Wanted["by"]) => [
    ...new Map(
      wanted.filter((one) => one.kind === kind && one.by === by).map((one) => [keyOf(one), one]),
    ).values(),
  ];
  const assets = [...of("asset", "number"), ...of("asset", "url")];
  if (assets.length > 0) {
    const byPart = new Map(
      assets.map((one) => [sourcePart(stableId("ast", site, "attachment", one.key, 0)), one]),
    );
    const byUrl = new Map(of("asset", "url").map((one) => [one.key, one]));
    for await (const { id, source_url } of client.assets.iterate()) {
      for (const one of [byPart.get(sourcePart(id)), byUrl.get(source_url ?? "")])
        if (one && !found.has(keyOf(one))) found.set(keyOf(one), id);
    }
  }
  for (const kind of ["page", "post", "category", "tag"] as const) {
    const isTerm = kind === "category" || kind === "tag";
    for (const some of inPieces(of(kind, "number"))) {
      const parts = new Map(some.map((one) => [sourcePart(stableId("cnt", site, kind, one.key, 0)), one]));
      const filter = { source_id: { in: some.map(({ key }) => key) } };
      for await (const entry of client.content.iterate(kind, { filter, perspective: "draft" })) {
        const one = isTerm
          ? isOfSite(entry, site, kind) && some.find(({ key }) => key === entry["source_id"])
          : parts.get(sourcePart(entry.id));
        if (one) found.set(keyOf(one), entry.id);
      }
    }
    for (const one of of(kind, "slug")) {
      const id = stableId("cnt", site, kind, one.key, 0);
      if (await ifThere(client.content.get(kind, id, { perspective: "draft" }))) found.set(keyOf(one), id);
    }
  }
  return (one) => found.get(keyOf(one));
}

/** Which of these entries are there, published or not. */
export async function idsThere(client: Client, type: string, ids: string[]): Promise<Set<string>> {
  const there = new Set<string>();
  for (const some of inPieces(ids))
    for await (const { id } of client.content.iterate(type, {
      filter: { id: { in: some } },
      perspective: "draft",
    }))
      there.add(id);
  return there;
}

/** Terms have their ids from their nicenames. */
function isOfSite(
  { id, slug }: { id: string; [field: string]: unknown },
  site: string,
  kind: string,
): boolean {
  const names = [String(slug), encodeURIComponent(String(slug)).toLowerCase()];
  return names.some((name) => stableId("cnt", site, kind, name, 0) === id);
}

function* inPieces<T>(all: T[]): Generator<T[]> {
  for (let at = 0; at < all.length; at += MAX_IDS) yield all.slice(at, at + MAX_IDS);
}
