import { createHash } from "node:crypto";
import { hashSecret, parseToken } from "../../src/core/tokens.ts";
import { dataOf, type Caller } from "./caller.ts";

const newWord = (prefix: string) => `${prefix}${crypto.randomUUID().replaceAll("-", "")}`;

/** One tenant of the attack, which has no owner yet. */
export type Party = {
  slug: string;
  tokens: { read: string; write: string; admin: string };
  setupCode: string;
};

/** What the victim has that others might ask for, by the name of the parameter that would name it. */
export type Planted = {
  /** A word in every text of the victim's that no probe ever says. */
  marker: string;
  /** A word in the names of the victim's things, which probes do say. */
  handle: string;
  /** Values to put into a path, for each operation's parameter, such as `/schedules/{id}`. */
  ids: Record<string, string[]>;
  cursors: string[];
  /** Paths whose answers the edge keeps by now, with their ETags. */
  cached: { path: string; etag: string }[];
  persistedHash: string;
  /** What no probe says and so no answer may tell: the marker, and the ids of what was given to no probe. */
  secrets: string[];
  /** How the edge knows the victim's tokens: nobody is told, its own people neither. */
  hashes: string[];
};

const TYPE = {
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "slug", type: "slug" },
    { id: "body", type: "rich_text" },
    { id: "related", type: "reference", to: ["article"], multiple: true },
    { id: "cover", type: "media" },
  ],
  review: { stages: [{ id: "writing" }, { id: "done" }] },
};

/** The type that both tenants have, so that a wrong tenant's rows would fit everywhere. */
export const plantType = (call: Caller, { tokens }: Party) =>
  dataOf(call, { method: "PUT", path: "/api/v3/types/article", token: tokens.admin, body: TYPE });

