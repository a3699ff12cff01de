import { escapeHtml } from "./render-html.ts";

/** The tag under which a shortcode travels through the HTML parser. */
export const SHORTCODE_TAG = "flow-shortcode";

const MEDIA =
  "gallery|audio|video|playlist|embed|googlemaps|youtube|vimeo|soundcloud|contact-form|slideshare|wpvideo";

/** Rewrites WordPress shortcodes as elements: captions as figures, the others as a tag of ours. `<pre>` is left alone. */
export function expandShortcodes(html: string): string {
  const parts = html.split(/(<pre[\s>][\s\S]*?<\/pre>|<code[\s>][\s\S]*?<\/code>)/i);
  return parts.map((part, i) => (i % 2 === 1 ? part : expand(part))).join("");
}

function expand(html: string): string {
  return html
    .replace(
      /\[(?:wp_)?caption([^\]]*)\]([\s\S]*?)\[\/(?:wp_)?caption\]/gi,
      (_, attrs: string, inner: string) => caption(attrs, inner),
    )
    .replace(
      new RegExp(`\\[(${MEDIA})\\b([^\\]]*?)/?\\](?:([^[]*)\\[/\\1\\])?`, "gi"),
      (_, name: string, attrs: string, text?: string) => element(name, attrs, text),
    )
    .replace(/^[ \t]*\[([a-z][\w-]*)((?:\s[^\]\n]*)?)\][ \t]*$/gim, (_, name: string, attrs: string) =>
      element(name, attrs, undefined),
    );
}

function caption(attrs: string, inner: string): string {
  const parsed = shortcodeAttributes(attrs);
  const image = /^\s*(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*<\/a>)?/i.exec(inner)?.[0] ?? "";
  const text = inner.slice(image.length).trim() || (parsed["caption"] ?? "");
  const align = parsed["align"] ? ` class="${escapeHtml(parsed["align"])}"` : "";
  return `\n\n<figure${align}>${image.trim()}<figcaption>${text}</figcaption></figure>\n\n`;
}

function element(name: string, attrs: string, text: string | undefined): string {
  const packed = escapeHtml(JSON.stringify(shortcodeAttributes(attrs)));
  return `\n\n<${SHORTCODE_TAG} data-name="${name.toLowerCase()}" data-attrs="${packed}" data-text="${escapeHtml((text ?? "").trim())}"></${SHORTCODE_TAG}>\n\n`;
}

/** `id="3" size='large' wide` → `{ id: "3", size: "large", "0": "wide" }`. */
function shortcodeAttributes(text: string): Record<string, string> {
  const out: Record<string, string> = {};
  let position = 0;
  for (const [, name, double, single, bare, word] of text.matchAll(
    /([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))|([^\s=]+)/g,
  )) {
    if (name !== undefined) out[name.toLowerCase()] = double ?? single ?? bare ?? "";
    else if (word !== undefined && word !== "/") out[String(position++)] = word;
  }
  return out;
}
