import type { Note } from "../import/report.ts";
import type { CtfExport } from "./export-file.ts";

export type Locale = { code: string; fallback?: string };
export type Locales = {
  locales: Locale[];
  defaultLocale: string;
  /** The code in Contentful that the default has. */
  sourceDefault: string;
  /** Codes here by the codes there. */
  codes: Map<string, string>;
};

const CODE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;

/** The locales of the export; one that is no language tag is left out with a note. */
export function mapLocales(
  { locales: given, entries }: CtfExport,
  renamed: ReadonlyMap<string, string>,
  notes: Note[],
): Locales {
  const found = given.length > 0 ? given : guessLocales(entries);
  const codes = new Map<string, string>();
  for (const { code } of found) {
    const [language = "", ...rest] = code.split("-");
    const own = renamed.get(code) ?? [language.toLowerCase(), ...rest].join("-");
    if (!CODE.test(own) || [...codes.values()].includes(own))
      notes.push(noteOf(code, "is not a language tag that FlowCMS supports: its values are left out"));
    else codes.set(code, own);
    if (own !== code && codes.has(code)) notes.push(noteOf(code, `is called ${own} in FlowCMS`));
  }
  const main =
    found.find((one) => one.default && codes.has(one.code)) ?? found.find(({ code }) => codes.has(code));
  if (!main) throw new Error("The export has no locale that FlowCMS supports.");
  const locales = found
    .filter(({ code }) => codes.has(code))
    .map(({ code, fallbackCode }): Locale => {
      const fallback = fallbackCode ? codes.get(fallbackCode) : undefined;
      if (fallbackCode && !fallback) notes.push(noteOf(code, `its fallback ${fallbackCode} does not exist`));
      return { code: codes.get(code)!, ...(fallback ? { fallback } : {}) };
    });
  return { locales, defaultLocale: codes.get(main.code)!, sourceDefault: main.code, codes };
}

/**
 * An export without locales still has their codes in its values; the first one met counts as the
 * default.
 */
function guessLocales(entries: CtfExport["entries"]) {
  const codes = new Set(entries.flatMap(({ fields }) => Object.values(fields ?? {}).flatMap(Object.keys)));
  return [...(codes.size > 0 ? codes : ["en-US"])].map((code, i) => ({
    code,
    fallbackCode: null,
    default: i === 0,
  }));
}

const noteOf = (id: string, reason: string): Note => ({ kind: "locale", id, title: "", reason });