/** Fills a tenant with one of everything, each with the marker in it. */
export async function plant(call: Caller, victim: Party): Promise<Planted> {
  const marker = newWord("marker");
  const handle = newWord("handle");
  const token = victim.tokens.admin;
  const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    dataOf(call, {
      method,
      path: `/api/v3${path}`,
      token,
      ...(body === undefined ? {} : { body }),
      ...(headers ? { headers } : {}),
    });
  const put = (path: string, body: unknown) => send("PUT", path, body);
  await plantType(call, victim);
  const secretType = `${handle.slice(0, 20)}_type`;
  await put(`/types/${secretType}`, {
    id: secretType,
    name: marker,
    fields: [{ id: "title", type: "short_text" }],
  });
  const asset = await send("POST", "/assets", {
    source_url: `https://example.com/${marker}.png`,
    title: marker,
  });
  const create = (n: number, more: object = {}) =>
    send("POST", "/content/article", {
      title: `${marker} ${n}`,
      slug: `${handle}-${n}`,
      body: { html: `<p>${marker}</p>` },
      cover: asset.id,
      ...more,
    });
  const first = await create(1);
  const second = await create(2, { related: [first.id] });
  const draft = await create(3);
  const unspoken = await create(5);
  const target = await create(6);
  for (const { id } of [first, second, unspoken]) await send("POST", "/content/publish", { id });
  await send("PATCH", `/content/article/${first.id}`, { title: `${marker} changed` });
  await put(`/content/article/${first.id}/versions/1`, { name: marker });
  const trashed = await create(4);
  await send("DELETE", `/content/article/${trashed.id}`);
  const me = await send("POST", "/tokens", { name: marker, scope: "read" });
  const comment = await send("POST", `/content/article/${first.id}/comments`, { body: marker });
  const schedule = await send("POST", "/content/schedule", { id: draft.id, at: "2099-01-31T09:30Z" });
  await send("POST", "/environments", { name: handle.slice(0, 40) });
  await put(`/environments/aliases/${handle.slice(0, 30)}`, { environment: "main" });
  await put(`/operations/${handle}`, {
    document: `{ articleList(filter: { title: { contains: "${marker}" } }) { title } }`,
  });
  const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  await send("POST", "/keys", { kid: handle, jwk: { kty, crv, x, y } });

  const team = await send("POST", "/teams", { name: marker });
  const invitation = await send("POST", "/invitations", { email: `${marker}@example.com`, roles: [] });
  const domain = `${marker.slice(0, 30)}.example.com`;
  await send("POST", "/domains", { domain });
  const policy = await send("POST", "/policies", { name: marker, grants: [{ actions: ["content:read"] }] });
  await send("POST", "/roles", { name: handle, policies: [policy.id], description: marker });
  const connection = await send("POST", "/sso/connections", {
    type: "oidc",
    // The sign-in page shows it to everybody.
    name: handle,
    oidc: { issuer: `https://${marker.slice(0, 30)}.example.com`, client_id: marker, client_secret: marker },
  });
  const application = await send("POST", "/oauth/clients", { name: marker, grants: ["client_credentials"] });
  // Paused, so that it calls nobody; an address, so that no DNS is asked.
  const webhook = await send("POST", "/webhooks", {
    name: marker,
    url: `https://93.184.216.34/${marker}`,
    events: ["*"],
    headers: [{ name: "x-key", value: marker }],
    state: "paused",
  });
  const delivery = await send("POST", `/webhooks/${webhook.id}/test`);

  const query = `{ articleList { title } } # ${handle}`;
  const persistedHash = createHash("sha256").update(query).digest("hex");
  await call({
    method: "POST",
    path: "/api/v3/graphql",
    token,
    body: { query, extensions: { persistedQuery: { version: 1, sha256Hash: persistedHash } } },
  });

  const cached: Planted["cached"] = [];
  for (const path of [
    "/api/v3/content/article",
    `/api/v3/content/article/${first.id}`,
    `/api/v3/content/article/${handle}-2?include=related`,
    `/api/v3/assets/${asset.id}`,
    "/api/v3/aggregate/article?group_by=title",
    `/api/v3/graphql?${new URLSearchParams({ query: "{ articleList { title slug } }" })}`,
    "/api/v3/openapi.json",
  ]) {
    for (let i = 0; i < 2; i++) {
      const { headers } = await call({ method: "GET", path, token: victim.tokens.read });
      if (i === 1) cached.push({ path, etag: headers.get("etag") ?? "" });
    }
  }

  const cursors: string[] = [];
  for (const path of [
    "/content/article?limit=1",
    "/content/article?limit=1&sort=title&perspective=draft",
    "/assets?limit=1",
    "/audit-logs?limit=1",
  ]) {
    const { text } = await call({ method: "GET", path: `/api/v3${path}`, token });
    const next = (JSON.parse(text) as { pagination: { next_cursor: string | null } }).pagination.next_cursor;
    if (next !== null) cursors.push(next);
  }
  const entries = [first.id, second.id, draft.id, trashed.id] as string[];
  return {
    marker,
    handle,
    ids: {
      type: ["article", secretType],
      entry: entries,
      reference: [target.id],
      slug: [`${handle}-1`, `${handle}-2`],
      version: ["1", "2"],
      comment: [comment.id],
      asset: [asset.id],
      token: [me.id],
      key: [handle],
      schedule: [schedule.id],
      environment: [handle.slice(0, 40), "main"],
      alias: [handle.slice(0, 30)],
      operation: [handle],
      team: [team.id],
      invitation: [invitation.id],
      domain: [domain],
      client: [application.id],
      role: [handle],
      policy: [policy.id],
      connection: [connection.id],
      webhook: [webhook.id],
      delivery: [delivery.id],
      person: [],
    },
    cursors,
    cached,
    persistedHash,
    secrets: [marker, unspoken.id],
    hashes: await hashesOf(victim),
  };
}

const hashesOf = ({ tokens }: Party) =>
  Promise.all(Object.values(tokens).map((token) => hashSecret(parseToken(token)!.secret)));

/** Everything that the victim can read of its own, as text: what must be the same after the attack. */
export async function readEverything(call: Caller, { tokens }: Party): Promise<string> {
  const texts: string[] = [];
  for (const path of [
    "/content/article?limit=100&perspective=draft&sort=id",
    "/content/article?limit=100&sort=id",
    "/types",
    "/assets?limit=100",
    "/tokens",
    "/keys",
    "/environments",
    "/environments/aliases",
    "/operations",
    "/schedules",
    "/trash",
    "/members",
    "/invitations",
    "/teams",
    "/domains",
    "/oauth/clients",
    "/roles",
    "/policies",
    "/sso/connections",
    "/webhooks",
  ]) {
    const { status, text } = await call({
      method: "GET",
      path: `/api/v3${path}`,
      token: tokens.admin,
      headers: { "cache-control": "no-cache" },
    });
    if (status !== 200) throw new Error(`The victim cannot read ${path}: ${status} ${text.slice(0, 300)}`);
    texts.push(text.replace(/"last_used_at":[^,}]*/g, ""));
  }
  return texts.join("\n");
}
