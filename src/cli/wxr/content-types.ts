const text = (id: string, more: object = {}) => ({ id, type: "short_text", max: 1000, ...more });
const refers = (id: string, to: string, multiple = false) => ({ id, type: "reference", to: [to], multiple });

const ARTICLE = [
  text("title"),
  { id: "slug", type: "slug", required: true },
  { id: "body", type: "rich_text" },
  { id: "excerpt", type: "long_text" },
  refers("author", "author"),
  { id: "date", type: "datetime", help: "Its date in WordPress." },
  { id: "modified", type: "datetime" },
  { id: "featured_image", type: "media" },
  { id: "comment_status", type: "short_text" },
  { id: "comments", type: "json", help: "Approved comments, without email and IP addresses." },
  { id: "password_protected", type: "boolean" },
  {
    id: "source_status",
    type: "short_text",
    help: "publish, draft, pending, private or future in WordPress.",
  },
  text("source_url"),
  text("source_id"),
  { id: "meta", type: "json" },
];

/**
 * The content types that a WordPress site becomes, in an order in which each can refer to those before
 * it.
 */
export const WXR_TYPES = [
  {
    id: "author",
    name: "Author",
    fields: [
      text("name", { required: true }),
      text("login", { unique: true, max: 500 }),
      text("first_name"),
      text("last_name"),
    ],
  },
  {
    id: "category",
    name: "Category",
    fields: [
      text("name", { required: true }),
      { id: "slug", type: "slug", required: true },
      { id: "description", type: "long_text" },
      refers("parent", "category"),
      text("source_id"),
      { id: "meta", type: "json" },
    ],
  },
  {
    id: "tag",
    name: "Tag",
    fields: [
      text("name", { required: true }),
      { id: "slug", type: "slug", required: true },
      { id: "description", type: "long_text" },
      text("source_id"),
      { id: "meta", type: "json" },
    ],
  },
  {
    id: "page",
    name: "Page",
    fields: [...ARTICLE, refers("parent", "page"), { id: "menu_order", type: "integer" }, text("template")],
  },
  {
    id: "post",
    name: "Post",
    fields: [
      ...ARTICLE,
      refers("categories", "category", true),
      refers("tags", "tag", true),
      { id: "sticky", type: "boolean" },
      text("format"),
      { id: "other_terms", type: "json" },
    ],
  },
  {
    id: "menu",
    name: "Menu",
    fields: [
      text("name", { required: true }),
      { id: "slug", type: "slug", required: true },
      { id: "items", type: "json", help: "The tree of links: label, url, entry, children." },
    ],
  },
];
