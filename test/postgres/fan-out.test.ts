import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context, TenantDatabase } from "../../src/core/context.ts";
import { AppError } from "../../src/core/errors.ts";
import { connect, type DatabaseClient } from "../../src/db/client.ts";
import {
  consumeWaiting,
  deliverOutbox,
  eachOrAll,
  readLag,
  sweepConsumers,
  sweepOutbox,
  type Consumer,
} from "../../src/domain/tenant/events/index.ts";
import { sweepEvents } from "../../src/http/fan-out.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";
import { newRandom } from "../support/random.ts";

const isReachable = await findPostgres();
const CONSUMERS: Consumer[] = ["webhooks", "realtime"];
const EVENTS_EACH = 400;
const POISON = "comment.created";
type Message = { tenant: string; ids: string[]; for: Consumer | "maintenance" };

const away = () => new AppError("UNAVAILABLE", "test/killed", "killed");

/**
 * The way of events with everything that may go wrong on it: a Worker is killed before or after any of
 * its transactions, and messages are lost, doubled, out of order, or refused while the queue is down.
 */
class World {
  readonly queue: Message[] = [];
  readonly random = newRandom(20261130);
  isQueueDown = false;
  killed = 0;
  lost = 0;
  doubled = 0;
  readonly #contexts: Map<string, Context>;
  readonly #client: DatabaseClient;
  readonly #owner: pg.Client;

  constructor(contexts: Context[], client: DatabaseClient, owner: pg.Client) {
    this.#contexts = new Map(contexts.map((ctx) => [ctx.tenantId, ctx]));
    this.#client = client;
    this.#owner = owner;
  }

  send(message: Message): void {
    if (this.isQueueDown) return;
    const fate = this.random.next();
    if (fate < 0.2) this.lost++;
    else this.queue.push(message);
    if (fate > 0.8) {
      this.doubled++;
      this.queue.push(message);
    }
  }

