import { expect } from "vitest";
import { ARTICLE, newTenant, type Tenant } from "./tenant.ts";

const AUTHOR = {
  id: "author",
  name: "Author",
  fields: [
    { id: "name", type: "short_text", required: true },
    { id: "best_article", type: "reference", to: ["article"] },
  ],
};
const PAGE = {
  id: "landing_page",
  name: "Landing page",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "place", type: "location" },
    { id: "picture", type: "media" },
    { id: "anything", type: "reference", multiple: true },
    {
      id: "hero",
      type: "component",
      fields: [
        { id: "headline", type: "short_text" },
        { id: "cta", type: "reference", to: ["article"] },
      ],
    },
    {
      id: "parts",
      type: "blocks",
      components: [
        { id: "quote", fields: [{ id: "words", type: "long_text" }] },
        {
          id: "teaser",
          fields: [
            { id: "headline", type: "short_text" },
            { id: "targets", type: "reference", multiple: true },
          ],
        },
      ],
    },
  ],
};

type Answer = {
  data?: any;
  errors?: { message: string; path?: unknown[]; extensions: any }[];
  extensions?: any;
};
/** Runs an operation; answers the reply with its data and errors. */
export const run = async (tenant: Tenant, query: string, variables?: object, token?: string) => {
  const reply = await tenant.post(
    "/graphql",
    { query, ...(variables ? { variables } : {}) },
    { headers: { accept: "application/graphql-response+json" }, ...(token ? { token } : {}) },
  );
  return { ...reply, ...(reply.body as Answer) };
};
/** The data of an operation that has no errors. */
export const ok = async (tenant: Tenant, query: string, variables?: object): Promise<any> => {
  const { status, text, data, errors } = await run(tenant, query, variables);
  expect([status, errors], text).toEqual([200, undefined]);
  return data;
};

/** A tenant with articles, an author and a page of every kind of reference, all published; ids by name. */
export async function graphqlTenant(): Promise<{ tenant: Tenant; ids: Record<string, string> }> {
  const tenant = await newTenant();
  await tenant.patch("/environments/main", {
    default_locale: "en",
    locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
  });
  expect((await tenant.put("/types/article", ARTICLE)).status).toBe(201);
  expect((await tenant.put("/types/author", AUTHOR)).status).toBe(201);
  expect((await tenant.put("/types/landing_page", PAGE)).status).toBe(201);
  const one = await tenant.published("article", {
    title: "One",
    slug: "one",
    price: 1,
    kind: "news",
    day: "2026-01-01",
    live: true,
  });
  const two = await tenant.published("article", {
    title: "Two",
    slug: "two",
    price: 2,
    kind: "news",
    related: [one],
    body: { html: "<p>Bold <b>words</b></p>" },
  });
  const three = await tenant.published("article", {
    title: "Three",
    slug: "three",
    kind: "essay",
    related: [one, two],
  });
  const author = await tenant.published("author", { name: "Ada", best_article: three });
  const asset = (await tenant.post("/assets", { source_url: "https://example.com/a.png", alt: "A" })).body
    .data.id;
  const page = await tenant.published("landing_page", {
    title: "Home",
    place: { lat: 52.5, lon: 13.4 },
    picture: asset,
    anything: [author, one],
    hero: { headline: "Hi", cta: two },
    parts: [
      { type: "quote", words: "W" },
      { type: "teaser", headline: "T", targets: [author, three] },
    ],
  });
  return { tenant, ids: { one, two, three, author, asset, page } };
}
