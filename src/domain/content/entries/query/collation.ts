/** Languages with their own alphabetical order; the migrations create a collation for each. */
const OWN_ORDER = new Set(
  "af az bs ca cs cy da de eo es et fi fil fo fr gl ha haw hr hu hy ig is ja kk kl ko lt lv mk mt nb nn no om pl ro se sk sl sq sr sv ta th tk to tr uk ur uz vi wo yo zh".split(
    " ",
  ),
);

/**
 * The collation by which texts of a locale are sorted: that of its language, or the common one of
 * Unicode (CLDR root).
 */
export function collationOf(locale: string): string {
  const language = locale.toLowerCase().split("-")[0]!;
  return OWN_ORDER.has(language) ? `cms_${language}` : "cms_und";
}