  /** Handles one message, or the same one twice at once. */
  async step(): Promise<void> {
    const at = this.random.below(this.queue.length);
    const [message] = this.queue.splice(at, 1);
    if (!message) return;
    const twice = this.random.next() < 0.1 ? [message, message] : [message];
    await Promise.all(twice.map((one) => this.#handle(one).catch(() => this.send(one))));
  }

  async #handle({ tenant, ids, for: whom }: Message): Promise<void> {
    const ctx = { ...this.#contexts.get(tenant)!, db: this.#mortal(this.#contexts.get(tenant)!.db) };
    if (whom !== "maintenance") {
      await consumeWaiting(ctx, whom, ids, async (events) =>
        events.map(
          ({ id, event }) =>
            sql`insert into effects (tenant_id, event_id, consumer)
              select ${tenant}::uuid, ${id}::bigint / ${event === POISON ? 0 : 1}::int, ${whom}::text`,
        ),
      );
      return;
    }
    const handle = () => (this.random.next() < 0.1 ? Promise.reject(away()) : Promise.resolve([]));
    const waiting = await deliverOutbox(
      ctx,
      ids,
      (events) => eachOrAll(events, handle),
      sql`array['webhooks', 'realtime']`,
    );
    for (const [consumer, some] of waiting) this.send({ tenant, ids: some, for: consumer });
  }

  /** A database whose caller may be gone before or after any transaction. */
  #mortal(db: TenantDatabase): TenantDatabase {
    const isKilled = () => this.random.next() < 0.1 && ++this.killed > 0;
    return {
      ...db,
      run: async (...args) => {
        if (isKilled()) throw away();
        const result = await db.run(...args);
        if (isKilled()) throw away();
        return result;
      },
    };
  }

  /** The cron, a minute later. */
  async sweep(): Promise<void> {
    await this.#owner.query(
      "update outbox set created_at = created_at - interval '1 minute', done_at = done_at - interval '1 minute'",
    );
    for (const { tenantId, ids } of await sweepOutbox(this.#client, 10))
      this.send({ tenant: tenantId, ids, for: "maintenance" });
    for (const [consumer, tenants] of await sweepConsumers(this.#client, 10))
      for (const { tenantId, ids } of tenants) this.send({ tenant: tenantId, ids, for: consumer });
  }
}

describe.runIf(isReachable)("events on their way to consumers", () => {
  let postgres: RealPostgres;
  let owner: pg.Client;
  const count = async (text: string) => (await owner.query(text)).rows[0].n as number;

  beforeAll(async () => {
    postgres = await openPostgres();
    owner = new pg.Client(postgres.databaseUrl);
    await owner.connect();
    await owner.query("create table effects (tenant_id uuid, event_id bigint, consumer text)");
    await owner.query("grant select, insert on effects to cms_app");
  });
  afterAll(async () => {
    await owner?.end();
    await postgres?.close();
  });

  it("take effect once each, whatever is killed, lost, doubled or down, and none holds up another", async () => {
    const tenants = await Promise.all([1, 2, 3].map(() => postgres.newContext()));
    await owner.query("delete from outbox");
    const client = connect(postgres.appUrl);
    const world = new World(tenants, client, owner);
    for (const { tenantId, environmentId } of tenants)
      await owner.query(
        `insert into outbox (tenant_id, environment_id, event, payload)
          select $1, $2, case when n % 100 = 7 then '${POISON}' else 'role.updated' end, jsonb_build_object('id', n)
          from generate_series(1, ${EVENTS_EACH}) n`,
        [tenantId, environmentId],
      );
    const { rows } = await owner.query("select tenant_id::text, id::text from outbox order by id");
    for (const [tenant, events] of Map.groupBy(rows as Record<string, string>[], (row) => row["tenant_id"]!))
      for (let i = 0; i < events.length; i += 7)
        world.send({ tenant, ids: events.slice(i, i + 7).map((row) => row["id"]!), for: "maintenance" });

    let sweeps = 0;
    const pending = () =>
      count("select count(*)::int n from outbox where done_at is null or waiting <> '{}'");
    while ((await pending()) > 0 && sweeps < 200) {
      for (let i = 0; i < 60 && world.queue.length > 0; i++) await world.step();
      // Ten minutes in which nothing can be queued.
      world.isQueueDown = sweeps >= 3 && sweeps < 13;
      if (sweeps === 8) expect((await readLag(client)).queues["webhooks"]).toBeGreaterThan(300);
      await world.sweep();
      sweeps++;
    }
    const poisoned = 3 * Math.ceil((EVENTS_EACH - 7) / 100);
    const expected = 3 * EVENTS_EACH - poisoned;
    console.log(
      JSON.stringify({
        events: 3 * EVENTS_EACH,
        poisoned,
        sweeps,
        killed: world.killed,
        lost: world.lost,
        doubled: world.doubled,
      }),
    );
    expect(await pending()).toBe(0);
    for (const consumer of CONSUMERS) {
      expect(await count(`select count(*)::int n from effects where consumer = '${consumer}'`)).toBe(
        expected,
      );
      expect(
        await count(`select count(distinct event_id)::int n from effects where consumer = '${consumer}'`),
      ).toBe(expected);
      expect(
        await count(
          `select count(*)::int n from audit_log where action = 'event.dead_lettered' and actor_id = '${consumer}'`,
        ),
      ).toBe(poisoned);
    }
    expect(await count("select count(*)::int n from outbox where notified_at is null")).toBe(0);
    for (const happened of [world.killed, world.lost, world.doubled]) expect(happened).toBeGreaterThan(50);
  }, 120_000);

  it("that are late are an alarm in the tenant's audit log, once an hour", async () => {
    const [late, punctual] = await Promise.all([postgres.newContext(), postgres.newContext()]);
    await owner.query(
      `update outbox set created_at = created_at - case when tenant_id = $1 then interval '10 minutes'
        else interval '1 minute' end where done_at is null`,
      [late.tenantId],
    );
    const client = connect(postgres.appUrl);
    const sent: string[] = [];
    const EVENTS = { send: async ({ tenant }: { tenant: string }) => void sent.push(tenant) };
    const contextOf = (tenantId: string) => (tenantId === late.tenantId ? late : punctual);
    for (let i = 0; i < 2; i++) await sweepEvents({ EVENTS } as never, client, contextOf);
    expect(sent.toSorted()).toEqual(
      [late, late, punctual, punctual].map(({ tenantId }) => tenantId).toSorted(),
    );
    const { rows } = await owner.query(
      "select tenant_id::text, subject, (meta->>'seconds')::int >= 600 as is_late from audit_log where action = 'events.late'",
    );
    expect(rows).toEqual([{ tenant_id: late.tenantId, subject: "queue:events", is_late: true }]);
  });
});
