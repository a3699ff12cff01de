import { createHash } from "node:crypto";
import pg from "pg";
import { quiet } from "../../support/database.ts";
import { eventually } from "../../support/eventually.ts";
import type { FaultStack } from "./fault-stack.ts";

const ENTRIES = 20;
const CLIENTS = 8;
/** Counts of writes go to Redis once a second for each tenant that writes. */
const WRITERS = 40;
/** Documents that no longer fit into CONTENT's memory all together, so that Redis is asked for them. */
const DOCUMENTS = 400;
const DOCUMENT_CHARACTERS = 7000;
/** How often a client sends a write again that was not answered. */
const WRITE_TRIES = 6;

const ARTICLE = {
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "slug", type: "slug" },
    { id: "rank", type: "integer" },
  ],
};
const FRESH = { "cache-control": "no-cache" };

type Question = [method: string, path: string, body?: unknown];
type Answer = { status: number; text: string; headers: Headers };
type Tenant = { token: string; tenantId: string };

/** What became of a load; `wrong` are answers that should not have been given. */
export type LoadReport = {
  statuses: Record<string, number>;
  /** Reads by what the edge said of its cache. */
  states: Record<string, number>;
  wrong: string[];
};

/** What is asked of the stack, and what is known to be right. */
export async function prepareLoad({ stack, database }: FaultStack, writing = WRITERS) {
  const newTenant = async (slug: string): Promise<Tenant> => {
    const { tokens, tenantId } = await stack.newTenant(slug, slug);
    return { token: tokens.admin, tenantId };
  };
  const call = async (
    { token }: Tenant,
    [method, path, body]: Question,
    headers: object = {},
  ): Promise<Answer> => {
    const response = await fetch(`${stack.url}/api/v3${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const must = async (tenant: Tenant, question: Question): Promise<any> => {
    const { status, text } = await call(tenant, question);
    if (status >= 300) throw new Error(`${JSON.stringify(question)} was answered ${status} ${text}.`);
    return JSON.parse(text).data;
  };
  const reader = await newTenant("faults");
  const writers: Tenant[] = [];
  for (let i = 0; i < writing; i++) {
    const writer = await newTenant(`writer-${i}`);
    await must(writer, ["PUT", "/types/log", { ...ARTICLE, id: "log", name: "Log" }]);
    writers.push(writer);
  }
  await must(reader, ["PUT", "/types/article", ARTICLE]);
  for (let i = 0; i < ENTRIES; i++) {
    const made = await must(reader, ["POST", "/content/article", { title: `T${i}`, slug: `t${i}`, rank: i }]);
    await must(reader, ["POST", "/content/publish", { id: made.id }]);
  }
  await quiet(database.url);
  const reads = Array.from({ length: ENTRIES }, (_, i): Question[] => [
    ["GET", `/content/article?limit=${i + 1}`],
    ["GET", `/content/article/t${i}`],
    ["GET", `/aggregate/article?filter[rank][lte]=${i}`],
    ["POST", "/graphql", { query: `{ articleList(limit: ${i + 1}) { id title rank } }` }],
  ]).flat();
  const ofIdentity: Question[] = [
    ["GET", "/members"],
    ["GET", "/teams"],
  ];
  const persisted = Array.from({ length: DOCUMENTS }, (_, i): Question => {
    const query = `{ articleList(limit: ${(i % ENTRIES) + 1}) { id title rank } } # ${String(i).padEnd(DOCUMENT_CHARACTERS, ".")}`;
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    return ["POST", "/graphql", { query, extensions: { persistedQuery: { version: 1, sha256Hash } } }];
  });
  const right = new Map<string, string>();
  for (const one of [...reads, ...ofIdentity, ...persisted])
    right.set(JSON.stringify(one), (await call(reader, one, FRESH)).text);
  return { call, reader, writers, reads, ofIdentity, persisted, right };
}

export type Prepared = Awaited<ReturnType<typeof prepareLoad>>;

