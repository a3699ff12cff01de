import { cutText } from "../../../core/cut-text.ts";
import { NO_NAMES, type CustomNames } from "./custom-parts.ts";
import { DocumentBuilder } from "./document-builder.ts";
import {
  embedUrl,
  imageAttributes,
  labelOf,
  languageOf,
  linkMark,
  nodeAttributes,
  sideOf,
  textAlignOf,
  type HtmlAttributes,
} from "./html-attributes.ts";
import {
  DROPPED,
  MARK_OF_TAG,
  NEVER_CONTENT,
  NODE_OF_TAG,
  NOTED,
  PLAIN,
  QUIET,
  VOID,
} from "./html-elements.ts";
import { levelOf, listParagraph, type ListParagraph } from "./list-items.ts";
import { readHtml, type HtmlReader } from "./read-html.ts";
import { componentOf, ownElement } from "./own-elements.ts";
import type { RichTextDocument } from "./schema.ts";
import { lostColours, styleMarks, stylesOf } from "./style-marks.ts";
import { blockUrl, escapeCaptions, splitShortcodes } from "./wordpress-shortcodes.ts";

const CAPTION = "[caption]";
const MAX_NOTES = 100;
const MAX_MARKER_CHARS = 16;
const EMBED_BLOCK = /^\/?wp:(?:core\/)?(?:embed$|core-embed\/)/;

/**
 * Converts HTML to a rich text document that always validates. Structure is kept; scripts, styles, event
 * handlers and unsafe URLs are removed; `notes` lists what was removed, each once, and `counts` how
 * often. `autop` turns blank lines into paragraphs and newlines into line breaks, as WordPress does.
 * `custom` are the field's own blocks and marks, whose values are not checked here.
 */
export function htmlToRichText(
  html: string,
  options: { autop?: boolean; custom?: CustomNames } = {},
): { doc: RichTextDocument; notes: string[]; counts: ReadonlyMap<string, number> } {
  const reader = new HtmlConverter(options.autop === true, options.custom ?? NO_NAMES);
  reader.start(html);
  readHtml(escapeCaptions(html), reader);
  return reader.finish();
}

class HtmlConverter implements HtmlReader {
  readonly #builder = new DocumentBuilder();
  readonly #notes = new Map<string, number>();
  readonly #autop: boolean;
  readonly #custom: CustomNames;
  /** Whether a pre was just opened: the newline right after it counts for nothing. */
  #isAfterPre = false;
  /** How many elements are open inside one that is dropped, itself included. */
  #dropped = 0;
  /** A video or audio element that still waits for its first source. */
  #medium: "waiting" | "found" | undefined;
  /** The shortcode whose text is being read, in what `renderHtml` writes. */
  #own: { name: string; attrs: Record<string, string>; text: string } | undefined;
  #captions: string[] = [];
  #captionEnds = 0;
  /** How many Gutenberg blocks are open; WordPress makes paragraphs only outside of them. */
  #gutenberg = 0;
  #headings = 0;
  /** The item whose bullet or number is being read: inside of an element of Word's, or between its comments. */
  #marker: { item: ListParagraph; isElement: boolean } | undefined;
  #item: ListParagraph | undefined;
  /** The URL of the embed block that is open, as long as no embed was seen in it. */
  #embedBlock: string | undefined;

  constructor(autop: boolean, custom: CustomNames) {
    this.#autop = autop;
    this.#custom = custom;
  }

  start(html: string): void {
    this.#captionEnds = html.match(/\[\/(?:wp_)?caption\]/g)?.length ?? 0;
  }

