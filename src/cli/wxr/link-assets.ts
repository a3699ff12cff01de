import type { Lookup } from "./look-up.ts";

/** Marks the images of a body that are attachments of the site, in their resized forms too. */
export function linkAssets(
  html: string,
  { asset, assetAt }: Lookup,
  site: string,
): { html: string; ids: string[] } {
  const ids = new Set<string>();
  const linked = html.replace(/<img\b[^>]*>/gi, (tag) => {
    const src = /\bsrc=(["'])([^"']+)\1/i.exec(tag)?.[2];
    const number = /\bclass=(["'])[^"']*\bwp-image-(\d+)\b[^"']*\1/i.exec(tag)?.[2];
    if (src === undefined || /\bdata-asset=/i.test(tag)) return tag;
    // Only what may be the site's own is worth a look at what earlier files brought in.
    const isOwn = number !== undefined || isWithin(src, site);
    const forms = formsOf(src);
    const id =
      firstOf(forms, (form) => assetAt(form, isOwn)) ??
      (number !== undefined && isWithin(src, site) ? asset(number) : undefined);
    if (id === undefined) return tag;
    ids.add(id);
    return `<img data-asset="${id}"${tag.slice(4)}`;
  });
  return { html: linked, ids: [...ids] };
}

function firstOf(forms: string[], find: (form: string) => string | undefined): string | undefined {
  for (const form of forms) {
    const found = find(form);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The addresses that the original of an image may have. */
export function formsOf(src: string): string[] {
  const plain = src.replace(/[?#][^]*/, "");
  const whole = plain.replace(/-\d+x\d+(\.\w+)$/, "$1");
  const forms = [src, plain, whole, ...[plain, whole].map((one) => one.replace(/(\.\w+)$/, "-scaled$1"))];
  const swapped = forms.map((one) => one.replace(/^http(s?):/, (_, s: string) => (s ? "http:" : "https:")));
  return [...new Set([...forms, ...swapped])];
}

function isWithin(src: string, site: string): boolean {
  if (!URL.canParse(src, site || undefined) || !URL.canParse(site)) return false;
  return new URL(src, site).host.replace(/^www\./, "") === new URL(site).host.replace(/^www\./, "");
}
