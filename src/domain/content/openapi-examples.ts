import type { OperationExample } from "../../core/operation.ts";

const author = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x";
const id = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8y";
const at = "2026-01-31T09:30:00.000Z";
const by = "tok_01jd3f0b6vfs8t4z9c7q2m5n8x";
const body = {
  type: "doc",
  content: [{ type: "paragraph", content: [{ type: "text", text: "It begins at the edge." }] }],
};
const values = { title: "Hello, edge", slug: "hello-edge", author, cover: null, reading_minutes: 3 };
const draft = {
  id,
  type: "blog_post",
  locale: "en",
  version: 1,
  status: "draft",
  published_version: null,
  published_at: null,
  created_at: at,
  created_by: by,
  updated_at: at,
  updated_by: by,
};
const published = { ...draft, version: 2, status: "published", published_version: 2, published_at: at };
const delivered = {
  id,
  type: "blog_post",
  locale: "en",
  version: 2,
  status: "published",
  published_at: at,
  created_at: at,
  updated_at: at,
};
const ofEntry = { type: "blog_post", id };

export const create: OperationExample = {
  params: { type: "author" },
  request: { id: author, name: "Ada Moreau" },
  response: { ...draft, id: author, type: "author", name: "Ada Moreau" },
};

export const put: OperationExample = {
  params: ofEntry,
  request: {
    title: "Hello, edge",
    slug: "hello-edge",
    body: { html: "<p>It begins at the edge.</p>" },
    author,
    reading_minutes: 3,
  },
  response: { ...draft, ...values, body },
};

export const update: OperationExample = {
  params: ofEntry,
  request: { version: 1, reading_minutes: 4 },
  response: { ...draft, version: 2, ...values, body, reading_minutes: 4 },
};

export const publish: OperationExample = {
  request: { id, version: 2 },
  response: { ...published, ...values, body, reading_minutes: 4 },
};

export const unpublish: OperationExample = {
  request: { id: author },
  response: { ...draft, id: author, type: "author", name: "Ada Moreau" },
};

export const list: OperationExample = {
  params: { type: "blog_post" },
  query: { sort: "-published_at", limit: "10", "filter[reading_minutes][gte]": "2" },
  response: [{ ...delivered, ...values, body, reading_minutes: 4 }],
};

export const get: OperationExample = {
  params: { type: "blog_post", id: "hello-edge" },
  query: { rich_text: "html" },
  response: { ...delivered, ...values, body: "<p>It begins at the edge.</p>", reading_minutes: 4 },
};

export const versions: OperationExample = {
  params: ofEntry,
  query: { limit: "1" },
  response: [{ version: 2, created_by: by, created_at: at, data: { title: "Hello, edge" } }],
};

export const remove: OperationExample = { params: ofEntry, headers: { "If-Match": '"2"' } };

export const aggregate: OperationExample = {
  params: { type: "blog_post" },
  query: { group_by: "author", avg: "reading_minutes" },
  response: [{ count: 1, group: { author }, avg: { reading_minutes: 4 } }],
};
