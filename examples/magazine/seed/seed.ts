import { connect } from "../src/connect.ts";
import { articles } from "./articles.ts";
import { categories } from "./categories.ts";
import { pages } from "./pages.ts";
import { authors } from "./people.ts";
import { around, products } from "./shop.ts";

// Saves and publishes the content of the magazine; doing it again changes nothing.
const flow = connect("admin");
const { locales } = await flow.environments.current();
const codes = new Set(locales.map(({ code }) => code));
if (!["en", "de", "fr"].every((code) => codes.has(code)))
  await flow.environments.update("main", {
    locales: [{ code: "en" }, { code: "de", fallback: "en" }, { code: "fr", fallback: "en" }],
  });

for (const { type, id, fields } of [
  ...authors,
  ...categories,
  ...articles,
  ...pages,
  ...products,
  ...around,
]) {
  const saved = await flow.content.put(type, id, fields, { locale: "*" });
  if (saved.status !== "published") await flow.content.publish(id);
  console.log(`${type} ${id}`);
}
