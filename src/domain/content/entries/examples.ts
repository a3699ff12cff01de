import type { OperationExample } from "../../../core/operation.ts";

const author = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x";
const id = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8y";
const second = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8z";
const copy = "cnt_01jd3f0b6vfs8t4z9c7q2m5n90";
const gone = "cnt_01jd3f0b6vfs8t4z9c7q2m5n91";
const lost = "cnt_01jd3f0b6vfs8t4z9c7q2m5n92";
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
  published_locales: null,
  published_at: null,
  created_at: at,
  created_by: by,
  updated_at: at,
  updated_by: by,
};
const reviewed = { stage: "writing", assignee: null };
const published = {
  ...draft,
  ...reviewed,
  version: 2,
  status: "published",
  published_version: 2,
  published_at: at,
};
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
const version = { version: 2, name: null, created_by: by, created_at: at, data: { title: "Hello, edge" } };
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
  response: { ...draft, ...reviewed, ...values, body },
};

export const update: OperationExample = {
  params: ofEntry,
  request: { version: 1, reading_minutes: 4 },
  response: { ...draft, ...reviewed, version: 2, ...values, body, reading_minutes: 4 },
};

export const place: OperationExample = {
  params: { type: "author", id: author },
  request: {},
  response: { ...draft, id: author, type: "author", name: "Ada Moreau" },
};

export const publish: OperationExample = {
  request: { id, version: 2 },
  response: { ...published, ...values, body, reading_minutes: 4 },
};

export const unpublish: OperationExample = {
  request: { id, locales: ["fr"] },
  response: { ...published, published_locales: { en: 2 }, ...values, body, reading_minutes: 4 },
  beside: { cancelled_schedules: [], remaining_schedules: [] },
};

export const list: OperationExample = {
  params: { type: "blog_post" },
  query: { sort: "-published_at", limit: "10", "filter[reading_minutes][gte]": "2" },
  response: [{ ...delivered, ...values, body, reading_minutes: 4 }],
};

export const several: OperationExample = {
  query: { types: "blog_post,author", sort: "-published_at", limit: "10" },
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
  response: [version],
};

export const bulk: OperationExample = {
  request: {
    operations: [
      { op: "create", type: "author", id: second, fields: { name: "Ben Okri" } },
      { op: "update", type: "author", id: author, fields: { name: "Ada M. Moreau" } },
      { op: "create", type: "author", id: gone, fields: { name: "Nobody" } },
      { op: "delete", type: "author", id: gone },
      { op: "create", type: "author", id: lost, fields: { name: "No one" } },
      { op: "delete", type: "author", id: lost },
    ],
  },
  response: {
    atomic: true,
    succeeded: 6,
    failed: 0,
    items: [
      {
        index: 0,
        id: second,
        outcome: "created",
        entry: { ...draft, id: second, type: "author", name: "Ben Okri" },
      },
    ],
  },
};

export const getVersion: OperationExample = { params: { ...ofEntry, version: "2" }, response: version };

export const nameVersion: OperationExample = {
  params: { ...ofEntry, version: "2" },
  request: { name: "As launched" },
  response: { ...version, name: "As launched" },
};

export const diff: OperationExample = {
  params: ofEntry,
  query: { from: "1", to: "2" },
  response: [{ path: "reading_minutes", change: "changed", from: 3, to: 4 }],
};

export const restore: OperationExample = {
  params: ofEntry,
  request: { version: 1 },
  response: { ...published, version: 3, status: "changed", ...values, body },
  beside: { left_out: [] },
};

export const duplicate: OperationExample = {
  params: { type: "author", id: author },
  request: { id: copy, fields: { name: "Ada the second" } },
  response: { ...draft, id: copy, type: "author", name: "Ada the second" },
  beside: { left_out: [] },
};

export const references: OperationExample = {
  params: { type: "author", id: author },
  response: [{ id, type: "blog_post", field: "author", locale: null, perspective: "draft" }],
  beside: { releases: [] },
};

export const trash: OperationExample = {
  query: { type: "author" },
  response: [
    { id: gone, type: "author", version: 1, deleted_at: at, deleted_by: by, data: { name: "Nobody" } },
  ],
};

export const restoreTrash: OperationExample = {
  params: { id: gone },
  response: { ...draft, id: gone, type: "author", version: 2, name: "Nobody" },
  beside: { left_out: [] },
};

export const erase: OperationExample = { params: { id: lost } };

export const remove: OperationExample = {
  params: ofEntry,
  query: { on_reference: "null" },
  headers: { "If-Match": '"3"' },
};

export const aggregate: OperationExample = {
  params: { type: "blog_post" },
  query: { group_by: "author", avg: "reading_minutes" },
  response: [{ count: 1, group: { author }, avg: { reading_minutes: 4 } }],
};
