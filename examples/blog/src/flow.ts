import { existsSync, readFileSync } from "node:fs";
import { Client, type Entry } from "flowcms/client";

/** What `npm start` of FlowCMS writes down in its folder. */
const DEV = "../../.flow/dev.json";

function connect(): Client {
  const { FLOW_URL, FLOW_TOKEN } = process.env;
  if (FLOW_URL && FLOW_TOKEN) return new Client({ url: FLOW_URL, apiKey: FLOW_TOKEN });
  if (!existsSync(DEV)) throw new Error("Run `npm start` of FlowCMS first, or set FLOW_URL and FLOW_TOKEN.");
  const dev = JSON.parse(readFileSync(DEV, "utf8")) as { url: string; tokens: { read: string } };
  return new Client({ url: dev.url, apiKey: dev.tokens.read });
}

export type Post = Entry & {
  title: string;
  slug: string;
  summary: string | null;
  body: string | null;
  author: { name?: string } | null;
  topics: string[] | null;
  reading_minutes: number | null;
};

/** The published posts, newest first, with their author and their text as HTML. */
export async function allPosts(): Promise<Post[]> {
  const posts = connect().content.iterate("blog_post", {
    sort: ["-published_at"],
    include: ["author"],
    rich_text: "html",
  });
  return (await Array.fromAsync(posts)) as Post[];
}
