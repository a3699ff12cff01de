import text from "./openapi.txt";
import type { ApiDocument } from "./document.ts";

/** The document that is every installation's, as JSON: made when the Workers are built. */
export const GENERIC_TEXT: string = text;

let parsed: ApiDocument | undefined;

/** The same, parsed on first use. */
export const genericDocument = (): ApiDocument => (parsed ??= JSON.parse(text) as ApiDocument);
