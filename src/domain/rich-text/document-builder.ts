import { mayHold, NODES, type RichTextDocument, type RichTextNode } from "./schema.ts";

type Mark = { type: string; attrs?: Record<string, unknown> };
type Frame = { tag: string; node: RichTextNode };

const MAX_DEPTH = 24;
/** What is opened in between when a node stands where it may not: a list item outside of a list, a cell outside of a row. */
const WRAPPERS: Record<string, string[]> = {
  listItem: ["bulletList"],
  tableRow: ["table"],
  tableHeader: ["table", "tableRow"],
  tableCell: ["table", "tableRow"],
  definitionTerm: ["definitionList"],
  definitionDescription: ["definitionList"],
  figcaption: ["figure"],
};
const FILLERS: Record<string, string> = {
  bulletList: "listItem",
  orderedList: "listItem",
  table: "tableRow",
  tableRow: "tableCell",
  definitionList: "definitionDescription",
};

/** Builds a valid document from a stream of opened, closed and leaf things, however badly they nest. */
export class DocumentBuilder {
  readonly #doc: RichTextNode = { type: "doc", content: [] };
  #stack: Frame[] = [{ tag: "", node: this.#doc }];
  #marks: { tag: string; mark: Mark | undefined }[] = [];
  #paragraph: RichTextNode | undefined;
  readonly #autop: boolean;

  constructor(autop: boolean) {
    this.#autop = autop;
  }

