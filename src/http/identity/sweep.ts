import { expireOAuth } from "../../domain/identity/oauth/index.ts";
import { expirePeople } from "../../domain/identity/people/index.ts";
import { expireSso } from "../../domain/identity/sso/index.ts";
import { beat, reasonOf } from "../../domain/tenant/events/index.ts";
import { sweepTenants } from "../../domain/tenant/tenants/index.ts";
import { parseContentEnv } from "../../platform/content-env.ts";
import { mail, mailerOf } from "./mail.ts";
import { databaseClient } from "../../platform/create-context.ts";
import type { IdentityBindings } from "../../platform/identity-env.ts";
import { parseMasterKeys, rewrapDataKeys } from "../../platform/vault.ts";

/**
 * Once an hour: sends the emails that are due, and the daily ones, takes away what nobody can use any more, and wraps data keys under the master key in
 * use.
 */
export async function sweepIdentity(
  env: IdentityBindings,
  worker: Pick<ExecutionContext, "waitUntil">,
): Promise<void> {
  const client = databaseClient(parseContentEnv(env));
  await beat(client, "identity");
  await expirePeople(client);
  for (const tenantId of await sweepTenants(client)) {
    await expireOAuth(client, tenantId);
    await expireSso(client, tenantId);
    for (const which of ["due", "daily"] as const)
      await mail(env, mailerOf(env, worker, tenantId), which).catch((error: unknown) =>
        console.error(JSON.stringify({ event: "emails.failed", tenant: tenantId, message: reasonOf(error) })),
      );
  }
  const rewrapped = await rewrapDataKeys(client, parseMasterKeys(env.MASTER_KEYS));
  if (rewrapped > 0) console.log(JSON.stringify({ event: "data_keys.rewrapped", count: rewrapped }));
}
