import type { Known } from "./identify-items.ts";
import type { Terms } from "./map-terms.ts";
import type { Elsewhere } from "./step.ts";

/** Finds what an item refers to: in the file, or among what an earlier file of the site brought in. */
export type Lookup = {
  asset: (number: string) => string | undefined;
  /** With `isOwn` also in other files of the site. */
  assetAt: (url: string, isOwn: boolean) => string | undefined;
  entry: (kind: string, number: string) => string | undefined;
};

export function lookUpIn(
  known: Known[],
  terms: Terms,
  assets: Map<string, string>,
  elsewhere: Elsewhere,
): Lookup {
  const byNumber = new Map<string, Known>();
  for (const one of known) {
    const key = `${one.type}/${one.sourceId}`;
    if (!byNumber.has(key)) byNumber.set(key, one);
  }
  const of = (type: string, number: string) =>
    number === "" ? undefined : byNumber.get(`${type}/${number}`)?.id;
  return {
    asset: (number) =>
      number === ""
        ? undefined
        : (of("attachment", number) ?? elsewhere({ kind: "asset", by: "number", key: number })),
    assetAt: (url, isOwn) =>
      assets.get(url) ?? (isOwn ? elsewhere({ kind: "asset", by: "url", key: url }) : undefined),
    entry: (kind, number) => {
      if (number === "") return undefined;
      if (kind === "category" || kind === "tag")
        return terms.byNumber(kind, number)?.id ?? elsewhere({ kind, by: "number", key: number });
      if (kind !== "post" && kind !== "page") return undefined;
      return of(kind, number) ?? elsewhere({ kind, by: "number", key: number });
    },
  };
}