  open(name: string, attributes: HtmlAttributes): void {
    if (this.#medium && (name === "source" || name === "track")) return this.#source(name, attributes);
    if (this.#dropped > 0 || DROPPED.has(name)) {
      if (this.#dropped++ === 0 && !NEVER_CONTENT.has(name)) this.#note(`dropped <${name}>`);
      return;
    }
    for (const key of Object.keys(attributes))
      if (key.startsWith("on")) this.#note(`dropped the attribute ${key}`);
    if (!this.#openLeaf(name, attributes)) this.#openElement(name, attributes);
    this.#isAfterPre = name === "pre";
  }

  close(name: string): void {
    if (this.#dropped > 0) {
      if (--this.#dropped === 0) this.#closeDropped(name);
      return;
    }
    if (VOID.has(name)) return;
    if (name === "thead") this.#headings--;
    if (name === "p") this.#endItem();
    this.#builder.close(name);
  }

  /** Takes a run of text, whole: nothing but text is between two calls of the other methods. */
  text(text: string): void {
    if (this.#dropped > 0) {
      if (this.#own) this.#own.text += text;
      else if (this.#marker) this.#marker.item.marker += text;
      return;
    }
    const isAfterPre = this.#isAfterPre;
    this.#isAfterPre = false;
    if (this.#marker) return void (this.#marker.item.marker += text);
    if (this.#builder.isInCode) return this.#builder.verbatim(isAfterPre ? text.replace(/^\n/, "") : text);
    if (this.#builder.hasMark("code")) return this.#inlineCode(text);
    for (const part of splitShortcodes(text)) {
      if (part.kind === "text") this.#words(part.text);
      else if (part.kind === "captionStart") this.#openCaption(part.attrs, part.raw);
      else if (part.kind === "captionEnd") this.#closeCaption();
      else this.#shortcode(part.shortcode.name, part.shortcode.attrs, part.shortcode.text);
    }
  }

  comment(text: string): void {
    if (this.#dropped > 0) return;
    if (text.startsWith("[")) return this.#conditional(text);
    const [begun, name] = /^\s*(\S*)\s*/.exec(text)!;
    const rest = text.slice(begun.length);
    if (name === "more" || name === "nextpage" || /^more\S/.test(name!)) {
      const tag = name === "nextpage" ? name : "more";
      return this.#shortcode(tag, {}, cutText(`${name!.slice(tag.length)} ${rest}`.trim(), 2000));
    }
    if (name!.startsWith("/wp:")) {
      this.#gutenberg = Math.max(0, this.#gutenberg - 1);
      if (EMBED_BLOCK.test(name!)) this.#endEmbedBlock();
    } else if (name!.startsWith("wp:")) this.#openBlock(name!, rest);
    else return;
    this.#builder.boundary();
  }

  /** How many elements are open; the reader closes them all when they are too many. */
  get depth(): number {
    return this.#builder.depth + this.#dropped;
  }

  flatten(): void {
    this.#note("flattened elements that are nested too deep");
    this.#dropped = 0;
    this.#medium = undefined;
    this.#own = undefined;
    this.#headings = 0;
    this.#captions = [];
    this.#endItem();
    this.#embedBlock = undefined;
    this.#builder.closeAll();
  }

  finish(): { doc: RichTextDocument; notes: string[]; counts: ReadonlyMap<string, number> } {
    this.#endItem();
    const doc = this.#builder.finish();
    if (this.#builder.isOverBudget) this.#note("kept only the text after 20,000 nodes");
    return { doc, notes: [...this.#notes.keys()], counts: this.#notes };
  }

  #note(note: string): void {
    const text = cutText(note, 80);
    const count = this.#notes.get(text) ?? 0;
    if (count > 0 || this.#notes.size < MAX_NOTES) this.#notes.set(text, count + 1);
  }

  /** Opens an element without content, or without supported content; false for any other. */
  #openLeaf(name: string, attributes: HtmlAttributes): boolean {
    const note = (text: string) => this.#note(text);
    if (name === "br") this.#builder.lineBreak(false);
    else if (name === "hr") this.#builder.leaf("horizontalRule");
    else if (name === "img") {
      const attrs = imageAttributes(attributes, note);
      if (attrs) this.#builder.leaf("image", attrs);
    } else if (name === "embed") this.#embed(embedUrl(attributes["src"], note));
    else if (name === "iframe" || name === "video" || name === "audio") {
      const isFound = this.#embed(embedUrl(attributes["src"], note));
      this.#medium = isFound ? "found" : "waiting";
      this.#dropped++;
    } else if (VOID.has(name)) {
      if (name === "input") this.#note("dropped <input>");
    } else return this.#openOwn(name, attributes);
    return true;
  }

  /** Opens what `renderHtml` writes for nodes that HTML has no element for; false for any other. */
  #openOwn(name: string, attributes: HtmlAttributes): boolean {
    const own = ownElement(name, attributes, this.#custom.nodes, (note) => this.#note(note));
    if (!own) return false;
    if (own.kind === "entry") {
      if (name === "div") this.#builder.boundary();
      this.#builder.leaf("entryEmbed", own.attrs);
      return false;
    }
    if (own.kind === "embed") this.#embed(own.url);
    else if (own.kind === "component") this.#builder.leaf(own.type, own.attrs, "horizontalRule");
    else this.#own = own.shortcode;
    this.#dropped++;
    return true;
  }

  /** Word's conditional comments: what is meant for readers without lists is an item's bullet or number. */
  #conditional(text: string): void {
    if (/^\[if\s+!supportLists/i.test(text) && this.#item && !this.#marker)
      this.#marker = { item: this.#item, isElement: false };
    else if (/^\[endif/i.test(text) && !this.#marker?.isElement) this.#endMarker(true);
  }

  #openBlock(name: string, rest: string): void {
    const isWhole = `${name}${rest}`.trimEnd().endsWith("/");
    if (!isWhole) this.#gutenberg++;
    const url = EMBED_BLOCK.test(name) ? blockUrl(rest) : undefined;
    if (url !== undefined) this.#embedBlock = embedUrl(url, (note) => this.#note(note));
    if (isWhole && url !== undefined) this.#endEmbedBlock();
    else if (isWhole) this.#note(`dropped the block ${name.slice(3, 60).replace(/\/$/, "")}`);
  }

  /** The block's own markup may lack what the block is about. */
  #endEmbedBlock(): void {
    const url = this.#embedBlock;
    this.#embedBlock = undefined;
    this.#embed(url);
  }

  #closeDropped(name: string): void {
    if (this.#marker?.isElement) return this.#endMarker(true);
    if (this.#medium === "waiting") this.#note(`dropped <${name}> without a URL`);
    this.#medium = undefined;
    const own = this.#own;
    this.#own = undefined;
    if (own) this.#builder.leaf("shortcode", { ...own, text: cutText(own.text, 20_000) });
  }

  #openElement(name: string, attributes: HtmlAttributes): void {
    const styles = stylesOf(attributes);
    if (this.#item && /(?:^|\s)ignore\b/.test(styles.get("mso-list") ?? "")) {
      this.#marker = { item: this.#item, isElement: true };
      this.#dropped++;
      return;
    }
    const own = Object.hasOwn(MARK_OF_TAG, name) ? MARK_OF_TAG[name]! : undefined;
    const isInLink = name === "a" || this.#builder.hasMark("link");
    const isBlock = PLAIN.has(name) || Object.hasOwn(NODE_OF_TAG, name) || /^h[1-6]$/.test(name);
    if (isBlock) this.#endItem();
    this.#openStructure(name, attributes);
    this.#rememberItem(name, attributes, styles);
    if (name === "font" && attributes["color"])
      styles.set("color", styles.get("color") ?? attributes["color"]);
    const colours = this.#builder.isInCode ? [] : lostColours(styles, own, isInLink);
    for (const what of colours) this.#note(`dropped a ${what} colour`);
    const isHeading = name === "th" || /^h[1-6]$/.test(name);
    const marks = this.#builder.isInCode ? [] : styleMarks(styles, { own, isInLink, isBlock });
    this.#builder.mark(marks.filter(({ type }) => !(isHeading && type === "bold")));
  }

  /** Remembers what says that a paragraph is an item of a list, and on which level an item is. */
  #rememberItem(name: string, attributes: HtmlAttributes, styles: ReadonlyMap<string, string>): void {
    if (name === "li") {
      const level = levelOf(attributes["aria-level"] ?? attributes["data-aria-level"]);
      const list = `${styles.get("list-style-type") ?? ""} ${styles.get("list-style") ?? ""}`.split(" ");
      this.#builder.rememberItem(level, list.includes("none"));
    }
    const item = name === "p" ? listParagraph(attributes, styles) : undefined;
    if (item && this.#builder.rememberParagraph(item)) this.#item = item;
  }

  /** A presumed bullet or number that is too long, or not closed, is text. */
  #endMarker(hasEnded: boolean): void {
    const item = this.#marker?.item;
    this.#marker = undefined;
    if (!item || (hasEnded && item.marker.trim().length <= MAX_MARKER_CHARS)) return;
    this.#builder.text(item.marker);
    item.marker = "";
  }

  #endItem(): void {
    this.#endMarker(false);
    this.#item = undefined;
  }

  #openStructure(name: string, attributes: HtmlAttributes): void {
    const builder = this.#builder;
    const note = (text: string) => this.#note(text);
    const mark = Object.hasOwn(MARK_OF_TAG, name) ? MARK_OF_TAG[name]! : undefined;
    if (name === "code" && builder.isInCode) this.#setLanguage(attributes);
    else if (builder.isInCode && (mark || name === "a")) this.#note(`unwrapped <${name}> inside of <pre>`);
    if (name === "a") return builder.openInline(name, linkMark(attributes, note));
    const annotation = name === "span" ? componentOf(attributes, this.#custom.marks, note) : undefined;
    if (annotation) return builder.openInline(name, builder.isInCode ? undefined : annotation);
    if (mark) {
      const title = mark === "abbr" ? labelOf(attributes["title"]) : undefined;
      return builder.openInline(name, { type: mark, ...(title ? { attrs: { title } } : {}) });
    }
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level)
      return builder.openNode(name, "heading", {
        level: Number(level),
        ...nodeAttributes("heading", attributes),
      });
    if (name === "caption") return builder.openTableCaption(name);
    const classes = (attributes["class"] ?? "").split(" ");
    if (classes.includes("wp-block-embed__wrapper")) return builder.openNode(name, "paragraph");
    if (classes.includes("blocks-gallery-grid") || classes.includes("blocks-gallery-item"))
      return builder.openPlain(name);
    if (Object.hasOwn(NODE_OF_TAG, name)) {
      const type = name === "td" && this.#headings > 0 ? "tableHeader" : NODE_OF_TAG[name]!;
      return builder.openNode(name, type, nodeAttributes(type, attributes));
    }
    if (name === "thead") this.#headings++;
    if (NOTED.has(name) || !(PLAIN.has(name) || QUIET.has(name)))
      this.#note(`unwrapped <${name.slice(0, 40)}>`);
    if (!PLAIN.has(name)) return builder.openInline(name);
    builder.openPlain(name, name === "center" ? "center" : textAlignOf(attributes));
  }

  #setLanguage(attributes: HtmlAttributes): void {
    const block = this.#builder.emptyNode;
    const language = languageOf(attributes);
    if (block && language && !block.attrs) block.attrs = { language };
  }

  #source(name: string, attributes: HtmlAttributes): void {
    this.#dropped++;
    if (name === "track") return;
    if (this.#medium === "found") return this.#note("dropped an additional <source>");
    if (this.#embed(embedUrl(attributes["src"], (note) => this.#note(note)))) this.#medium = "found";
  }

  #embed(url: string | undefined): boolean {
    if (url !== undefined) {
      this.#embedBlock = undefined;
      this.#builder.leaf("embed", { url });
    }
    return url !== undefined;
  }

  #shortcode(name: string, attrs: Record<string, string>, text: string): void {
    const url =
      name === "embed" && /^https?:\/\/\S+$/i.test(text)
        ? embedUrl(text, (note) => this.#note(note))
        : undefined;
    if (!this.#embed(url)) this.#builder.leaf("shortcode", { name, attrs, text });
  }

  #openCaption(attrs: Record<string, string>, raw: string): void {
    if (this.#captionEnds <= this.#captions.length) return this.#words(raw);
    this.#captions.push(attrs["caption"] ?? "");
    const align = sideOf({ class: attrs["align"] ?? "" });
    this.#builder.openNode(CAPTION, "figure", align ? { align } : {});
  }

  #closeCaption(): void {
    const caption = this.#captions.pop();
    this.#captionEnds--;
    if (caption === undefined) return this.#words("[/caption]");
    if (caption !== "") {
      this.#builder.openNode(`${CAPTION}text`, "figcaption");
      readHtml(caption, this);
      this.#builder.close(`${CAPTION}text`);
    }
    this.#builder.close(CAPTION);
  }

  #inlineCode(text: string): void {
    if (!this.#makesParagraphs()) return this.#builder.verbatim(text);
    text.split("\n").forEach((line, i) => {
      if (i > 0) this.#builder.lineBreak(false);
      if (line !== "") this.#builder.verbatim(line);
    });
  }

  #words(text: string): void {
    const url =
      this.#embedBlock !== undefined && /^https?:\/\/\S+$/i.test(text.trim()) ? text.trim() : undefined;
    if (this.#embed(url && embedUrl(url, (note) => this.#note(note)))) return;
    if (!this.#makesParagraphs()) return this.#builder.text(text);
    text.split(/\n[ \t\r\f]*\n\s*/).forEach((part, i) => {
      if (i > 0) this.#builder.boundary();
      part.split("\n").forEach((line, j) => {
        if (j > 0) this.#builder.lineBreak(true);
        if (line !== "") this.#builder.text(line);
      });
    });
  }

  #makesParagraphs(): boolean {
    return this.#autop && this.#gutenberg === 0;
  }
}
