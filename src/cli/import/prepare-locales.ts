import type { Client, Locale } from "../../sdk/index.ts";
import type { ImportReport } from "./report.ts";

/**
 * Gives the environment the locales of what is imported: exactly those while it has no types; later
 * only those that it lacks, with a note where it stays different. Throws when the default locales
 * differ then: entries would lack values.
 */
export async function prepareLocales(
  client: Client,
  wanted: { locales: Locale[]; defaultLocale: string },
  report: ImportReport,
  hint = "",
): Promise<void> {
  const environment = await client.environments.current();
  const isEmpty = (await client.types.list()).length === 0;
  const known = new Map(environment.locales.map((locale) => [locale.code, locale]));
  const say = (id: string, reason: string) => report.notes.push({ kind: "locale", id, title: "", reason });
  const locales = isEmpty
    ? wanted.locales
    : [...environment.locales, ...wanted.locales.filter(({ code }) => !known.has(code))];
  const defaultLocale = isEmpty ? wanted.defaultLocale : environment.default_locale;
  if (defaultLocale !== wanted.defaultLocale)
    throw new Error(
      `The default locale of the import is ${wanted.defaultLocale}, and that of the environment "${environment.name}", which has content types already, is ${defaultLocale}. Import into an environment of its own: flow env create NAME${hint}.`,
    );
  for (const { code, fallback } of wanted.locales) {
    const now = locales.find((one) => one.code === code)!;
    if (now.fallback !== fallback)
      say(
        code,
        `falls back to ${fallback ?? "nothing"} in the import; the environment keeps ${now.fallback ?? "nothing"}`,
      );
  }
  const change = { default_locale: defaultLocale, locales };
  const before = { default_locale: environment.default_locale, locales: environment.locales };
  if (sameLocales(before, change)) return;
  await client.environments.update(environment.name, change);
}

type Settings = { default_locale: string; locales: Locale[] };
function sameLocales(a: Settings, b: Settings): boolean {
  const text = ({ default_locale, locales }: Settings) =>
    JSON.stringify([default_locale, locales.map(({ code, fallback }) => [code, fallback ?? null])]);
  return text(a) === text(b);
}
