import pg from "pg";
import { PostgresBatch, PreparedStatements, type Answers, type NamedStatement } from "./postgres-batch.ts";

export type PostgresAddress = { host: string; port: number };

const CANCEL_AGAIN_MS = 1000;

/** A connection whose loss is an error for its caller and does not end this process. */
export class PostgresClient extends pg.Client {
  declare processID: number;
  declare secretKey: number;
  readonly #prepared = new PreparedStatements();

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // The pool takes its own listener away while a client is checked out.
    this.on("error", () => {});
    this.connection.on("parseComplete", () => this.#prepared.noteParsed());
  }

  /** Runs statements up to the first failure. */
  run(statements: NamedStatement[]): Promise<Answers> {
    return new Promise((resolve) => {
      this.query(new PostgresBatch(statements, this.#prepared, resolve));
    });
  }

  /**
   * Cancels what runs here as soon as `gone` fires, and again until the function answered is called:
   * a cancel request that comes between two statements has no effect. It may also come late, so the
   * connection must not serve anybody after it.
   */
  cancelOn(gone: AbortSignal): () => void {
    let again: NodeJS.Timeout | undefined;
    const cancel = () => {
      this.#requestCancel();
      again ??= setInterval(() => this.#requestCancel(), CANCEL_AGAIN_MS);
    };
    gone.addEventListener("abort", cancel, { once: true });
    return () => {
      gone.removeEventListener("abort", cancel);
      clearInterval(again);
    };
  }

  #requestCancel(): void {
    const connection = new pg.Connection() as pg.Connection & {
      connect(port: number, host: string): void;
      cancel(processId: number, secretKey: number): void;
    };
    connection.on("error", () => {});
    connection.on("connect", () => connection.cancel(this.processID, this.secretKey));
    connection.connect(this.port, this.host);
  }
}
