import { beforeAll, expect, inject, it } from "vitest";
import { AdminClient, FlowError } from "../../src/sdk/admin.ts";
import { joinedMember, newOwner } from "../support/person.ts";
import { runFlow } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let flow: AdminClient;
beforeAll(async () => {
  tenant = await newTenant();
  flow = new AdminClient({ url: inject("url"), apiKey: tenant.tokens.admin });
});

it("members, invitations and teams", async () => {
  await newOwner(tenant);
  const { id } = await joinedMember(tenant, ["editor"]);
  expect((await flow.members.list()).map((one) => one.roles)).toEqual([["editor"], ["owner"]]);
  expect((await flow.members.update(id, { roles: ["author", "author"] })).roles).toEqual(["author"]);
  const invited = await flow.members.invite({ email: "Ann@Example.com ", roles: ["viewer"] });
  expect(invited.email).toBe("ann@example.com");
  expect((await flow.members.invitations()).map((one) => one.id)).toEqual([invited.id]);
  await flow.members.uninvite(invited.id);
  expect(await flow.members.invitations()).toEqual([]);
  const team = await flow.teams.create({ name: "Writers" });
  await flow.teams.add(team.id, id);
  await flow.teams.update(team.id, { roles: ["editor"] });
  expect(await flow.teams.list()).toMatchObject([{ name: "Writers", roles: ["editor"], members: [id] }]);
  expect((await flow.members.get(id)).teams).toMatchObject([{ id: team.id }]);
  await flow.teams.remove(team.id, id);
  await flow.teams.delete(team.id);
  await flow.members.remove(id);
  await expect(flow.members.get(id)).rejects.toSatisfy(
    (error) => error instanceof FlowError && error.reason === "members/no-such-member",
  );
});

it("domains", async () => {
  const added = await flow.domains.add({ domain: "sdk.acme.example" });
  expect(added.record.name).toBe("_flowcms.sdk.acme.example");
  expect((await flow.domains.verify(added.domain)).verified).toBe(false);
  expect(await flow.domains.list()).toEqual([added]);
  await flow.domains.remove(added.domain);
});

it("OAuth clients, and keys by the command line too", async () => {
  const made = await flow.oauth.createClient({
    name: "App",
    grants: ["client_credentials"],
    scopes: ["write"],
  });
  expect(made.secret).toMatch(/^flows_/);
  const changed = await flow.oauth.updateClient(made.id, { name: "Other" });
  expect(changed).toMatchObject({ name: "Other", scopes: ["write"], grants: ["client_credentials"] });
  expect((await flow.oauth.renewSecret(made.id)).secret).not.toBe(made.secret);
  expect(await flow.oauth.clients()).toEqual([changed]);
  await flow.oauth.deleteClient(made.id);
  expect(await flow.oauth.clients()).toEqual([]);
  await flow.oauth.rotateKeys({ force: true });
  const options = { token: tenant.tokens.admin };
  const early = await runFlow(["keys", "rotate"], options);
  expect(early).toMatchObject({ code: 1, err: expect.stringContaining("24 hours") });
  const rotated = await runFlow(["keys", "rotate", "--force", "--json"], options);
  expect(
    JSON.parse(rotated.out)
      .map((key: { state: string }) => key.state)
      .sort(),
  ).toEqual(["active", "next", "retired", "retired"]);
  expect((await flow.oauth.keys()).length).toBe(4);
});
