import type { Client } from "../sdk/index.ts";

const TYPES = [
  {
    id: "author",
    name: "Author",
    fields: [
      { id: "name", type: "short_text", required: true },
      { id: "bio", type: "long_text" },
    ],
  },
  {
    id: "blog_post",
    name: "Blog post",
    fields: [
      { id: "title", type: "short_text", required: true, max: 120 },
      { id: "slug", type: "slug", required: true },
      { id: "summary", type: "long_text", max: 300 },
      { id: "body", type: "rich_text" },
      { id: "author", type: "reference", to: ["author"] },
      { id: "topics", type: "enum", multiple: true, options: ["edge", "content", "engineering"] },
      { id: "reading_minutes", type: "integer", min: 1 },
    ],
  },
];

const POSTS = [
  [
    "Hello, edge",
    "hello-edge",
    "What happens between your request and the nearest data centre.",
    ["edge"],
    3,
  ],
  [
    "Drafts, versions and the working copy",
    "drafts-and-versions",
    "Why every save is kept, and what publishing really does.",
    ["content"],
    5,
  ],
  [
    "One round trip",
    "one-round-trip",
    "Writing an entry, its version, its index rows and its events in a single statement.",
    ["engineering"],
    7,
  ],
  [
    "A wall the database keeps",
    "a-wall-the-database-keeps",
    "Row-level security as the last word between tenants.",
    ["engineering", "edge"],
    6,
  ],
  [
    "Content that fits",
    "content-that-fits",
    "Types with rules, and errors that say what would be right.",
    ["content"],
    4,
  ],
] as const;

/**
 * Fills a fresh tenant with two types and a few posts, through the public API. Repeating it changes
 * nothing.
 */
export async function seedDemo(client: Client): Promise<void> {
  for (const type of TYPES) await client.types.put(type.id, type);
  const author = idOf(1);
  await client.content.put("author", author, {
    name: "Ada Moreau",
    bio: "Writes about the edge from a train.",
  });
  await client.content.publish(author);
  for (const [i, [title, slug, summary, topics, minutes]] of POSTS.entries()) {
    const id = idOf(10 + i);
    await client.content.put("blog_post", id, {
      title,
      slug,
      summary,
      body: {
        html: `<p>${summary}</p><h2>Where to go next</h2><ul><li>Read it over <strong>REST</strong></li><li>Read it over <strong>GraphQL</strong></li></ul>`,
      },
      author,
      topics,
      reading_minutes: minutes,
    });
    await client.content.publish(id);
  }
  await client.content.put("blog_post", idOf(30), {
    title: "A draft nobody sees yet",
    slug: "a-draft",
    author,
  });
}

const idOf = (n: number) => `cnt_01jd0000000000000000000${String(n).padStart(3, "0")}`;
