import { parseArgs } from "node:util";
import { connect } from "../db/client.ts";
import { newTokenSecret } from "../core/tokens.ts";
import { issueSetupCode } from "../domain/identity/members/index.ts";
import { findTenantBySlug, provisionTenant } from "../domain/tenant/tenants/index.ts";

// `npm run tenant -- --slug acme --name Acme --host cms.acme.com`: a tenant, its first tokens and the
// page that makes its first owner; shown once.
const { values } = parseArgs({
  options: {
    slug: { type: "string" },
    name: { type: "string" },
    host: { type: "string", multiple: true, default: [] },
  },
});
const ownerUrl = process.env["DATABASE_OWNER_URL"];
try {
  if (!ownerUrl)
    throw new Error("DATABASE_OWNER_URL is not set: the connection string of the database's owner.");
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(values.slug ?? ""))
    throw new Error("--slug must be lower-case letters, digits and hyphens.");
  const owner = connect(ownerUrl);
  if (await findTenantBySlug(owner, values.slug!))
    throw new Error(`The tenant "${values.slug}" exists already.`);
  const { tenantId, tokens } = await provisionTenant(owner, {
    slug: values.slug!,
    name: values.name ?? values.slug!,
    hosts: values.host,
  });
  const code = newTokenSecret();
  await issueSetupCode(owner, tenantId, code);
  const setup = `/t/${values.slug}/setup?code=${code}`;
  console.log(JSON.stringify({ tenant: values.slug, tokens, setup }, null, 2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