/** Sends requests of all kinds while `goesOn`, several at a time, and checks every answer. */
export async function runFaultLoad(
  { call, reader, writers, reads, ofIdentity, persisted, right }: Prepared,
  run: { name: string; goesOn(sent: number): boolean; writeTries?: number },
) {
  const report: LoadReport = { statuses: {}, states: {}, wrong: [] };
  const acknowledged: string[] = [];
  const count = (of: Record<string, number>, what: string) => void (of[what] = (of[what] ?? 0) + 1);
  let sent = 0;

  const check = (what: string, answer: Answer, allowed: number[]) => {
    count(report.statuses, `${what} ${answer.status}`);
    if (!allowed.includes(answer.status))
      report.wrong.push(`${what} ${answer.status}: ${answer.text.slice(0, 300)}`);
    if (answer.status === 503 && answer.headers.get("retry-after") === null)
      report.wrong.push(`${what} 503 without Retry-After`);
  };

  const read = async (question: Question, headers: object) => {
    const answer = await call(reader, question, headers);
    check("read", answer, [200, 503]);
    const isAway = answer.status === 503 || codeOf(answer) === "UNAVAILABLE";
    count(report.states, isAway ? "unavailable" : (answer.headers.get("x-flow-cache") ?? "private"));
    if (!isAway && answer.text !== right.get(JSON.stringify(question)))
      report.wrong.push(`read ${JSON.stringify(question).slice(0, 200)}: ${answer.text.slice(0, 300)}`);
  };

  /** By its hash alone, and with its text where that is not found, as a client does. */
  const readByHash = async (question: Question) => {
    const [method, path, body] = question as [string, string, { extensions: object }];
    const answer = await call(reader, [method, path, { extensions: body.extensions }], FRESH);
    if (!answer.text.includes("PersistedQueryNotFound")) {
      check("persisted", answer, [200, 503]);
      const isAway = answer.status === 503 || codeOf(answer) === "UNAVAILABLE";
      if (!isAway && answer.text !== right.get(JSON.stringify(question)))
        report.wrong.push(`persisted: ${answer.text.slice(0, 300)}`);
      return;
    }
    count(report.statuses, "persisted not found");
    await read(question, FRESH);
  };

  /** A write is sent again with its key until it is answered: it is done once. */
  const write = async (n: number) => {
    const tenant = writers[n % writers.length]!;
    const title = `${run.name} ${n}`;
    const key = { "idempotency-key": `${run.name}-${n}` };
    for (let attempt = 1; attempt <= (run.writeTries ?? WRITE_TRIES); attempt++) {
      const answer = await call(tenant, ["POST", "/content/log", { title }], key);
      // What broke between the write and its answer was done: a client hears that it was.
      const isDone = answer.status === 201 || answer.text.includes("http/idempotency-unanswered");
      check("write", answer, isDone ? [201, 409] : [503]);
      if (isDone) return void acknowledged.push(title);
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
    count(report.statuses, "write given up");
  };

  const client = async () => {
    while (run.goesOn(sent)) {
      const i = sent++;
      if (i % 4 === 0) await write(i);
      else if (i % 10 === 1) await readByHash(persisted[Math.floor(i / 10) % persisted.length]!);
      else if (i % 10 === 3) await read(ofIdentity[(i >> 1) % ofIdentity.length]!, {});
      else await read(reads[i % reads.length]!, i % 3 === 0 ? FRESH : {});
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { ...report, sent, acknowledged };
}

/** Titles that were acknowledged and are not there, and those that are there more than once. */
export async function compareWrites(
  { database }: FaultStack,
  acknowledged: string[],
): Promise<{ lost: number; twice: number }> {
  const client = new pg.Client({ connectionString: database.url.href });
  await eventually(() =>
    client.connect().then(
      () => true,
      () => false,
    ),
  );
  const { rows } = await client.query(
    `with there as (select data ->> 'title' as title, count(*) as times from entries where type = 'log' group by 1)
    select (select count(*)::int from unnest($1::text[]) given (title) where not exists
        (select 1 from there where there.title = given.title)) as lost,
      (select count(*)::int from there where times > 1) as twice`,
    [acknowledged],
  );
  await client.end();
  return rows[0] as { lost: number; twice: number };
}

function codeOf({ text }: Answer): string | undefined {
  if (!text.startsWith('{"errors"') && !text.includes('"errors":')) return undefined;
  return (JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] }).errors?.[0]?.extensions
    ?.code;
}
