import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client, FlowError, type PublicJwk } from "../../src/sdk/index.ts";
import { ARTICLE, eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let flow: Client;
const as = (apiKey: string, environment?: string) => new Client({ url: inject("url"), apiKey, environment });

beforeAll(async () => {
  tenant = await newTenant();
  flow = as(tenant.tokens.admin);
  await tenant.put("/types/article", ARTICLE);
});

async function refusal(of: Promise<unknown>): Promise<FlowError> {
  const error = await of.then(
    () => expect.fail("it was not refused"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FlowError);
  return error as FlowError;
}

describe("keys", () => {
  it("are trusted until they are revoked", async () => {
    const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const { kty, crv, x } = await exportJWK(publicKey);
    const jwk = { kty, crv, x } as PublicJwk;
    const made = await flow.keys.create({ kid: "site-1", jwk });
    expect(made).toMatchObject({ kid: "site-1", alg: "EdDSA", jwk });
    expect(await flow.keys.list()).toEqual([
      { kid: "site-1", alg: "EdDSA", jwk, created_at: made.created_at },
    ]);
    const jwt = await new SignJWT({ tid: made.tenant, scope: "read" })
      .setProtectedHeader({ alg: made.alg, kid: made.kid })
      .setAudience("flowcms")
      .setSubject("site")
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
    await eventually(
      async () =>
        (
          await as(jwt)
            .types.list()
            .catch(() => [])
        ).length === 1,
      15_000,
    );
    await flow.keys.revoke("site-1");
    expect(await flow.keys.list()).toEqual([]);
    expect((await refusal(flow.keys.revoke("site-1"))).reason).toBe("access/no-such-key");
  });
});

describe("the audit log", () => {
  it("says who did what, by page and as a whole", async () => {
    const { id } = await flow.content.create("article", { title: "Watched" });
    await flow.content.publish(id);
    const { data, pagination } = await flow.audit.list({ limit: 2 });
    expect(data.map((one) => one.action)).toEqual(["entry.published", "entry.created"]);
    expect(data[0]!.subject).toContain(id);
    expect(data[0]!.actor.kind).toBe("token");
    expect(data[0]!.request_id).toMatch(/^req_/);
    expect(pagination.next_cursor).not.toBeNull();
    const ids: string[] = [];
    for await (const one of flow.audit.iterate({ limit: 2 })) ids.push(one.id);
    expect(ids.length).toBeGreaterThan(4);
    expect(ids.slice(0, 2)).toEqual(data.map((one) => one.id));
    expect(new Set(ids).size).toBe(ids.length);
    expect((await refusal(as(tenant.tokens.read).audit.list())).code).toBe("FORBIDDEN");
  });
});

describe("registered operations", () => {
  it("are kept, run by their names, and deleted", async () => {
    const reader = as(tenant.tokens.read);
    const { id } = await flow.content.create("article", { title: "Named", slug: "named" });
    await flow.content.publish(id);
    const document = "query ($slug: String) { article(slug: $slug) { title } }";
    expect(await flow.operations.put("one", document)).toMatchObject({ name: "one", document });
    expect((await flow.operations.list()).map(({ name }) => name)).toEqual(["one"]);
    const { article } = await reader.graphql<{ article: { title: string } }>(
      { documentId: "one" },
      { slug: "named" },
    );
    expect(article.title).toBe("Named");
    await flow.operations.put("one", document.replace("title", "name: title"));
    expect(await reader.graphql({ documentId: "one" }, { slug: "named" })).toEqual({
      article: { name: "Named" },
    });
    await flow.operations.delete("one");
    expect(await flow.operations.list()).toEqual([]);
    expect((await refusal(reader.graphql({ documentId: "one" }))).reason).toBe("graphql/no-such-operation");
    expect((await refusal(flow.operations.put("two", "{"))).reason).toBe("operations/invalid");
  });
});

describe("environments", () => {
  it("say what GraphQL takes", async () => {
    const { graphql } = await flow.environments.current();
    expect(graphql).toEqual({ introspection: true, registered_only: false });
    await flow.operations.put("name", "{ __typename }");
    const changed = await flow.environments.update("main", {
      graphql: { registered_only: true, introspection: false },
    });
    expect(changed.graphql).toEqual({ introspection: false, registered_only: true });
    await eventually(
      async () =>
        (await flow.graphql("{ __typename }").catch((error: FlowError) => error.reason)) ===
        "graphql/registered-only",
      15_000,
    );
    expect(await flow.graphql({ documentId: "name" })).toEqual({ __typename: "Query" });
    const back = await flow.environments.update("main", { graphql: { registered_only: false } });
    expect(back.graphql.registered_only).toBe(false);
  });

  it("say which one a client works in", async () => {
    await flow.environments.create({ name: "next", default_locale: "fr", locales: [{ code: "fr" }] });
    await flow.environments.aliases.put("soon", "next");
    const current = async (environment?: string) =>
      (await as(tenant.tokens.admin, environment).environments.current()).name;
    expect([await current(), await current("next"), await current("soon")]).toEqual(["main", "next", "next"]);
    const nowhere = await refusal(as(tenant.tokens.admin, "nowhere").environments.current());
    expect(nowhere.code).toBe("NOT_FOUND");
  });
});
