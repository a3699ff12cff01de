import { expect } from "vitest";
import type { Context } from "../../src/core/context.ts";
import type { Email, IdentityContext } from "../../src/core/identity-context.ts";
import { AppError } from "../../src/core/errors.ts";
import { connect, tenantDatabase } from "../../src/db/client.ts";
import { migrate, setPassword } from "../../src/db/migrate.ts";
import { postgresBackend } from "../../src/dev/postgres-backend.ts";
import { readMigrations } from "../../src/dev/read-migrations.ts";
import { listenSql } from "../../src/dev/sql-endpoint.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { provisionTenant } from "../../src/domain/tenant/tenants/index.ts";
import { createVault, newKnownKeys, parseMasterKeys } from "../../src/platform/vault.ts";
import { newDatabase, SERVER } from "./database.ts";
import { outsidePort } from "../../src/platform/outside.ts";
import { contextOf } from "./system-context.ts";

export { findPostgres, newDatabase, quiet } from "./database.ts";

export type RealPostgres = Awaited<ReturnType<typeof openPostgres>>;

/** A database of its own, migrated by two runners at once, with the endpoint that the driver asks. */
export async function openPostgres() {
  const database = await newDatabase();
  const endpoint = await listenSql({
    backend: postgresBackend({ host: SERVER.hostname, port: Number(SERVER.port || 5432) }),
  });
  const at = `127.0.0.1:${endpoint.port}/${database.name}`;
  const ownerUrl = `postgres://${SERVER.username}:${SERVER.password || "x"}@${at}`;
  const appUrl = `postgres://cms_app:cmsapppassword123456@${at}`;
  const identityUrl = `postgres://cms_identity:cmsapppassword123456@${at}`;
  const runners = await Promise.all([
    migrate(ownerUrl, readMigrations()),
    migrate(ownerUrl, readMigrations()),
  ]);
  expect(runners.flat().sort()).toEqual(readMigrations().map(({ name }) => name));
  await setPassword(ownerUrl, "cms_app", "cmsapppassword123456");
  await setPassword(ownerUrl, "cms_identity", "cmsapppassword123456");
  return {
    ownerUrl,
    databaseUrl: database.url.toString(),
    appUrl,
    identityUrl,
    /** A tenant of its own with a type `note`, as its admin. */
    async newContext(): Promise<Context> {
      const slug = `t-${crypto.randomUUID().slice(0, 13)}`;
      const hosts = [`${slug}.example.com`];
      const made = await provisionTenant(connect(ownerUrl), { slug, name: slug, hosts });
      const ctx = contextOf(appUrl, made, { kind: "token", id: "tok_test", scopes: ["admin"] });
      await createType(ctx, { definition: NOTE });
      return ctx;
    },
    /**
     * The same tenant as IDENTITY sees it, as its admin; emails are kept in `letters`, all of them
     * once `settled`.
     */
    identityOf(ctx: Context): IdentityContext & { letters: Email[]; settled(): Promise<unknown> } {
      const client = connect(identityUrl);
      const letters: Email[] = [];
      const behind: Promise<unknown>[] = [];
      return {
        ...ctx,
        db: tenantDatabase(client, ctx.tenantId, ctx.environmentId),
        site: {
          issuer: "https://cms.example.com",
          prefix: "",
          home: "https://cms.example.com",
          isTenants: false,
          tenantName: "Acme",
          userAgent: null,
        },
        email: { send: async (email) => void letters.push(email) },
        vault: createVault(client, parseMasterKeys(MASTER), newKnownKeys()),
        passwords: {
          hash: async (password) => `plain:${password}`,
          verify: async (hash, password) => hash === `plain:${password}`,
          isOutdated: () => false,
        },
        dns: { txt: async () => [], addresses: async () => [] },
        outside: outsidePort(undefined),
        isSignUpOpen: false,
        changed: { snapshot: false },
        waitUntil: (work) => void behind.push(work),
        letters,
        settled: () => Promise.all(behind),
      };
    },
    async close() {
      await endpoint.close();
      await database.drop();
    },
  };
}

/** 32 bytes that are the same in every run. */
export const MASTER = `one:${Buffer.alloc(32, 7).toString("base64")}`;

const NOTE = {
  id: "note",
  name: "Note",
  fields: [
    { id: "title", type: "short_text" },
    { id: "slug", type: "slug" },
  ],
};

/** How many of racing calls won, and the codes of those that did not. */
export async function outcomes(work: Promise<unknown>[]): Promise<{ won: number; reasons: Set<string> }> {
  const settled = await Promise.allSettled(work);
  const won = settled.filter((one) => one.status === "fulfilled").length;
  const reasons = settled.flatMap((one) =>
    one.status === "rejected" ? [(one.reason as AppError).code] : [],
  );
  return { won, reasons: new Set(reasons) };
}
