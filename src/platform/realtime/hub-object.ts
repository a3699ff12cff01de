import { DurableObject } from "cloudflare:workers";
import type { CommittedEvent, LiveEvent } from "../../core/live.ts";
import type { Census, HubStub, Joined, Joining, RealtimeBindings, ShardStub } from "./env.ts";
import { appendEvents, eventsAfter, formatSince, headOf, openLog, parseSince } from "./hub-log.ts";
import { BATCH_MS, DELIVERED_AT_ONCE, LOG_EVENTS } from "./limits.ts";
import { overLimit } from "./over-limit.ts";

const RETRY_MS = 1000;

/**
 * The hub of an environment: its log of events, which it tells to the shards that hold its
 * subscribers, as often as it takes.
 */
export class Hub extends DurableObject<RealtimeBindings> implements HubStub {
  readonly #sql = this.ctx.storage.sql;
  /** What each shard holds. It is asked for again after the hub was away. */
  readonly #held = new Map<string, Census>();
  #counted: Promise<void> | undefined;
  #isBatching = false;
  readonly #busy = new Set<string>();
  /** How often a shard joined: one that was empty may not be by now. */
  readonly #joins = new Map<string, number>();

  constructor(ctx: DurableObjectState, env: RealtimeBindings) {
    super(ctx, env);
    openLog(this.#sql);
  }

  async append(events: readonly CommittedEvent[]): Promise<void> {
    if (!appendEvents(this.#sql, events, Date.now()) || this.#shards().length === 0) return;
    // Should the hub be gone before the timer fires, it is woken up.
    await this.#wakeLater();
    if (this.#isBatching) return;
    this.#isBatching = true;
    setTimeout(() => {
      this.#isBatching = false;
      this.#tellAll();
    }, BATCH_MS);
  }

  async join(joining: Joining): Promise<Joined> {
    await (this.#counted ??= this.#count());
    const refused = overLimit(this.#held, joining);
    if (refused) return { refused };
    const { shard, who, all, ofWho } = joining;
    this.#held.set(shard, { all, ofEach: { ...this.#held.get(shard)?.ofEach, [who]: ofWho } });
    this.#joins.set(shard, (this.#joins.get(shard) ?? 0) + 1);
    const head = headOf(this.#sql);
    this.#sql.exec("insert into shards (name, told) values (?, ?) on conflict do nothing", shard, head.seq);
    return { since: formatSince(head) };
  }

  async leave(shard: string, census: Census): Promise<void> {
    if (this.#held.has(shard)) this.#held.set(shard, census);
  }

  async read(since: string): Promise<LiveEvent[] | undefined> {
    const [asked, head] = [parseSince(since), headOf(this.#sql)];
    if (!asked || asked.epoch !== head.epoch || asked.seq > head.seq) return undefined;
    const { events, isGap } = eventsAfter(this.#sql, asked.seq, LOG_EVENTS);
    return isGap ? undefined : events;
  }

  async recheck({ isAwaited }: { isAwaited: boolean }): Promise<void> {
    const looked = Promise.all(this.#shards().map(({ name }) => this.#shard(name).recheck(this.#name)));
    if (isAwaited) await looked;
    else looked.catch((error: unknown) => warn("realtime.not_rechecked", error));
  }

  override async alarm(): Promise<void> {
    this.#tellAll();
  }

  get #name(): string {
    return this.ctx.id.name!;
  }

  #shards(): { name: string; told: number }[] {
    return this.#sql.exec<{ name: string; told: number }>("select name, told from shards").toArray();
  }

  #shard(name: string): ShardStub {
    return this.env.SHARDS.get(this.env.SHARDS.idFromName(name));
  }

  #tellAll(): void {
    for (const { name } of this.#shards()) void this.#tell(name);
  }

  /** Tells a shard everything that it was not told yet; what comes meanwhile is told next. */
  async #tell(name: string): Promise<void> {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    try {
      for (;;) {
        const joins = this.#joins.get(name);
        const [row] = this.#sql
          .exec<{ told: number }>("select told from shards where name = ?", name)
          .toArray();
        if (!row) return;
        const { events, last, isGap } = eventsAfter(this.#sql, row.told, DELIVERED_AT_ONCE);
        if (events.length === 0 && !isGap) return;
        const isHeard = await this.#shard(name).deliver(this.#name, events, isGap);
        if (!isHeard && this.#joins.get(name) === joins) {
          this.#sql.exec("delete from shards where name = ?", name);
          this.#held.delete(name);
          return;
        }
        this.#sql.exec("update shards set told = ? where name = ?", last, name);
      }
    } catch (error) {
      warn("realtime.not_told", error);
      await this.#wakeLater();
    } finally {
      this.#busy.delete(name);
    }
  }

  async #wakeLater(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + RETRY_MS);
  }

  async #count(): Promise<void> {
    await Promise.all(
      this.#shards().map(async ({ name }) => {
        const census = await this.#shard(name)
          .census(this.#name)
          .catch(() => undefined);
        if (census) this.#held.set(name, census);
      }),
    );
  }
}

const warn = (event: string, error: unknown): void =>
  console.warn(JSON.stringify({ event, message: String(error) }));
