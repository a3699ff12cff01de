import { parseArgs } from "node:util";
import { connect } from "../db/client.ts";
import { newTokenSecret } from "../core/tokens.ts";
import { issueSetupCode } from "../domain/identity/members/index.ts";
import { planChangeFrom, PLAN_OPTIONS } from "./plan-options.ts";
import {
  findTenantBySlug,
  provisionTenant,
  setPlan,
  type PlanChange,
} from "../domain/tenant/tenants/index.ts";

// `npm run tenant -- --slug acme --name Acme --host cms.acme.com`: a tenant, its first tokens and the
// page that makes its first owner; shown once. With `--plan team`, `--writes 5000` or `--costly-reads 100`
// (or `default`) also for a tenant that exists: what it may do in a minute.
const { values } = parseArgs({
  options: {
    slug: { type: "string" },
    name: { type: "string" },
    host: { type: "string", multiple: true, default: [] },
    ...PLAN_OPTIONS,
  },
});
const ownerUrl = process.env["DATABASE_OWNER_URL"];
try {
  if (!ownerUrl)
    throw new Error("DATABASE_OWNER_URL is not set: the connection string of the database's owner.");
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(values.slug ?? ""))
    throw new Error("--slug must be lower-case letters, digits and hyphens.");
  const change = planChangeFrom(values);
  const owner = connect(ownerUrl);
  const existing = await findTenantBySlug(owner, values.slug!);
  if (existing && !change) throw new Error(`The tenant "${values.slug}" exists already.`);
  if (existing)
    console.log(JSON.stringify({ tenant: values.slug, ...(await setPlan(owner, existing, change!)) }));
  else await create(owner, change);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function create(owner: ReturnType<typeof connect>, change: PlanChange | undefined): Promise<void> {
  const { tenantId, tokens } = await provisionTenant(owner, {
    slug: values.slug!,
    name: values.name ?? values.slug!,
    hosts: values.host,
  });
  const code = newTokenSecret();
  await issueSetupCode(owner, tenantId, code);
  const setup = `/t/${values.slug}/setup?code=${code}`;
  const planned = change ? await setPlan(owner, tenantId, change) : {};
  console.log(JSON.stringify({ tenant: values.slug, tokens, setup, ...planned }, null, 2));
}
