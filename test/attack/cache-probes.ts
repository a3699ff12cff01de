import { dataOf, type Caller, type Request } from "./caller.ts";
import type { Leak } from "./attack.ts";
import type { Party } from "./plant.ts";

/** What shapes answers elsewhere, sent by whoever fills the cache first. */
const POISON: [name: string, value: string][] = [
  ["accept", "text/event-stream"],
  ["accept", "multipart/mixed"],
  ["accept", "application/graphql-response+json"],
  ["accept", "text/html"],
  ["accept-language", "fr"],
  ["accept-encoding", "br"],
  ["range", "bytes=0-1"],
  ["if-none-match", "*"],
  ["if-match", '"x"'],
  ["cookie", "perspective=draft"],
  ["prefer", "return=minimal"],
  ["origin", "https://evil.example"],
  ["x-forwarded-host", "evil.example"],
  ["x-http-method-override", "DELETE"],
  ["x-flow-context", "{}"],
  ["x-flow-not-for-edge", "true"],
  ["content-type", "text/xml"],
];

/** Requests whose answers are shared, each anew for every number. */
const SHARED: ((n: number) => Pick<Request, "method" | "path" | "body">)[] = [
  (n) => ({ method: "GET", path: `/api/v3/content/article?limit=${n}` }),
  (n) => ({ method: "GET", path: `/api/v3/aggregate/article?q=${n}` }),
  (n) => ({
    method: "GET",
    path: `/api/v3/graphql?query=${encodeURIComponent(`query G${n} { articleList { title } }`)}`,
  }),
  (n) => ({
    method: "POST",
    path: "/api/v3/graphql",
    body: { query: `query P${n} { articleList { title } }` },
  }),
];

/**
 * What a reader of a tenant does to its other readers, and what the public search tells of drafts. A
 * leak is an answer that another caller's header shaped, and a search that a draft changes.
 */
export async function probeCache(call: Caller, party: Party): Promise<{ probes: number; leaks: Leak[] }> {
  const leaks: Leak[] = [];
  let probes = 0;
  for (const shared of SHARED)
    for (const [i, [name, value]] of POISON.entries()) {
      const request: Request = { ...shared(i + 1), token: party.tokens.read };
      const past = await call({
        ...request,
        token: party.tokens.admin,
        headers: { "cache-control": "no-cache" },
      });
      await call({ ...request, headers: { [name]: value } });
      const seen = await call(request);
      probes++;
      const type = seen.headers.get("content-type")?.split(";")[0];
      if (seen.status !== 200 || type !== "application/json" || seen.text !== past.text)
        leaks.push({
          name: `poisoned by ${name}: ${value}`,
          request: `${request.method} ${request.path}`,
          what: `${seen.status} ${type} ${seen.text.slice(0, 200)}`,
        });
    }
  const words = await probeWords(call, party);
  return { probes: probes + words.probes, leaks: [...leaks, ...words.leaks] };
}

/** Whether the public search tells a word that stands in a draft from one that stands nowhere. */
async function probeWords(call: Caller, { tokens }: Party): Promise<{ probes: number; leaks: Leak[] }> {
  const path = "/api/v3/content/article";
  const published = await dataOf(call, {
    method: "POST",
    path,
    token: tokens.admin,
    body: { title: "Kumquat" },
  });
  const publish = { method: "POST", path: "/api/v3/content/publish", token: tokens.admin };
  await dataOf(call, { ...publish, body: { id: published.id } });
  const terms = ["kumqua", "kumquax", "kumqats", "kunquat"];
  const idsFor = async (token: string, query: string) =>
    ((await dataOf(call, { method: "GET", path: `${path}?${query}`, token })) as { id: string }[])
      .map(({ id }) => id)
      .join();
  // Each time by another address, so that no cache answers.
  const search = (limit: number) =>
    Promise.all(terms.map((q) => idsFor(tokens.read, `q=${q}&limit=${limit}`)));
  let tries = 20;
  await until(async () => (await idsFor(tokens.read, `q=kumquat&limit=${++tries % 100}`)) === published.id);
  const before = await search(11);
  for (const title of ["Kumquaxious", "Kumqatsel", "Kunquatic"])
    await dataOf(call, { method: "POST", path, token: tokens.admin, body: { title } });
  await until(async () => (await idsFor(tokens.admin, "q=kunquatic&perspective=draft")) !== "");
  const after = await search(12);
  const leaks = terms.flatMap((q, i) =>
    after[i] === before[i]
      ? []
      : [
          {
            name: "words of drafts",
            request: `GET ${path}?q=${q}`,
            what: `found ${before[i] || "nothing"}, and ${after[i] || "nothing"} beside a draft`,
          },
        ],
  );
  return { probes: terms.length, leaks };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("What was written did not come to be seen.");
}
