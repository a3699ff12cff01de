import { operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import type { Leak } from "./attack.ts";
import { dataOf, type Caller, type Request } from "./caller.ts";
import { graphqlProbes, managementProbes } from "./graphql-probes.ts";
import { narrowToken } from "./pair-probes.ts";
import { readEverything, type Party, type Planted } from "./plant.ts";
import { bodiesOf, fillings } from "./rest-probes.ts";

/** A request that must not succeed, or whose answer at least must not have a word in it. */
type Forbidden = { name: string; request: Request; word?: string };

/** Not named get, and yet nothing is written: a document may hold only what its caller may do. */
const READS = new Set(["postGraphql", "postGraphqlManagement", "explainAccess", "createTicket"]);

/**
 * What the credentials of one tenant may not do in it: a token that reads and everything that writes,
 * one that is bound to an environment or to addresses elsewhere, and a role for one type beside the
 * others. Leaks are what is done all the same.
 */
export async function probeRights(
  call: Caller,
  party: Party,
  planted: Planted,
): Promise<{ probes: number; leaks: Leak[] }> {
  const forbidden = [
    ...writesOf(party, planted),
    ...(await boundToEnvironment(call, party, planted)),
    ...(await boundToAddresses(call, party)),
    ...(await narrowedToType(call, party)),
  ];
  const documents = [
    ...(await graphqlProbes(call, party, planted)),
    ...(await managementProbes(call, party, planted)),
  ];
  const mutations = documents.filter(({ request: { body, token } }) => {
    const { query = "" } = body as { query?: string };
    const isRead = [...READS].some((field) => new RegExp(`\\b${field}\\b`).test(query));
    return token === party.tokens.read && query.startsWith("mutation") && !isRead;
  });
  const leaks: Leak[] = [];
  const before = await readEverything(call, party);
  for (const { name, request, word } of forbidden) {
    const { status, text } = await call(request);
    const isLeak = status >= 500 || (word === undefined ? status < 400 : text.includes(word));
    if (isLeak)
      leaks.push({
        name,
        request: `${request.method} ${request.path}`,
        what: `${status} ${text.slice(0, 300)}`,
      });
  }
  for (const { name, request } of mutations) {
    const { status, text } = await call(request);
    const { data } = JSON.parse(text) as { data?: Record<string, unknown> | null };
    if (status >= 500 || Object.values(data ?? {}).some((one) => one !== null))
      leaks.push({
        name: `a token that reads: ${name}`,
        request: `POST ${request.path}`,
        what: text.slice(0, 300),
      });
  }
  if ((await readEverything(call, party)) !== before)
    leaks.push({ name: "the tenant afterwards", request: "", what: "is not what it was" });
  return { probes: forbidden.length + mutations.length, leaks };
}

/** Every operation that writes, on what is there, by a token that reads. */
function writesOf({ tokens }: Party, planted: Planted): Forbidden[] {
  return operationsOf(GROUPS)
    .filter(({ method, operationId }) => method !== "get" && !READS.has(operationId))
    .flatMap((operation) =>
      fillings(operation.path, planted).flatMap(({ path }) =>
        (operation.body ? bodiesOf(operation, planted) : [undefined]).map((body) => ({
          name: `a token that reads: ${operation.operationId}`,
          request: {
            method: operation.method.toUpperCase(),
            path: `/api/v3${path}`,
            token: tokens.read,
            ...(body === undefined ? {} : { body }),
          },
        })),
      ),
    );
}

async function boundToEnvironment(call: Caller, { tokens }: Party, { ids }: Planted): Promise<Forbidden[]> {
  const [other] = ids["environment"]!;
  const [alias] = ids["alias"]!;
  const made = await dataOf(call, {
    method: "POST",
    path: "/api/v3/tokens",
    token: tokens.admin,
    body: { name: "Bound", scope: "admin", environment: other },
  });
  const token = made.token as string;
  const paths = [
    "/content/article",
    "/types",
    "/content/article?perspective=draft",
    "/graphql?query={articleList{title}}",
    "/graphql/management?query={listTypes{id}}",
  ];
  return ["main", alias!].flatMap((environment) =>
    paths.flatMap((path): Forbidden[] => {
      const name = `a token of ${other}`;
      const request = { method: "GET", path: `/api/v3${path}`, token };
      const asked = `${path}${path.includes("?") ? "&" : "?"}environment=${environment}`;
      return [
        { name, request: { ...request, headers: { "x-flow-environment": environment } } },
        { name, request: { ...request, path: `/api/v3${asked}` } },
      ];
    }),
  );
}

/**
 * Only `cf-connecting-ip` is believed here, whose last entry whoever stands in front of the gateway
 * adds.
 */
async function boundToAddresses(call: Caller, { tokens }: Party): Promise<Forbidden[]> {
  const made = await dataOf(call, {
    method: "POST",
    path: "/api/v3/tokens",
    token: tokens.admin,
    body: { name: "Elsewhere", scope: "admin", ip_ranges: ["203.0.113.0/24"] },
  });
  const request = { method: "GET", path: "/api/v3/types", token: made.token as string };
  const inside = "203.0.113.7";
  const { status } = await call({ ...request, headers: { "cf-connecting-ip": inside } });
  if (status !== 200) throw new Error(`A token is refused where it may be used: ${status}`);
  const said: Record<string, string>[] = [
    {},
    { "cf-connecting-ip": "198.51.100.7" },
    { "cf-connecting-ip": `${inside}, 198.51.100.7` },
    { "cf-connecting-ip": "" },
    { "cf-connecting-ip": "::ffff:198.51.100.7" },
    ...[
      "x-forwarded-for",
      "x-real-ip",
      "true-client-ip",
      "forwarded",
      "x-client-ip",
      "cf-connecting-ipv6",
    ].map((name) => ({ [name]: name === "forwarded" ? `for=${inside}` : inside })),
  ];
  const paths = ["/api/v3/types", "/api/v3/content/article", "/api/v3/tokens"];
  return said.flatMap((headers) =>
    paths.map((path) => ({
      name: `a token from elsewhere, ${JSON.stringify(headers)}`,
      request: { ...request, path, headers },
    })),
  );
}

/** A role for articles, beside an entry of another type. */
async function narrowedToType(call: Caller, party: Party): Promise<Forbidden[]> {
  const send = (method: string, path: string, body: object) =>
    dataOf(call, { method, path: `/api/v3${path}`, token: party.tokens.admin, body });
  const word = `memo${crypto.randomUUID().replaceAll("-", "")}`;
  const fields = [
    { id: "title", type: "short_text" },
    { id: "slug", type: "slug" },
  ];
  await send("PUT", "/types/memo", { id: "memo", name: "Memo", fields });
  const { id } = await send("POST", "/content/memo", { title: word, slug: "memo-one" });
  await send("POST", "/content/publish", { id });
  const token = await narrowToken(call, party, [{ actions: ["content:*"], types: ["article"] }], "write");
  const reads = [
    "/content/memo",
    `/content/memo/${id}`,
    "/content/memo/memo-one",
    `/content/memo/${id}/versions`,
    `/content/memo/${id}/versions/1`,
    `/content/memo/${id}/references`,
    "/aggregate/memo?group_by=title",
    "/content/memo?perspective=draft",
    `/content/article/${id}`,
    `/graphql?query=${encodeURIComponent("{ memoList { title } }")}`,
  ];
  const writes: [method: string, path: string, body?: object][] = [
    ["POST", "/content/memo", { title: "mine" }],
    ["PATCH", `/content/memo/${id}`, { title: "mine" }],
    ["PUT", `/content/memo/${id}`, { title: "mine" }],
    ["DELETE", `/content/memo/${id}`],
    ["PATCH", `/content/article/${id}`, { title: "mine" }],
    ["DELETE", `/content/article/${id}`],
    ["POST", "/content/unpublish", { id }],
    ["POST", "/content/publish", { id }],
    [
      "POST",
      "/content/bulk",
      { operations: [{ op: "update", type: "memo", id, fields: { title: "mine" } }] },
    ],
    ["POST", "/content/bulk", { operations: [{ op: "unpublish", id }] }],
    ["POST", "/content/schedule", { id, at: "2099-01-31T09:30Z" }],
    ["POST", `/content/memo/${id}/duplicate`, {}],
    ["POST", `/content/memo/${id}/restore`, { version: 1 }],
    ["POST", `/content/memo/${id}/comments`, { body: "mine" }],
  ];
  const name = "a role for another type";
  return [
    ...reads.map((path) => ({ name, word, request: { method: "GET", path: `/api/v3${path}`, token } })),
    ...writes.map(([method, path, body]) => ({
      name,
      request: { method, path: `/api/v3${path}`, token, ...(body ? { body } : {}) },
    })),
  ];
}
