import { toSlug } from "../import/slug.ts";

/** Gives every thing of a kind a slug of its own. */
export class UniqueSlugs {
  readonly #taken = new Set<string>();

  take(
    kind: string,
    wanted: string,
    of: { sourceId: string; id: string },
    say: (reason: string) => void,
  ): string {
    const slug = slugsFor(wanted, of).find((one) => !this.#taken.has(`${kind}/${one}`))!;
    if (slug !== wanted) say(`the slug "${wanted}" is used twice in the file: changed to "${slug}"`);
    this.#taken.add(`${kind}/${slug}`);
    return slug;
  }
}

/** A slug and its alternatives when it is taken; the last is unique. */
export function slugsFor(wanted: string, { sourceId, id }: { sourceId: string; id: string }): string[] {
  const source = /^[\w-]{1,16}$/.test(sourceId) ? toSlug(sourceId) : "";
  return [
    wanted,
    ...(source && source !== wanted ? [`${wanted}-${source}`] : []),
    `${wanted}-${id.slice(-8)}`,
    `${wanted}-${id.slice(-16)}`,
  ];
}
