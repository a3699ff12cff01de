import { createServer, type Server } from "node:http";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TenantDatabase } from "../../src/core/context.ts";
import { connect, readBatch, tenantDatabase } from "../../src/db/client.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isHere = await findPostgres();

describe.skipIf(!isHere)("an endpoint that is not always to be had", () => {
  let postgres: RealPostgres;
  let way: Server;
  let db: TenantDatabase;
  let url: URL;
  let asked = 0;
  /** Whether a call gets through, by its number. */
  let passes: (call: number) => boolean = () => true;

  beforeAll(async () => {
    postgres = await openPostgres();
    const target = new URL(postgres.appUrl);
    way = createServer((request, response) => {
      if (!passes(++asked)) {
        response.writeHead(503).end("no room");
        return;
      }
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", async () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => name.startsWith("neon-")),
        ) as Record<string, string>;
        const answer = await fetch(`http://${target.host}${request.url}`, {
          method: "POST",
          headers,
          body: Buffer.concat(chunks),
        });
        response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
      });
    });
    await new Promise<void>((resolve) => way.listen(0, "127.0.0.1", resolve));
    url = new URL(postgres.appUrl);
    url.port = String((way.address() as { port: number }).port);
    const tenant = await postgres.newContext();
    db = tenantDatabase(connect(url.href), tenant.tenantId, tenant.environmentId);
  });
  afterAll(async () => {
    await new Promise((resolve) => way.close(resolve));
    await postgres.close();
  });

  const callsOf = async (only: (call: number) => boolean, work: () => Promise<unknown>) => {
    asked = 0;
    passes = only;
    const startedAt = performance.now();
    const error = await work().then(
      () => undefined,
      (thrown: { reason?: string }) => thrown.reason ?? String(thrown),
    );
    return { asked, error, ms: performance.now() - startedAt };
  };
  const read = () => db.read(sql`select 1`);
  const insert = sql`insert into trash (tenant_id, environment_id, id, type, version, data, created_at,
    created_by, deleted_by) select null, null, null, null, null, null, null, null, null where false`;

  it("is asked a second and a third time by what only reads", async () => {
    for (const [failing, calls] of [
      [1, 2],
      [2, 3],
    ] as const)
      expect(await callsOf((call) => call > failing, read)).toMatchObject({ asked: calls, error: undefined });
    const reads = () => Promise.all([read(), db.read(sql`select 2`)]);
    expect(await callsOf((call) => call > 1, reads)).toMatchObject({ asked: 2, error: undefined });
    const snapshot = () => readBatch(connect(url.href), [sql`select 1`]);
    expect(await callsOf((call) => call > 1, snapshot)).toMatchObject({ asked: 2, error: undefined });
    expect(
      await callsOf(
        (call) => call > 1,
        () => db.run([]),
      ),
    ).toMatchObject({ asked: 2, error: undefined });
  });

  it("is given up soon when it stays away", async () => {
    const { ms, ...rest } = await callsOf(() => false, read);
    expect(rest).toEqual({ asked: 3, error: "db/unreachable" });
    expect(ms).toBeLessThan(1000);
  });

  it("is asked once by what may write, however it is named", async () => {
    for (const options of [undefined, { write: true }, { isRead: true }])
      expect(
        await callsOf(
          (call) => call > 1,
          () => db.run([insert], options),
        ),
      ).toMatchObject({
        asked: 1,
        error: "db/unreachable",
      });
  });

  it("is not asked again for what Postgres itself refuses", async () => {
    const refused = await callsOf(
      () => true,
      () => db.read(sql`select 1 / 0`),
    );
    expect(refused).toMatchObject({ asked: 1, error: "db/failed" });
  });

  it("answers every read of 500 where one call in a hundred fails", async () => {
    let failed = 0;
    const some = async () => {
      for (let i = 0; i < 500; i++) await read().catch(() => failed++);
    };
    expect((await callsOf((call) => call % 100 !== 0, some)).asked).toBe(505);
    expect(failed).toBe(0);
  });
});
