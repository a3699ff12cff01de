import type { Leak } from "./attack.ts";
import { dataOf, type Caller, type Request, type Seen } from "./caller.ts";
import type { Party } from "./plant.ts";

/** How long a kept answer may outlive what it tells, and a credential its revocation. */
const PURGED_WITHIN_MS = 2000;
const REVOKED_WITHIN_MS = 10_000;
/**
 * When a slow machine is no reason any more: before the cron finds what nobody was told of, and before
 * kept answers and snapshots end by their age.
 */
const DEADLINE_MS = 30_000;
const PAUSE_MS = 100;

type Change = { name: string; promisedMs: number; revoke: () => Promise<unknown>; tried: Tried[] };
/** A request that works until the change, and whether an answer is still as it was then. */
type Tried = { request: Request; isAsBefore: (seen: Seen) => boolean };
/** What ended, but later than it is promised to: a slow machine, or a fault to look for. */
export type Late = { name: string; request: string; promisedMs: number; tookMs: number };

/**
 * What goes on after it was ended: an entry that was withdrawn or deleted, whose answers are kept by
 * then, and credentials that were revoked. A leak is what still serves at the deadline, or again after
 * it had stopped; `late` is what stopped after the time it is promised in.
 */
export async function probeAfterwards(
  call: Caller,
  party: Party,
  deadlineMs = DEADLINE_MS,
): Promise<{ probes: number; leaks: Leak[]; late: Late[] }> {
  const changes = [...(await entryChanges(call, party)), ...(await credentialChanges(call, party))];
  const leaks: Leak[] = [];
  const late: Late[] = [];
  await Promise.all(
    changes.map(async ({ name, promisedMs, revoke, tried }) => {
      // Twice, so that what may be kept is.
      for (const one of [...tried, ...tried]) {
        const seen = await call(one.request);
        if (!one.isAsBefore(seen)) throw new Error(`${name}: ${seen.status} ${seen.text.slice(0, 300)}`);
      }
      await revoke();
      const startedAt = performance.now();
      await Promise.all(
        tried.map(async (one) => {
          const about = { name, request: `${one.request.method} ${one.request.path}` };
          let askedMs = 0;
          while (one.isAsBefore(await call(one.request))) {
            if (askedMs > deadlineMs)
              return void leaks.push({ ...about, what: `still served after ${deadlineMs} ms` });
            await pause();
            askedMs = performance.now() - startedAt;
          }
          if (askedMs > promisedMs) late.push({ ...about, promisedMs, tookMs: Math.round(askedMs) });
          for (let i = 0; i < 3; i++) {
            await pause();
            if (one.isAsBefore(await call(one.request)))
              return void leaks.push({ ...about, what: "served again after it had ended" });
          }
        }),
      );
    }),
  );
  return { probes: changes.reduce((sum, { tried }) => sum + tried.length, 0), leaks, late };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Entries that readers see no more: each asked for in every way in which its answer may be kept. */
async function entryChanges(call: Caller, { tokens }: Party): Promise<Change[]> {
  const send = (method: string, path: string, body?: object) =>
    dataOf(call, { method, path: `/api/v3${path}`, token: tokens.admin, ...(body ? { body } : {}) });
  const ends: [name: string, end: (id: string) => Promise<unknown>][] = [
    ["an entry that was withdrawn", (id) => send("POST", "/content/unpublish", { id })],
    ["an entry that was deleted", (id) => send("DELETE", `/content/article/${id}`)],
    [
      "an entry that was withdrawn in a bulk",
      (id) => send("POST", "/content/bulk", { operations: [{ op: "unpublish", id }] }),
    ],
  ];
  return Promise.all(
    ends.map(async ([name, end]) => {
      const word = `gone${crypto.randomUUID().replaceAll("-", "")}`;
      const { id } = await send("POST", "/content/article", { title: word, slug: word });
      await send("POST", "/content/publish", { id });
      const query = `{ articleList(filter: { slug: { eq: "${word}" } }) { title } }`;
      const asked: Pick<Request, "method" | "path" | "body">[] = [
        { method: "GET", path: `/api/v3/content/article/${id}` },
        { method: "GET", path: `/api/v3/content/article/${word}` },
        { method: "GET", path: `/api/v3/content/article?filter[slug]=${word}` },
        { method: "GET", path: `/api/v3/aggregate/article?group_by=title&filter[slug]=${word}` },
        { method: "GET", path: `/api/v3/graphql?query=${encodeURIComponent(query)}` },
        { method: "POST", path: "/api/v3/graphql", body: { query } },
      ];
      return {
        name,
        promisedMs: PURGED_WITHIN_MS,
        revoke: () => end(id),
        tried: asked.map((one) => ({
          request: { ...one, token: tokens.read },
          // The word stands in refusals too, since they say what was asked for.
          isAsBefore: ({ status, text }: Seen) =>
            status === 200 && text.includes(word) && !text.includes('"errors"'),
        })),
      };
    }),
  );
}

/** Credentials that end, each tried where answers are kept and where none are. */
async function credentialChanges(call: Caller, { slug, tokens }: Party): Promise<Change[]> {
  const send = (method: string, path: string, body?: object) =>
    dataOf(call, { method, path: `/api/v3${path}`, token: tokens.admin, ...(body ? { body } : {}) });
  const ending = (name: string, token: string, revoke: () => Promise<unknown>): Change => ({
    name,
    promisedMs: REVOKED_WITHIN_MS,
    revoke,
    tried: ["/content/article?limit=9", "/types"].map((path) => ({
      request: { method: "GET", path: `/api/v3${path}`, token },
      isAsBefore: ({ status }: Seen) => status === 200,
    })),
  });
  const clientToken = async () => {
    const wanted = { name: "Ending", grants: ["client_credentials"], scopes: ["read"] };
    const { id, secret } = await send("POST", "/oauth/clients", wanted);
    const form = { grant_type: "client_credentials", client_id: id, client_secret: secret };
    const { text } = await call({ method: "POST", path: `/t/${slug}/oauth/token`, form, token: null });
    return { id: id as string, token: (JSON.parse(text) as { access_token: string }).access_token };
  };
  const key = await send("POST", "/tokens", { name: "Ending", scope: "read" });
  const [removed, narrowed] = [await clientToken(), await clientToken()];
  return [
    ending("a token that was removed", key.token, () => send("DELETE", `/tokens/${key.id}`)),
    ending("a token of a client that was removed", removed.token, () =>
      send("DELETE", `/oauth/clients/${removed.id}`),
    ),
    ending("a token of a client that lost a scope", narrowed.token, () =>
      send("PATCH", `/oauth/clients/${narrowed.id}`, { scopes: ["openid"] }),
    ),
  ];
}
