import { isCustomName } from "./custom-parts.ts";
import { implied } from "./implied-nodes.ts";
import {
  holdsInline,
  isInline,
  MAX_NODES,
  mayHold,
  type RichTextDocument,
  type RichTextMark,
  type RichTextNode,
} from "./schema.ts";
import type { ListParagraph } from "./list-items.ts";
import type { StyleMark } from "./style-marks.ts";
import { tidyDocument, type Remembered } from "./tidy-document.ts";

type Attrs = Record<string, unknown>;
/** A node being filled; `node` is null while a block interrupts it, and a new one takes up what follows. */
type Frame = { type: string; attrs: Attrs; node: RichTextNode | null; isImplied: boolean };
type Element = { name: string; frames: number | null; marks: number; textAlign: string | undefined };

/** The deepest nesting; below the schema's limit, to leave room for what finishing adds. */
const MAX_FRAMES = 40;
const NODE_BUDGET = MAX_NODES - 100;
/** A list, and an item that may get an empty paragraph. */
const NODES_PER_ITEM = 4;
/**
 * What gets an empty paragraph, or a figure around it, when the document is finished, and so counts
 * twice.
 */
const COUNTS_TWICE = [
  "listItem",
  "tableCell",
  "tableHeader",
  "definitionDescription",
  "blockquote",
  "figcaption",
];
/** Opening one of these closes an open one, unless a barrier is between them. */
const ENDS: Record<string, { ended: string[]; barriers: string[] | "blocks" }> = {
  listItem: { ended: ["listItem"], barriers: "blocks" },
  definitionTerm: { ended: ["definitionTerm", "definitionDescription"], barriers: "blocks" },
  definitionDescription: { ended: ["definitionTerm", "definitionDescription"], barriers: "blocks" },
  tableCell: { ended: ["tableCell", "tableHeader"], barriers: ["table", "tableRow"] },
  tableHeader: { ended: ["tableCell", "tableHeader"], barriers: ["table", "tableRow"] },
  tableRow: { ended: ["tableRow"], barriers: ["table"] },
};

/**
 * Builds a valid document from a stream of opened and closed elements, texts and leaves, however badly
 * they nest.
 */