  open(tag: string, type: string, attrs: Record<string, unknown>): void {
    const isInlineOnly = NODES[this.#top().type]!.holds === "inline" || this.#top().type === "codeBlock";
    this.endParagraph();
    if (type === "listItem") this.#closeUpTo(["listItem"], ["bulletList", "orderedList"]);
    if (type === "paragraph" || type === "heading")
      this.#closeUpTo(["paragraph", "heading"], ["listItem", "tableCell", "blockquote", "doc"]);
    if (isInlineOnly && NODES[this.#top().type]!.holds !== "blocks" && !mayHold(this.#top().type, type))
      return;
    if (this.#stack.length > MAX_DEPTH) return;
    this.#wrapFor(type);
    if (!mayHold(this.#top().type, type)) return;
    const node: RichTextNode = { type, ...(Object.keys(attrs).length > 0 ? { attrs } : {}), content: [] };
    this.#top().content!.push(node);
    this.#stack.push({ tag, node });
  }

  close(tag: string): void {
    this.endParagraph();
    const at = this.#stack.findLastIndex((frame) => frame.tag === tag);
    if (at > 0) this.#stack.length = at;
  }

  openMark(tag: string, mark: Mark | undefined): void {
    this.#marks.push({ tag, mark });
  }

  closeMark(tag: string): void {
    const at = this.#marks.findLastIndex((one) => one.tag === tag);
    if (at >= 0) this.#marks.splice(at, 1);
  }

  text(text: string): void {
    const top = this.#top();
    if (top.type === "codeBlock") return this.#push(top, text, []);
    if (!this.#autop || !this.#takesParagraphs()) return this.#inline(text.replace(/[ \t\n\r\f]+/g, " "));
    text.split(/\n[ \t]*\n\s*/).forEach((part, i) => {
      if (i > 0) this.endParagraph();
      part.split("\n").forEach((line, j) => {
        if (j > 0) this.#softBreak();
        this.#inline(line.replace(/[ \t\r\f]+/g, " "));
      });
    });
  }

  lineBreak(): void {
    const target = this.#inlineTarget(true);
    if (target?.type === "codeBlock") this.#push(target, "\n", []);
    else if (target) target.content!.push({ type: "hardBreak" });
  }

  image(attrs: Record<string, unknown> | undefined): void {
    if (!attrs) return;
    const top = this.#top();
    const link = this.#marks.find((one) => one.mark?.type === "link")?.mark;
    const node: RichTextNode = { type: "image", attrs, ...(link ? { marks: [link] } : {}) };
    if (top.type === "figure") top.content!.push(node);
    else {
      const target = this.#inlineTarget(true);
      if (target && mayHold(target.type, "image")) target.content!.push(node);
    }
  }

  leaf(type: string, attrs: Record<string, unknown> = {}): void {
    this.endParagraph();
    while (
      this.#stack.length > 1 &&
      !mayHold(this.#top().type, type) &&
      NODES[this.#top().type]!.holds !== "blocks" &&
      !FILLERS[this.#top().type]
    )
      this.#stack.pop();
    this.#fill();
    if (mayHold(this.#top().type, type))
      this.#top().content!.push({ type, ...(Object.keys(attrs).length > 0 ? { attrs } : {}) });
  }

  endParagraph(): void {
    const paragraph = this.#paragraph;
    this.#paragraph = undefined;
    if (paragraph) trim(paragraph);
  }

  finish(): RichTextDocument {
    this.endParagraph();
    tidy(this.#doc);
    return this.#doc as RichTextDocument;
  }

  #top(): RichTextNode {
    return this.#stack.at(-1)!.node;
  }

  #takesParagraphs(): boolean {
    const { type } = this.#top();
    return (
      type === "doc" || type === "blockquote" || (type === "paragraph" && this.#stack.at(-1)!.tag === "")
    );
  }

  #closeUpTo(types: string[], until: string[]): void {
    for (let at = this.#stack.length - 1; at > 0 && !until.includes(this.#stack[at]!.node.type); at--) {
      if (types.includes(this.#stack[at]!.node.type)) {
        this.#stack.length = at;
        return;
      }
    }
  }

  #wrapFor(type: string): void {
    const wrappers = WRAPPERS[type];
    if (!wrappers) return this.#fill(type);
    const first = wrappers.findLastIndex((wrapper) => wrapper === this.#top().type) + 1;
    if (first === 0 && type === "listItem" && this.#top().type === "orderedList") return;
    if (first === 0) this.#fill(wrappers[0]);
    for (const wrapper of wrappers.slice(first)) this.#pushImplied(wrapper);
  }

  /** Opens what a list, table or row needs before it can hold blocks or text. */
  #fill(type?: string): void {
    for (;;) {
      const top = this.#top().type;
      const filler = FILLERS[top];
      if (!filler || (type && mayHold(top, type))) return;
      this.#pushImplied(filler);
    }
  }

  #pushImplied(type: string): void {
    if (!mayHold(this.#top().type, type)) return;
    const node: RichTextNode = { type, content: [] };
    this.#top().content!.push(node);
    this.#stack.push({ tag: "", node });
  }

  #inline(text: string): void {
    if (text === "") return;
    const target = this.#inlineTarget(text.trim() !== "");
    if (!target) return;
    const last = target.content!.at(-1);
    const isAfterBreak =
      last === undefined || last.type === "hardBreak" || (last.type === "text" && last.text!.endsWith(" "));
    this.#push(target, isAfterBreak ? text.replace(/^ /, "") : text, this.#currentMarks());
  }

  #softBreak(): void {
    const last = this.#paragraph?.content!.at(-1);
    if (last && last.type !== "hardBreak") this.#paragraph!.content!.push({ type: "hardBreak" });
  }

  /** The node that inline content goes to; a paragraph is opened only for content that is not blank. */
  #inlineTarget(mayOpen: boolean): RichTextNode | undefined {
    const top = this.#top();
    if (NODES[top.type]!.holds === "inline" || top.type === "codeBlock") {
      if (top.type === "paragraph") this.#paragraph = top;
      return top;
    }
    if (this.#paragraph || !mayOpen) return this.#paragraph;
    this.#fill();
    const parent = this.#top();
    if (NODES[parent.type]!.holds === "inline") return parent;
    this.#paragraph = { type: "paragraph", content: [] };
    parent.content!.push(this.#paragraph);
    return this.#paragraph;
  }

  #currentMarks(): Mark[] {
    const marks = new Map<string, Mark>();
    for (const { mark } of this.#marks) if (mark) marks.set(mark.type, mark);
    return [...marks.values()];
  }

  #push(target: RichTextNode, text: string, marks: Mark[]): void {
    const clean = text.toWellFormed();
    if (clean === "") return;
    const last = target.content!.at(-1);
    if (last?.type === "text" && JSON.stringify(last.marks ?? []) === JSON.stringify(marks))
      last.text += clean;
    else target.content!.push({ type: "text", text: clean, ...(marks.length > 0 ? { marks } : {}) });
  }
}

/** Takes blanks and breaks away at both ends of a paragraph. */
function trim(paragraph: RichTextNode): void {
  const content = paragraph.content!;
  for (let last = content.at(-1); last; last = content.at(-1)) {
    if (last.type === "text") last.text = last.text!.trimEnd();
    if (last.type !== "hardBreak" && last.text !== "") break;
    content.pop();
  }
  for (let first = content[0]; first; first = content[0]) {
    if (first.type === "text") first.text = first.text!.trimStart();
    if (first.type !== "hardBreak" && first.text !== "") break;
    content.shift();
  }
}

/** Drops what stayed empty, gives containers the paragraph they need, and makes an embed of a URL that stands alone. */
function tidy(node: RichTextNode): boolean {
  const { type, content } = node;
  if (!content) return true;
  node.content = content.filter(tidy);
  if (type === "codeBlock") return node.content.length > 0;
  for (const child of node.content) {
    const only = child.type === "paragraph" && child.content?.length === 1 ? child.content[0]! : undefined;
    if (
      only?.type === "text" &&
      !only.marks &&
      /^https?:\/\/\S{4,3900}$/.test(only.text!) &&
      mayHold(type, "embed")
    ) {
      child.type = "embed";
      child.attrs = { url: only.text! };
      delete child.content;
    }
  }
  if (node.content.length > 0) return true;
  if (["listItem", "tableCell", "tableHeader", "definitionDescription", "doc"].includes(type)) {
    node.content.push({ type: "paragraph" });
    return true;
  }
  delete node.content;
  return type === "definitionTerm";
}
