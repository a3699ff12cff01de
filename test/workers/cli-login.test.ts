import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { joinedMember, newOwner, type Visitor } from "../support/person.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

/** Runs `flow login --browser`, and answers the device as the visitor once its code is shown. */
async function login(
  tenant: Tenant,
  visitor: Visitor,
  env: Record<string, string | undefined>,
  decision = "allow",
) {
  let answered: Promise<unknown> | undefined;
  const done = await runFlow(
    ["login", "--browser", "--url", inject("url"), "--tenant", tenant.slug, "--json"],
    {
      env,
      onErr(err) {
        const code = /user_code=([A-Z-]{9})/.exec(err)?.[1];
        if (code) answered ??= visitor.post("/device", { user_code: code, decision });
      },
    },
  );
  await answered;
  return done;
}

it("flow login --browser lets a person in, renews what it holds, and ends it at logout", async () => {
  const tenant = await newTenant();
  const owner = await newOwner(tenant);
  const home = temporaryFolder();
  const env = { XDG_CONFIG_HOME: home, FLOW_URL: undefined };
  const path = join(home, "flow/credentials.json");
  const done = await login(tenant, owner, env);
  expect(done, done.err).toMatchObject({ code: 0 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const kept = () =>
    JSON.parse(readFileSync(path, "utf8")).login as { accessToken: string; refreshToken: string };
  const first = kept();
  expect(done.out + done.err).not.toContain(first.refreshToken);
  const list = () => runFlow(["env", "list", "--json"], { env });
  expect(JSON.parse((await list()).out)).toMatchObject([{ name: "main" }]);
  expect(kept()).toEqual(first);

  // As it is five minutes later.
  const file = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...file, login: { ...file.login, expiresAt: 0 } }));
  const [one, other] = await Promise.all([list(), list()]);
  expect([one.code, other.code], one.err + other.err).toEqual([0, 0]);
  expect(kept().refreshToken).not.toBe(first.refreshToken);

  expect((await runFlow(["logout"], { env })).code).toBe(0);
  const { rows } = await connect(inject("ownerUrl")).query(
    "select count(*)::int from oauth_grants where tenant_id = $1 and revoked_at is null",
    [tenant.tenantId],
  );
  expect(rows[0]).toEqual([0]);
}, 60_000);

it("flow login --browser says so when the person refuses, or loses the right later", async () => {
  const tenant = await newTenant();
  const member = await joinedMember(tenant, ["admin"]);
  const env = { XDG_CONFIG_HOME: temporaryFolder(), FLOW_URL: undefined };
  expect(await login(tenant, member, env, "deny")).toMatchObject({
    code: 1,
    err: expect.stringContaining("denied the request"),
  });
  expect((await login(tenant, member, env)).code).toBe(0);
  const path = join(env.XDG_CONFIG_HOME, "flow/credentials.json");
  const file = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...file, login: { ...file.login, expiresAt: 0 } }));
  await tenant.delete(`/members/${member.id}`);
  expect(await runFlow(["env", "list"], { env })).toMatchObject({
    code: 1,
    err: expect.stringContaining("The login has ended"),
  });
}, 60_000);