export class DocumentBuilder {
  readonly #doc: RichTextNode = { type: "doc", content: [] };
  readonly #remembered: Remembered = {
    softBreaks: new Set(),
    captions: new Map(),
    bare: new Set(),
    listParagraphs: new Map(),
    levels: new Map(),
  };
  readonly #softBreaks = this.#remembered.softBreaks;
  readonly #captions = this.#remembered.captions;
  #frames: Frame[] = [{ type: "doc", attrs: {}, node: this.#doc, isImplied: false }];
  #elements: Element[] = [];
  #marks: StyleMark[] = [];
  /** The same marks by type: the last one of each decides. */
  readonly #marksOf = new Map<string, StyleMark[]>();
  #nodes = 1;
  /**
   * The text that was added to last and how it ends: to look at a text that grows piece by piece costs
   * its length.
   */
  #lastText: { node: RichTextNode; end: string } | undefined;
  /** Set when the node limit is reached: from then on only text is added. */
  #rest: string[] | undefined;

  get depth(): number {
    return this.#elements.length;
  }
  get isOverBudget(): boolean {
    return this.#rest !== undefined;
  }
  get isInCode(): boolean {
    return this.#top().type === "codeBlock";
  }
  hasMark(type: string): boolean {
    const last = this.#marksOf.get(type)?.at(-1);
    return last !== undefined && !last.isOff;
  }
  /** The node that the innermost element opened, as long as nothing was put into it. */
  get emptyNode(): RichTextNode | undefined {
    const { node } = this.#top();
    return node?.content?.length === 0 ? node : undefined;
  }

  /** Opens an inline element; its mark, if any, applies until it is closed. */
  openInline(name: string, mark?: RichTextMark): void {
    this.#elements.push({ ...this.#inherited(), name, frames: null, marks: this.#marks.length });
    if (mark) this.mark([mark]);
  }

  /** Marks that hold, or do not, until the element that was opened last is closed. */
  mark(marks: StyleMark[]): void {
    for (const mark of marks) {
      if (mark.isOff && !this.hasMark(mark.type)) continue;
      this.#marks.push(mark);
      const same = this.#marksOf.get(mark.type);
      if (same) same.push(mark);
      else this.#marksOf.set(mark.type, [mark]);
    }
  }

  /** Says of the paragraph that was just opened that it is an item of a list; false when none was. */
  rememberParagraph(item: ListParagraph): boolean {
    const node = this.emptyNode;
    if (node?.type !== "paragraph") return false;
    this.#remembered.listParagraphs.set(node, item);
    this.#nodes += NODES_PER_ITEM;
    return true;
  }

  /** Says of the item that was just opened on which level it is, or that it shows no bullet of its own. */
  rememberItem(level: number | undefined, isBare: boolean): void {
    const node = this.emptyNode;
    if (node?.type !== "listItem") return;
    if (level !== undefined) this.#remembered.levels.set(node, level);
    if (level !== undefined) this.#nodes += NODES_PER_ITEM;
    if (isBare) this.#remembered.bare.add(node);
  }

  /** Opens an element that starts a line of its own without being a node, such as a div. */
  openPlain(name: string, textAlign?: string): void {
    this.boundary();
    const element = { ...this.#inherited(), name, frames: this.#frames.length, marks: this.#marks.length };
    if (textAlign) element.textAlign = textAlign;
    this.#elements.push(element);
  }

  /** Opens an element that is a node; where it is not allowed, or too deep, only its content is added. */
  openNode(name: string, type: string, attrs: Attrs = {}): void {
    const isText = type === "paragraph" || type === "heading";
    const isTransparent = isText && holdsInline(this.#top().type) && this.#top().type !== "paragraph";
    this.boundary();
    this.#endBefore(type);
    const isTooDeep = this.#frames.length >= MAX_FRAMES || this.isOverBudget;
    const isStray =
      type === "figcaption" && this.#frames.findLast((frame) => !holdsInline(frame.type))?.type !== "figure";
    const isContentOnly = isTransparent || isTooDeep || isStray || this.isInCode;
    const parent = isContentOnly ? undefined : this.#place(type);
    const element = { ...this.#inherited(), name, frames: this.#frames.length, marks: this.#marks.length };
    const aligned = isText && element.textAlign ? { textAlign: element.textAlign, ...attrs } : attrs;
    if (parent) this.#push({ type, attrs: aligned, node: null, isImplied: false }, parent);
    this.#elements.push(element);
  }

  /** Opens a table's caption, which is moved next to the table at the end. */
  openTableCaption(name: string): void {
    const table = this.#frames.findLast((frame) => frame.type === "table")?.node;
    if (!table || this.#captions.has(table) || this.isOverBudget) return this.openPlain(name);
    this.boundary();
    const beside = this.#count({ type: "figure", content: [] });
    this.#captions.set(table, beside);
    this.#elements.push({
      ...this.#inherited(),
      name,
      frames: this.#frames.length,
      marks: this.#marks.length,
    });
    this.#frames.push({ type: "figure", attrs: {}, node: beside, isImplied: false });
    this.#push({ type: "figcaption", attrs: {}, node: null, isImplied: false }, beside);
  }

  /** Closes the innermost element of that name and everything inside it. */
  close(name: string): void {
    const at = this.#elements.findLastIndex((element) => element.name === name);
    if (at >= 0) this.#closeFrom(at);
  }

  closeAll(): void {
    if (this.#elements.length > 0) this.#closeFrom(0);
  }

  /** Adds text unchanged, including spaces and newlines. */
  verbatim(text: string): void {
    if (this.#rest) return void this.#rest.push(text);
    if (text.trim() === "" && !this.#top().node) return;
    this.#addText(this.#place("text"), text);
  }

  /** Adds text whose runs of blanks are one blank. */
  text(text: string): void {
    if (this.#rest) return void this.#rest.push(text);
    const isBlank = /^[ \t\n\r\f]*$/.test(text);
    const line = this.#top();
    if (isBlank && !(line.node && holdsInline(line.type))) return;
    const parent = this.#place("text");
    const last = parent?.content!.at(-1);
    const isAtStart =
      !last || last.type === "hardBreak" || (last.type === "text" && " \t\n".includes(this.#endOf(last)));
    const collapsed = text.replace(/[ \t\n\r\f]+/g, " ");
    this.#addText(parent, isAtStart ? collapsed.replace(/^ /, "") : collapsed);
  }

  /** Adds a line break; a soft break (from a newline) is dropped next to another break and at the end. */
  lineBreak(isSoft: boolean): void {
    if (this.#rest) return void this.#rest.push("\n");
    const line = this.#top();
    if (isSoft && !(line.node && holdsInline(line.type))) return;
    const parent = this.#place(this.isInCode ? "text" : "hardBreak");
    if (!parent) return;
    if (parent.type === "codeBlock") return this.#addText(parent, "\n");
    const last = parent.content!.at(-1);
    if (isSoft && (!last || last.type === "hardBreak")) return;
    if (!isSoft && last && this.#softBreaks.delete(last)) return;
    const node = this.#count({ type: "hardBreak" });
    if (isSoft) this.#softBreaks.add(node);
    parent.content!.push(node);
  }

  /** Adds a node without content, where one of `like` may stand; a block ends the current line. */
  leaf(type: string, attrs: Attrs = {}, like = type): void {
    if (!isInline(type)) this.boundary();
    const parent = this.isOverBudget ? undefined : this.#place(like);
    if (!parent) return;
    const isKept = (mark: RichTextMark) => mark.type === "link" || isCustomName(mark.type, "marks");
    const marks = type === "image" ? this.#currentMarks().filter(isKept) : [];
    parent.content!.push(
      this.#count({
        type,
        ...(Object.keys(attrs).length > 0 ? { attrs } : {}),
        ...(marks.length > 0 && isInline(type) ? { marks } : {}),
      }),
    );
  }

  /**
   * Ends the line: text that follows begins a new paragraph where there may be one, and a new line
   * elsewhere.
   */
  boundary(): void {
    if (this.#rest) return void this.#rest.push("\n");
    const top = this.#top();
    if (top.isImplied && holdsInline(top.type)) this.#frames.pop();
    else if (top.type === "paragraph") top.node = null;
    else if (top.type === "codeBlock") {
      const last = top.node?.content!.at(-1);
      if (last && this.#endOf(last) !== "\n") this.#addText(top.node!, "\n");
    } else if (holdsInline(top.type)) this.lineBreak(true);
  }

  finish(): RichTextDocument {
    this.closeAll();
    const rest = this.#rest?.join("").replace(/\s+/g, " ").trim();
    if (rest) this.#doc.content!.push({ type: "paragraph", content: [{ type: "text", text: rest }] });
    tidyDocument(this.#doc, this.#remembered);
    return this.#doc as RichTextDocument;
  }

  #top(): Frame {
    return this.#frames.at(-1)!;
  }

  #inherited(): { textAlign: string | undefined } {
    return { textAlign: this.#elements.at(-1)?.textAlign };
  }

  #closeFrom(at: number): void {
    const frames = this.#elements.slice(at).find((element) => element.frames !== null)?.frames;
    for (const { type } of this.#marks.splice(this.#elements[at]!.marks)) {
      const same = this.#marksOf.get(type)!;
      if (same.length > 1) same.pop();
      else this.#marksOf.delete(type);
    }
    this.#elements.length = at;
    if (frames === undefined || frames === null) return;
    if (this.#frames.length <= frames) this.boundary();
    else this.#frames.length = Math.max(1, frames);
  }

  #endBefore(type: string): void {
    const rule = ENDS[type];
    if (!rule) return;
    for (let at = this.#frames.length - 1; at > 0; at--) {
      const frame = this.#frames[at]!;
      if (rule.ended.includes(frame.type)) return void (this.#frames.length = at);
      if (rule.barriers === "blocks" ? !holdsInline(frame.type) : rule.barriers.includes(frame.type)) return;
    }
  }

  /**
   * The node that a child of that type goes to: what is implied is closed or opened, and lines are
   * interrupted.
   */
  #place(type: string): RichTextNode | undefined {
    if (this.#nodes > NODE_BUDGET) {
      this.#rest ??= [];
      return undefined;
    }
    for (let at = this.#frames.length - 1; at >= 0; at--) {
      const frame = this.#frames[at]!;
      const isLast = at === this.#frames.length - 1;
      const between = implied(frame.type, type);
      const isForeign =
        frame.isImplied && isLast && between?.length !== 0 && !mayHold(frame.type, "paragraph");
      if (between && !isForeign) return this.#fill(at, between);
      if (isForeign) this.#frames.pop();
      else frame.node = null;
    }
    return undefined;
  }

  #fill(at: number, between: string[]): RichTextNode {
    const frame = this.#frames[at]!;
    let parent = frame.node ?? this.#resume(at);
    const textAlign = this.#elements.at(-1)?.textAlign;
    for (const type of between) {
      const attrs = type === "paragraph" && textAlign ? { textAlign } : {};
      parent = this.#push({ type, attrs, node: null, isImplied: true }, parent);
      if (type === "listItem") this.#remembered.bare.add(parent);
    }
    return parent;
  }

  /** Goes on with an interrupted node: a new one of its kind, in the nearest parent that holds it. */
  #resume(at: number): RichTextNode {
    const frame = this.#frames[at]!;
    const holder = this.#frames.findLastIndex(
      ({ type }, i) => i < at && implied(type, frame.type)?.length === 0,
    );
    const parent = this.#frames[holder]!.node ?? this.#resume(holder);
    frame.node = this.#newNode(frame);
    parent.content!.push(frame.node);
    return frame.node;
  }

  #push(frame: Frame, parent: RichTextNode): RichTextNode {
    frame.node = this.#newNode(frame);
    parent.content!.push(frame.node);
    this.#frames.push(frame);
    return frame.node;
  }

  #newNode({ type, attrs }: Frame): RichTextNode {
    return this.#count({
      type,
      ...(Object.keys(attrs).length > 0 ? { attrs: { ...attrs } } : {}),
      content: [],
    });
  }

  #count(node: RichTextNode): RichTextNode {
    this.#nodes += COUNTS_TWICE.includes(node.type) ? 2 : 1;
    return node;
  }

  #currentMarks(): RichTextMark[] {
    return [...this.#marksOf.values()].map((same) => same.at(-1)!).filter(({ isOff }) => !isOff);
  }

  #addText(parent: RichTextNode | undefined, text: string): void {
    if (!parent) return void this.#rest?.push(text);
    if (text === "") return;
    const marks = parent.type === "codeBlock" ? [] : this.#currentMarks();
    const last = parent.content!.at(-1);
    let node = last;
    if (last?.type === "text" && JSON.stringify(last.marks ?? []) === JSON.stringify(marks))
      last.text += text;
    else {
      node = this.#count({ type: "text", text, ...(marks.length > 0 ? { marks } : {}) });
      parent.content!.push(node);
    }
    this.#lastText = { node: node!, end: text.at(-1)! };
  }

  #endOf(node: RichTextNode): string {
    return this.#lastText?.node === node ? this.#lastText.end : node.text!.at(-1)!;
  }
}
