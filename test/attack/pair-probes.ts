import type { Leak } from "./attack.ts";
import { dataOf, type Caller, type Request } from "./caller.ts";
import type { Party } from "./plant.ts";

const ROUNDS = 15;
/** Who asks, the words that its answers have, and those that they must not have. */
type Asker = { token: string; own: string; foreign: string };
type Pair = { name: string; askers: readonly [Asker, Asker] };

const slugOf = (n: number) => `asked-by-two-${n}`;
const document = (letter: string, n: number) =>
  `query ${letter}${n} { articleList(filter: { slug: { eq: "${slugOf(n)}" } }) { title } }`;

/** Requests that two may send letter by letter, each anew for every number. */
const ASKED: ((n: number) => Pick<Request, "method" | "path" | "body">)[] = [
  (n) => ({ method: "GET", path: `/api/v3/content/article?filter[slug]=${slugOf(n)}` }),
  (n) => ({ method: "GET", path: `/api/v3/content/article/${slugOf(n)}` }),
  (n) => ({ method: "GET", path: `/api/v3/aggregate/article?group_by=title&filter[slug]=${slugOf(n)}` }),
  (n) => ({ method: "GET", path: `/api/v3/graphql?query=${encodeURIComponent(document("G", n))}` }),
  (n) => ({ method: "POST", path: "/api/v3/graphql", body: { query: document("P", n) } }),
];

/**
 * Two tenants, and two readers of one tenant with different rights, ask the same at the same moment,
 * many times. A leak is an answer with a word of the other one's, or without one's own.
 */
export async function probePairs(
  call: Caller,
  one: Party,
  other: Party,
): Promise<{ probes: number; leaks: Leak[] }> {
  const pairs = await pairsOf(call, one, other);
  const leaks: Leak[] = [];
  let probes = 0;
  for (const { name, askers } of pairs)
    for (let round = 1; round <= ROUNDS; round++)
      for (const asked of ASKED) {
        const request = asked(round);
        // Who comes first changes; each comes twice, before anything can be kept and maybe after.
        const order = round % 2 === 0 ? askers : askers.toReversed();
        await Promise.all(
          [...order, ...order].map(async ({ token, own, foreign }) => {
            const { status, text } = await call({ ...request, token });
            probes++;
            if (text.includes(own) && !text.includes(foreign)) return;
            const what = text.includes(foreign) ? `tells ${foreign}` : `answers ${status} without "${own}"`;
            leaks.push({
              name,
              request: `${request.method} ${request.path}`,
              what: `${what}: ${text.slice(0, 200)}`,
            });
          }),
        );
      }
  return { probes, leaks };
}

/** Both tenants have entries of the same slugs; one of two readers of a tenant may see none of them. */
async function pairsOf(call: Caller, one: Party, other: Party): Promise<Pair[]> {
  const plantWord = async ({ tokens }: Party) => {
    const word = `word${crypto.randomUUID().replaceAll("-", "")}`;
    const send = (path: string, body: object) =>
      dataOf(call, { method: "POST", path: `/api/v3${path}`, token: tokens.admin, body });
    for (let n = 1; n <= ROUNDS; n++) {
      const { id } = await send("/content/article", { title: word, slug: slugOf(n) });
      await send("/content/publish", { id });
    }
    return word;
  };
  const [mine, theirs] = [await plantWord(one), await plantWord(other)];
  const wide = { token: one.tokens.read, own: mine, foreign: theirs };
  const conditions = { title: { ne: mine } };
  const narrow = await narrowToken(call, one, [{ actions: ["content:read"], conditions }]);
  return [
    {
      name: "two tenants at one moment",
      askers: [wide, { token: other.tokens.read, own: theirs, foreign: mine }],
    },
    { name: "two tokens at one moment", askers: [wide, { token: narrow, own: "", foreign: mine }] },
  ];
}

/** A token of a role with only these grants. */
export async function narrowToken(
  call: Caller,
  { tokens }: Party,
  grants: object[],
  scope: "read" | "write" = "read",
): Promise<string> {
  const send = (path: string, body: object) =>
    dataOf(call, { method: "POST", path: `/api/v3${path}`, token: tokens.admin, body });
  const name = `narrow-${crypto.randomUUID().slice(0, 8)}`;
  const { id } = await send("/policies", { name, grants: [...grants, { actions: ["types:read"] }] });
  await send("/roles", { name, policies: [id] });
  return (await send("/tokens", { name, scope, role: name })).token as string;
}
