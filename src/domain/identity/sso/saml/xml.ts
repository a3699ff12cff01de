import { DOMParser } from "@xmldom/xmldom";

/** The part of the DOM that is used here. */
export interface XmlNode {
  readonly nodeType: number;
  readonly nodeValue: string | null;
  readonly childNodes: ArrayLike<XmlNode>;
  readonly parentNode: XmlNode | null;
}
export interface XmlElement extends XmlNode {
  readonly localName: string;
  readonly prefix: string | null;
  readonly namespaceURI: string | null;
  readonly attributes: ArrayLike<XmlNode & { localName: string; value: string }>;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
}

const ELEMENT = 1;
const TEXT = 3;
const DECLARATION =
  /^<\?xml\s+version\s*=\s*["']1\.0["'](?:\s+encoding\s*=\s*["']utf-8["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>/i;
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 2_000;
const MAX_METADATA_ELEMENTS = 10_000;
const MAX_ATTRIBUTES = 64;

/**
 * Parses XML that somebody else wrote and returns its root. Throws on anything that is not plain,
 * well-formed UTF-8 XML: no DOCTYPE, no entities but XML's own five, no processing instructions,
 * bounded depth and counts; comments and CDATA only where `comments` says so.
 */
export function parseXml(text: string, options: { comments?: boolean } = {}): XmlElement {
  const xml = text.replace(DECLARATION, "").trim();
  checkMarkup(xml, options.comments ?? false);
  const fail = (message: unknown) => {
    throw new Error(String(message));
  };
  const document = new DOMParser({
    errorHandler: { warning: fail, error: fail, fatalError: fail },
  }).parseFromString(xml, "text/xml") as unknown as XmlNode & { documentElement: XmlElement | null };
  const root = document.documentElement;
  if (root === null) throw new Error("There is no root element.");
  const strays = [...nodes(document)].filter(
    (node) => node.nodeType === ELEMENT || (node.nodeType === TEXT && node.nodeValue!.trim() !== ""),
  );
  if (strays.length !== 1) throw new Error("There is content outside the root element.");
  for (const element of descendants(root))
    if (element.prefix && !element.namespaceURI)
      throw new Error("An element's namespace prefix is not declared.");
  return root;
}

/** Walks the tags before any parser does, so that nothing deep, wide or active ever reaches one. */
function checkMarkup(xml: string, comments: boolean): void {
  const most = comments ? MAX_METADATA_ELEMENTS : MAX_ELEMENTS;
  let depth = 0;
  let elements = 0;
  let at = xml.indexOf("<");
  while (at !== -1) {
    if (comments && xml.startsWith("<!--", at)) {
      at = xml.indexOf("-->", at + 4);
      if (at === -1) throw new Error("A comment is not closed.");
      at = xml.indexOf("<", at);
      continue;
    }
    if (xml[at + 1] === "!" || xml[at + 1] === "?")
      throw new Error("Comments, CDATA, DOCTYPE and processing instructions are not accepted.");
    const { end, attributes } = endOfTag(xml, at);
    if (xml[at + 1] === "/") depth -= 1;
    else {
      elements += 1;
      if (xml[end - 1] !== "/") depth += 1;
    }
    if (depth < 0 || depth > MAX_DEPTH) throw new Error(`Elements are nested deeper than ${MAX_DEPTH}.`);
    if (elements > most) throw new Error(`There are more than ${most} elements.`);
    if (attributes > MAX_ATTRIBUTES)
      throw new Error(`An element has more than ${MAX_ATTRIBUTES} attributes.`);
    at = xml.indexOf("<", end);
  }
}

function endOfTag(xml: string, start: number): { end: number; attributes: number } {
  let attributes = 0;
  for (let at = start + 1; at < xml.length; at++) {
    const char = xml[at];
    if (char === ">") return { end: at, attributes };
    if (char === "<") break;
    if (char === '"' || char === "'") {
      attributes += 1;
      at = xml.indexOf(char, at + 1);
      if (at === -1) break;
    }
  }
  throw new Error("A tag is not closed.");
}

function* nodes(parent: XmlNode): Generator<XmlNode> {
  for (let i = 0; i < parent.childNodes.length; i++) yield parent.childNodes[i]!;
}

/** The child elements, in their order. */
export function children(parent: XmlNode): XmlElement[] {
  return [...nodes(parent)].filter((node) => node.nodeType === ELEMENT) as XmlElement[];
}

/** Whether an element has that name, namespace included. */
export function isNamed(element: XmlElement, namespace: string, name: string): boolean {
  return element.localName === name && element.namespaceURI === namespace;
}

/** The child elements of one name. */
export function childrenNamed(parent: XmlNode, namespace: string, name: string): XmlElement[] {
  return children(parent).filter((element) => isNamed(element, namespace, name));
}

/** The one child element of that name, or undefined; throws where there are several. */
export function childNamed(parent: XmlNode, namespace: string, name: string): XmlElement | undefined {
  const found = childrenNamed(parent, namespace, name);
  if (found.length > 1) throw new Error(`There is more than one ${name}.`);
  return found[0];
}

/** The one child element of that name; throws where there is none or several. */
export function requiredChild(parent: XmlNode, namespace: string, name: string): XmlElement {
  const found = childNamed(parent, namespace, name);
  if (found === undefined) throw new Error(`There is no ${name}.`);
  return found;
}

/** An element and everything below it, in document order. */
export function* descendants(root: XmlElement): Generator<XmlElement> {
  yield root;
  for (const child of children(root)) yield* descendants(child);
}

/**
 * The text of an element that holds nothing but text: a comment or an element inside is an error,
 * never skipped over.
 */
export function textOf(element: XmlElement): string {
  let text = "";
  for (const node of nodes(element)) {
    if (node.nodeType !== TEXT) throw new Error(`${element.localName} contains something other than text.`);
    text += node.nodeValue ?? "";
  }
  return text;
}

/** An attribute's value, or undefined where it is not there. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;
}

/** An attribute's value; throws where it is not there or empty. */
export function requiredAttribute(element: XmlElement, name: string): string {
  const value = attributeOf(element, name);
  if (!value) throw new Error(`${element.localName} has no ${name}.`);
  return value;
}

/** Text escaped for an XML attribute or element. */
export function escapeXml(text: string): string {
  return text.replace(
    /[<>&"'\t\n\r]/g,
    (char) =>
      ({ "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&apos;" })[char] ??
      `&#${char.charCodeAt(0)};`,
  );
}

/** The bytes of base 64 with line breaks allowed; throws on anything else. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = text.replace(/[ \t\r\n]+/g, "");
  if (plain === "" || plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain))
    throw new Error("This is not base 64.");
  return Uint8Array.from(atob(plain), (char) => char.charCodeAt(0));
}
