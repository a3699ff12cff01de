import { probeAfterwards, type Late } from "./afterwards-probes.ts";
import { probeCache } from "./cache-probes.ts";
import { callerOf, type Caller, type Request, type Seen } from "./caller.ts";
import { graphqlProbes, managementProbes } from "./graphql-probes.ts";
import { identityProbes, plantIdentity, stillWorks } from "./identity-probes.ts";
import { probePairs } from "./pair-probes.ts";
import { plant, plantType, readEverything, type Party, type Planted } from "./plant.ts";
import { pathProbes } from "./path-probes.ts";
import { restProbes, type Probe } from "./rest-probes.ts";
import { probeRights } from "./rights-probes.ts";

/** What one probe told the attacker that it must not know. */
export type Leak = { name: string; request: string; what: string };
export type Verdict = { probes: number; leaks: Leak[]; late: Late[]; statuses: Record<string, number> };

const AT_ONCE = 8;

/**
 * Attacks one tenant with the tokens of another: every REST route and GraphQL field with the victim's
 * ids, cursors, documents and cached answers. A leak is a word of the victim's, an answer that tells
 * what exists from what does not, a 5xx, or anything of the victim's that is different afterwards.
 */
export async function attack(url: string, victim: Party, attacker: Party): Promise<Verdict> {
  const call = callerOf(url);
  const planted = await plant(call, victim);
  await plantType(call, attacker);
  const others = [
    await carriedOut("the cache", probeCache(call, attacker)),
    await carriedOut("two at one moment", probePairs(call, attacker, victim)),
    await carriedOut("what goes on afterwards", probeAfterwards(call, attacker)),
    await carriedOut("rights within a tenant", probeRights(call, victim, planted)),
  ];
  const [theirs, mine] = [
    { ...victim, identity: await plantIdentity(call, url, victim, planted.marker) },
    { ...attacker, identity: await plantIdentity(call, url, attacker, `attacker-${attacker.slug}`) },
  ];
  planted.ids["person"] = [theirs.identity.personId];
  const before = await readEverything(call, victim);
  requireVisible(before, planted);
  const probes = [
    ...(await graphqlProbes(call, attacker, planted)),
    ...(await managementProbes(call, attacker, planted)),
    ...identityProbes(url, mine, theirs, planted.ids["connection"]!),
    ...restProbes(attacker, victim, planted),
    ...pathProbes(attacker, victim, planted),
  ];
  const leaks: Leak[] = others.flatMap((one) => one.leaks);
  const statuses: Record<string, number> = {};
  const run = async (some: Probe[]) => {
    let next = 0;
    const work = async () => {
      while (next < some.length) {
        const found = await judge(call, some[next++]!, planted, statuses);
        if (found) leaks.push(found);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
  await run(probes.filter((probe) => !probe.occupies));
  await run(probes.filter((probe) => probe.occupies));
  if ((await readEverything(call, victim)) !== before)
    leaks.push({ name: "the victim afterwards", request: "", what: "is not what it was" });
  for (const name of await stillWorks(call, url, theirs))
    leaks.push({ name: "the victim afterwards", request: "", what: `its ${name} works no more` });
  return {
    probes: others.reduce((sum, one) => sum + one.probes, probes.length),
    leaks,
    late: others.flatMap((one) => one.late ?? []),
    statuses,
  };
}

type Probed = { probes: number; leaks: Leak[]; late?: Late[] };

/** Where probes cannot even be carried out, what stands in their way is the leak. */
const carriedOut = (what: string, probed: Promise<Probed>): Promise<Probed> =>
  probed.catch(({ message }: Error) => ({
    probes: 0,
    leaks: [{ name: `the probes of ${what}`, request: "", what: message }],
  }));

/** The marker must be where it would be found, or the attack proves nothing. */
function requireVisible(everything: string, { marker, secrets }: Planted): void {
  const missing = secrets.filter((secret) => !everything.includes(secret));
  if (missing.length > 0 || everything.split(marker).length < 20)
    throw new Error(`The victim was not planted as it should be: ${missing.join(", ")}`);
}

async function judge(
  call: Caller,
  { name, request, control, secrets = [], mustBeRefused }: Probe,
  planted: Planted,
  statuses: Record<string, number>,
): Promise<Leak | undefined> {
  const seen = await call(request);
  statuses[seen.status] = (statuses[seen.status] ?? 0) + 1;
  const what =
    leakIn(seen, [...planted.secrets, ...planted.hashes, ...secrets]) ??
    (mustBeRefused && seen.status < 400 ? `answers ${seen.status}: ${seen.text.slice(0, 300)}` : undefined) ??
    (control ? await difference(call, seen, request, control) : undefined);
  return what === undefined ? undefined : { name, request: `${request.method} ${request.path}`, what };
}

/** What an answer tells that is the victim's. */
export function leakIn({ status, headers, text }: Seen, secrets: readonly string[]): string | undefined {
  if (status >= 500) return `${status}: ${text.slice(0, 300)}`;
  if (status === 304) return "confirms the victim's ETag";
  const shown = `${text}\n${[...headers.values()].join("\n")}`;
  const told = secrets.find((secret) => shown.includes(secret));
  return told === undefined ? undefined : `tells ${told}: ${text.slice(0, 300)}`;
}

/** Somebody else's thing must look exactly like nothing. */
async function difference(
  call: Caller,
  seen: Seen,
  request: Request,
  control: Request,
): Promise<string | undefined> {
  const other = await call(control);
  if (seen.status < 400 && other.status < 400) return undefined;
  const plain = (text: string, { path }: Request) => {
    let plainText = text.replace(/"request_id":"[^"]*"/, "");
    for (const step of decodeURIComponent(path)
      .split(/[/?&=]/)
      .filter((one) => one.length > 8))
      plainText = plainText.replaceAll(step, "…");
    return plainText;
  };
  const isSame = seen.status === other.status && plain(seen.text, request) === plain(other.text, control);
  return isSame
    ? undefined
    : `can be told from what does not exist: ${seen.status} ${seen.text.slice(0, 200)} / ${other.status} ${other.text.slice(0, 200)}`;
}
