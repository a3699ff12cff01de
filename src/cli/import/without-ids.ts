type Node = { type?: unknown; attrs?: Record<string, unknown>; marks?: unknown; [name: string]: unknown };
type Ids = ReadonlySet<string>;

/** What holds text: an embed that goes from it leaves nothing, elsewhere an empty paragraph. */
const INLINE_PARENTS = new Set<unknown>(["paragraph", "heading"]);

/**
 * A value without the things that it refers to: a single reference is null, an element of a list
 * goes, and rich text (HTML too) keeps the text of links and the images that have an address.
 */
export function withoutIds(value: unknown, ids: Ids): unknown {
  if (typeof value === "string") {
    if (ids.has(value)) return null;
    return value.replace(/ data-asset="(ast_\w+)"/g, (whole, id: string) => (ids.has(id) ? "" : whole));
  }
  if (Array.isArray(value)) return listWithout(value, ids, undefined);
  if (typeof value !== "object" || value === null) return value;
  const { type } = value as Node;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      Array.isArray(one) ? listWithout(one, ids, type) : withoutIds(one, ids),
    ]),
  );
}

function listWithout(list: unknown[], ids: Ids, parent: unknown): unknown[] {
  return list.flatMap((one) => {
    if (typeof one === "string" && ids.has(one)) return [];
    const { type, attrs } = (typeof one === "object" && one !== null ? one : {}) as Node;
    const isLost = (name: string) => typeof attrs?.[name] === "string" && ids.has(attrs[name]);
    if (
      type === "link" &&
      typeof attrs?.["href"] === "string" &&
      ids.has(attrs["href"].replace(/^entry:/, ""))
    )
      return [];
    if ((type === "entryEmbed" && isLost("entry")) || (type === "image" && isLost("asset") && !attrs!["src"]))
      return INLINE_PARENTS.has(parent) ? [] : [{ type: "paragraph" }];
    if (type === "image" && isLost("asset")) {
      const { asset: _asset, ...kept } = attrs!;
      return [{ ...(one as Node), attrs: kept }];
    }
    return [withoutIds(one, ids)];
  });
}
