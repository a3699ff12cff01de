import { Client } from "flowcms/client";
import type { BlogPost, Locale, Schema } from "./schema.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_isSame: Same<A, B>): void => {};

/** Never runs: what the compiler accepts and refuses here is the test. */
export async function typedQueries(flow: Client<Schema>): Promise<void> {
  const list = await flow.content.list("blog_post", {
    filter: { reading_minutes: { gte: 5 }, author: { name: { starts_with: "Ada" }, mentor: { name: "Bo" } } },
    sort: ["-published_at", "title", "rating:nulls_first"],
    fields: ["title", "author"],
    include: ["author"],
    locale: "fr",
    facets: ["topics"],
  });
  const [first] = list.data;
  same<keyof NonNullable<typeof first>, "id" | "title" | "author">(true);
  if (first?.author && first.author.status !== "unavailable") {
    same<typeof first.author.name, string>(true);
    same<typeof first.author.type, "author">(true);
    // @ts-expect-error authors have no title
    void first.author.title;
  }
  // @ts-expect-error a field that was not chosen
  void first?.slug;

  const whole = await flow.content.get("blog_post", "hello");
  same<typeof whole.type, "blog_post">(true);
  same<typeof whole.locale, Locale>(true);
  same<typeof whole.reading_minutes, number | null>(true);
  same<typeof whole.body, BlogPost["body"]>(true);
  const id: string | null = whole.author;
  // @ts-expect-error a reference that was not included is an id
  void whole.author?.name;

  const html = await flow.content.get("blog_post", "hello", { rich_text: "html" });
  same<typeof html.body, string | null>(true);
  same<typeof html.summary, BlogPost["summary"]>(true);
  for (const section of html.sections ?? [])
    if (section.type === "quote") same<typeof section.words, string | undefined>(true);

  const deep = await flow.content.get("blog_post", "hello", {
    include: ["author.mentor.avatar", "related.author", "cover", "gallery"],
  });
  if (deep.author && deep.author.status !== "unavailable") {
    const { mentor } = deep.author;
    if (mentor && mentor.status !== "unavailable" && mentor.avatar?.status === undefined)
      same<NonNullable<typeof mentor.avatar>["alt"], string | null>(true);
  }
  for (const one of deep.related ?? []) {
    if (one.status === "unavailable") continue;
    if (one.type === "media") same<typeof one.contact, string>(true);
    else if (one.author && one.author.status !== "unavailable") same<typeof one.author.name, string>(true);
  }
  for (const section of deep.sections ?? [])
    if (section.type === "hero") same<typeof section.heading, string>(true);
  for await (const post of flow.content.iterate("blog_post", { fields: ["slug"], limit: 5 }))
    same<typeof post, { id: string; slug: string }>(true);

  const every = await flow.content.get("author", "ada", { locale: "*", perspective: "draft" });
  same<typeof every.name, string | { en?: string; fr?: string }>(true);

  await flow.content.list("blog_post", {
    filter: {
      or: [{ topics: "edge" }, { not: { featured: true } }, { and: [{ day: { lt: "2026-01-01" } }] }],
      place: { near: { lat: 52.5, lon: 13.4, km: 10 } },
      body: { exists: true },
      mood: ["calm", "not so calm"],
      gallery: { in: ["ast_01jd3f0b6vfs8t4z9c7q2m5n8x"] },
      anything: { name: "Ada" },
      created_at: { gte: "2026-01-01" },
      id: { ne: "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x" },
    },
  });
  await flow.content.aggregate("blog_post", { sum: ["reading_minutes"], group_by: ["author", "featured"] });

  await flow.content.list("blog_post", {
    filter: {
      seo: { title: { starts_with: "a" }, image: "ast_01jd3f0b6vfs8t4z9c7q2m5n8x" },
      sections: { hero: { heading: "x" }, quote: { by: { name: "Ada" }, exists: true } },
      body: { callout: { kind: "tip" } },
    },
    sort: ["seo.title", "-author.name:nulls_first"],
    facets: ["sections.quote.by", "seo.image"],
  });
  const [inside] = (
    await flow.content.list("blog_post", {
      fields: ["title", "seo.title", "author.name", "author.mentor.name", "sections.hero.heading"],
      total: false,
    })
  ).data;
  if (!inside) return;
  same<typeof inside.title, string>(true);
  same<NonNullable<typeof inside.seo>, { title: string }>(true);
  if (inside.author && inside.author.status === undefined) {
    same<typeof inside.author.name, string>(true);
    same<typeof inside.author.type, "author">(true);
    // @ts-expect-error a field that was not chosen
    void inside.author.avatar;
  }
  for (const section of inside.sections ?? [])
    if (section.type === "hero") same<typeof section.heading, string | undefined>(true);
  // @ts-expect-error there is nothing inside of a text
  await flow.content.list("blog_post", { fields: ["title.x"] });
  // @ts-expect-error no such field of the component
  await flow.content.list("blog_post", { filter: { seo: { titel: "x" } } });
  // @ts-expect-error no such block
  await flow.content.list("blog_post", { filter: { sections: { heroes: { heading: "x" } } } });
  // @ts-expect-error a field of another block
  await flow.content.list("blog_post", { filter: { sections: { hero: { by: "x" } } } });
  // @ts-expect-error there are several
  await flow.content.list("blog_post", { sort: ["sections.hero.heading"] });
  // @ts-expect-error authors have no such field
  await flow.content.list("blog_post", { sort: ["author.title"] });
  await flow.content.aggregate("blog_post", { group_by: ["seo.title"] });

  const anywhere = await flow.content.get("blog_post", "hello", { include: ["anything.author"] });
  if (anywhere.anything && anywhere.anything.status !== "unavailable")
    same<typeof anywhere.anything.type, keyof Schema["types"]>(true);

  const ada = await flow.content.get("author", "ada", {
    include: ["posts.author", "pupils"],
    fields: ["name"],
    related_limit: 5,
  });
  same<keyof typeof ada, "id" | "name" | "posts" | "pupils">(true);
  for (const post of ada.posts.data) {
    same<typeof post.title, string>(true);
    if (post.author && post.author.status !== "unavailable") same<typeof post.author.name, string>(true);
  }
  same<typeof ada.pupils.next_cursor, string | null>(true);
  await flow.content.list("author", {
    filter: { posts: { topics: "edge", author: { name: "Ada" } }, not: { pupils: { exists: true } } },
  });
  // @ts-expect-error no such field of a post
  await flow.content.list("author", { filter: { posts: { titel: "x" } } });
  // @ts-expect-error a back reference is no field
  await flow.content.list("author", { fields: ["posts"] });
  // @ts-expect-error a back reference is not written
  await flow.content.create("author", { name: "Ada", posts: [] });

  // @ts-expect-error no such type
  await flow.content.list("blog_pots");
  // @ts-expect-error no such field
  await flow.content.list("blog_post", { filter: { titel: "x" } });
  // @ts-expect-error numbers have no words
  await flow.content.list("blog_post", { filter: { reading_minutes: { contains: "1" } } });
  // @ts-expect-error long texts are searched by q
  await flow.content.list("blog_post", { filter: { summary: { eq: "x" } } });
  // @ts-expect-error no such option
  await flow.content.list("blog_post", { filter: { mood: { eq: "angry" } } });
  // @ts-expect-error a number is compared with a number
  await flow.content.list("blog_post", { filter: { rating: { gt: "5" } } });
  // @ts-expect-error no such field of an author
  await flow.content.list("blog_post", { filter: { author: { title: "x" } } });
  // @ts-expect-error no such operator
  await flow.content.list("blog_post", { filter: { title: { like: "x" } } });
  // @ts-expect-error rich text has no order
  await flow.content.list("blog_post", { sort: ["body"] });
  // @ts-expect-error several values have no order
  await flow.content.list("blog_post", { sort: ["-topics"] });
  // @ts-expect-error no such field
  await flow.content.list("blog_post", { fields: ["titel"] });
  // @ts-expect-error no reference
  await flow.content.list("blog_post", { include: ["title"] });
  // @ts-expect-error no reference of an author
  await flow.content.list("blog_post", { include: ["author.name"] });
  // @ts-expect-error no such locale
  await flow.content.list("blog_post", { locale: "de" });
  // @ts-expect-error texts cannot be summed
  await flow.content.aggregate("blog_post", { sum: ["title"] });
  // @ts-expect-error long texts cannot be counted
  await flow.content.list("blog_post", { facets: ["summary"] });
  // @ts-expect-error no such parameter
  await flow.content.list("blog_post", { sorted: ["title"] });

  const made = await flow.content.create("blog_post", {
    title: "Hello",
    slug: "hello",
    body: { html: "<p>Hello</p>" },
    author: id,
    topics: ["edge"],
    seo: { title: "Hello" },
    sections: [{ type: "hero", heading: "Hi" }],
    summary: null,
    day: "2026-01-31",
    extra: { list: [1, null, "x"] },
    place: { lat: 52.5, lon: 13.4 },
    cover: "ast_01jd3f0b6vfs8t4z9c7q2m5n8x",
  });
  await flow.content.update("blog_post", made.id, { version: made.version, title: "Hi" });
  await flow.content.create("blog_post", { title: { en: "Hello", fr: "Bonjour" } }, { locale: "*" });
  // @ts-expect-error no such field
  await flow.content.create("blog_post", { titel: "x" });
  // @ts-expect-error not a number
  await flow.content.update("blog_post", made.id, { reading_minutes: "5" });
  // @ts-expect-error no such block
  await flow.content.update("blog_post", made.id, { sections: [{ type: "banner" }] });
  // @ts-expect-error values by locale need locale: "*"
  await flow.content.create("blog_post", { title: { en: "Hello" } });
  const published = await flow.content.publish(made.id, { locales: ["fr"] });
  if (published.type === "author") same<typeof published.name, string>(true);
  // @ts-expect-error no such locale
  await flow.content.publish(made.id, { locales: ["de"] });
  await flow.content.bulk([
    { op: "create", type: "author", fields: { name: "Ada" } },
    { op: "publish", id: made.id },
  ]);
  // @ts-expect-error authors have no title
  await flow.content.bulk([{ op: "create", type: "author", fields: { title: "Ada" } }]);

  const loose = new Client({ url: "http://127.0.0.1:8787", apiKey: "flow_read_…" });
  const entry = await loose.content.get("whatever", "x", { include: ["a.b"], fields: ["c"] });
  same<(typeof entry)["status"], "draft" | "published" | "changed">(true);
  same<(typeof entry)["c"], unknown>(true);
  await loose.content.list("whatever", {
    filter: { or: [{ a: 1 }, { b: { c: { gte: 2 } } }] },
    sort: ["-x"],
  });
}
/** What works for every schema takes any client, and checks what needs no schema all the same. */
export async function withAnyClient(typed: Client<Schema>): Promise<void> {
  const flow: Client = typed;
  const [entry] = (await flow.content.list("anything", { filter: { some: { gte: 1 } }, locale: "pt" })).data;
  same<NonNullable<typeof entry>["type"], string>(true);
  same<NonNullable<typeof entry>["locale"], string>(true);
  const title: unknown = entry?.["title"];
  // @ts-expect-error nothing is known of a field
  const text: string = entry?.["title"];
  // @ts-expect-error a locale is a text
  await flow.content.list("anything", { locale: 5 });
  // @ts-expect-error no such perspective
  await flow.content.get("anything", "one", { perspective: "drafts" });
  // @ts-expect-error locales are texts
  await flow.content.publish("one", { locales: [5] });
  // @ts-expect-error another schema
  const other: Client<{ locale: "de"; types: { page: { title: string } } }> = typed;
  void [title, text, other];
}
