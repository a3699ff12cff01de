export type Call = { method: string; path: string; body?: unknown };
export type Post = { id: string | number; slug: string };
export type NewPost = { title: string; slug: string; price: number; body: string; author: string | number };

/** How a product is asked for the same things: ten posts, one post, a new draft. */
export type Adapter = {
  list(page: number, cursor?: string): Call;
  /** The posts of a list's response, and the cursor of the next page where pages have no numbers. */
  read(response: any): { posts: Post[]; cursor?: string };
  byId(id: Post["id"]): Call;
  bySlug(slug: string): Call;
  graphql?(page: number): Call;
  create(post: NewPost, collection?: string): Call;
};

const get = (path: string): Call => ({
  method: "GET",
  path: path.replaceAll("[", "%5B").replaceAll("]", "%5D"),
});
const post = (path: string, body: unknown): Call => ({ method: "POST", path, body });

const flowcms: Adapter = {
  list: (page) => get(`/api/v3/content/post?limit=10&page=${page}`),
  read: ({ data }) => ({ posts: data }),
  byId: (id) => get(`/api/v3/content/post/${id}`),
  bySlug: (slug) => get(`/api/v3/content/post/${slug}`),
  graphql: (page) =>
    post("/api/v3/graphql", {
      query: "query ($page: Int!) { postList(limit: 10, page: $page) { id title slug price body } }",
      variables: { page },
    }),
  create: (fields) => post("/api/v3/content/post", fields),
};

const payload: Adapter = {
  list: (page) => get(`/api/posts?depth=0&limit=10&page=${page}`),
  read: ({ docs }) => ({ posts: docs }),
  byId: (id) => get(`/api/posts/${id}?depth=0`),
  bySlug: (slug) => get(`/api/posts?depth=0&limit=1&where[slug][equals]=${slug}`),
  graphql: (page) =>
    post("/api/graphql", {
      query: "query ($page: Int!) { Posts(limit: 10, page: $page) { docs { id title slug price body } } }",
      variables: { page },
    }),
  create: (fields) => post("/api/posts?depth=0", fields),
};

const strapi: Adapter = {
  list: (page) => get(`/api/posts?pagination[pageSize]=10&pagination[page]=${page}`),
  read: ({ data }) => ({ posts: data.map((one: any) => ({ id: one.documentId, slug: one.slug })) }),
  byId: (id) => get(`/api/posts/${id}`),
  bySlug: (slug) => get(`/api/posts?pagination[pageSize]=1&filters[slug][$eq]=${slug}`),
  graphql: (page) =>
    post("/graphql", {
      query:
        "query ($page: Int!) { posts(pagination: { pageSize: 10, page: $page }) { documentId title slug price body } }",
      variables: { page },
    }),
  create: (data) => post("/api/posts?status=draft", { data }),
};

const directus: Adapter = {
  list: (page) => get(`/items/posts?limit=10&page=${page}`),
  read: ({ data }) => ({ posts: data }),
  byId: (id) => get(`/items/posts/${id}`),
  bySlug: (slug) => get(`/items/posts?limit=1&filter[slug][_eq]=${slug}`),
  graphql: (page) =>
    post("/graphql", {
      query: "query ($page: Int!) { posts(limit: 10, page: $page) { id title slug price body } }",
      variables: { page },
    }),
  create: (fields) => post("/items/posts", fields),
};

const emdash: Adapter = {
  list: (_, cursor) =>
    get(
      `/_emdash/api/content/posts?status=published&limit=10${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
    ),
  read: ({ data }) => ({ posts: data.items, cursor: data.nextCursor }),
  byId: (id) => get(`/_emdash/api/content/posts/${id}`),
  bySlug: (slug) => get(`/_emdash/api/content/posts/${slug}`),
  create: ({ slug, ...data }) => post("/_emdash/api/content/posts", { slug, data }),
};

const sonicjs: Adapter = {
  list: (page) => get(`/api/collections/posts/content?limit=10&offset=${(page - 1) * 10}`),
  read: ({ data }) => ({ posts: data }),
  byId: (id) => get(`/api/content/${id}`),
  bySlug: (slug) => {
    const where = JSON.stringify({ and: [{ field: "slug", operator: "equals", value: slug }] });
    return get(`/api/collections/posts/content?limit=1&where=${encodeURIComponent(where)}`);
  },
  create: (fields, collectionId) => {
    const { title, slug } = fields;
    return post("/api/content", { collectionId, title, slug, data: fields });
  },
};

export const adapters = { flowcms, payload, strapi, directus, emdash, sonicjs };
