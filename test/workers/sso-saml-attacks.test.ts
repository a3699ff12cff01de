import { beforeAll, describe, expect, it } from "vitest";
import { newVisitor, type Visitor } from "../support/person.ts";
import {
  assertionXml,
  responseXml,
  sign,
  toPost,
  type AssertionParts,
  type ResponseParts,
} from "../support/saml.ts";
import {
  startSaml,
  connectSaml,
  newSamlIdp,
  postResponse,
  requestIdOf,
  signInBySaml,
  verifiedDomain,
  type SamlIdp,
} from "../support/sso.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";
import { createServiceProviderKey } from "../../src/domain/identity/sso/saml/index.ts";

const SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1";
const RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
let tenant: Tenant;
let domain: string;
let idp: SamlIdp;
let connection: { id: string };
let strangerKey: string;

beforeAll(async () => {
  tenant = await newTenant();
  domain = await verifiedDomain(tenant);
  idp = await newSamlIdp();
  connection = await connectSaml(tenant, idp, { domains: [domain] });
  strangerKey = (await createServiceProviderKey({ commonName: "stranger" })).privateKey;
});

const reasonOf = ({ text }: { text: string }) =>
  text === "" ? undefined : (JSON.parse(text).error?.reason as string);
const hasSession = (visitor: Visitor) => visitor.cookies.has("__Host-flow_session");
const moment = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
const cacheKeyOf = (visitor: Visitor, one: { id: string }) => `${visitor.issuer}/sso/saml/${one.id}`;

/** An assertion of ours for a request, with what is to be different about it. */
function assertion(place: string, request: string | null, parts: AssertionParts = {}): string {
  return assertionXml({
    id: `_${crypto.randomUUID()}`,
    issuer: idp.entityId,
    audience: `${place}/metadata`,
    recipient: `${place}/acs`,
    inResponseTo: request,
    issuedAt: moment(0),
    authnAt: moment(-5),
    notBefore: moment(-60),
    notOnOrAfter: moment(300),
    confirmedUntil: moment(300),
    ...parts,
  }).replaceAll("ada@acme.example", `ada@${domain}`);
}
const response = (place: string, request: string | null, content: string, parts: ResponseParts = {}) =>
  responseXml(content, {
    destination: `${place}/acs`,
    issuer: idp.entityId,
    inResponseTo: request,
    ...parts,
  });
const idIn = (xml: string) => /<saml:Assertion[^>]* ID="([^"]+)"/.exec(xml)![1]!;
const signed = (xml: string, key = idp.key.privateKey, options = {}) => sign(xml, idIn(xml), key, options);

type Forge = (place: string, request: string) => string;

/** Begins as a browser does, and answers with what `forge` makes. */
async function answered(forge: Forge, one = connection) {
  const visitor = newVisitor(tenant);
  const { url } = await startSaml(visitor, one);
  const xml = forge(cacheKeyOf(visitor, one), requestIdOf(url));
  return { visitor, xml, reply: await postResponse(visitor, one, toPost(xml)) };
}

const evil = (xml: string) => xml.replaceAll(`ada@${domain}`, `boss@${domain}`);
const wrong: [name: string, reason: string | RegExp, forge: Forge][] = [
  [
    "for another audience",
    "sso/saml-audience",
    (p, r) => response(p, r, signed(assertion(p, r, { audience: "https://other.example" }))),
  ],
  [
    "for another recipient",
    "sso/saml-recipient",
    (p, r) => response(p, r, signed(assertion(p, r, { recipient: "https://other.example/acs" }))),
  ],
  [
    "for another destination",
    "sso/saml-destination",
    (p, r) => response(p, r, signed(assertion(p, r)), { destination: "https://other.example/acs" }),
  ],
  [
    "of another issuer",
    "sso/saml-issuer",
    (p, r) => response(p, r, signed(assertion(p, r, { issuer: "https://other.example" })), { issuer: null }),
  ],
  [
    "without success",
    "sso/saml-status",
    (p, r) =>
      response(p, r, signed(assertion(p, r)), {
        status: '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>',
      }),
  ],
  [
    "too old",
    "sso/saml-expired",
    (p, r) => response(p, r, signed(assertion(p, r, { notOnOrAfter: moment(-120) }))),
  ],
  [
    "too early",
    "sso/saml-not-yet-valid",
    (p, r) => response(p, r, signed(assertion(p, r, { notBefore: moment(600) }))),
  ],
  ["unsigned", "sso/saml-signature", (p, r) => response(p, r, assertion(p, r))],
  [
    "signed by a stranger",
    "sso/saml-signature",
    (p, r) => response(p, r, signed(assertion(p, r), strangerKey)),
  ],
  [
    "signed with SHA-1",
    "sso/saml-algorithm",
    (p, r) => response(p, r, signed(assertion(p, r), idp.key.privateKey, { algorithm: RSA_SHA1 })),
  ],
  [
    "digested with SHA-1",
    "sso/saml-algorithm",
    (p, r) => response(p, r, signed(assertion(p, r), idp.key.privateKey, { digest: SHA1 })),
  ],
  [
    "changed after it was signed",
    "sso/saml-signature",
    (p, r) => response(p, r, evil(signed(assertion(p, r)))),
  ],
  [
    "with a second assertion in front of the signed one",
    "sso/saml-malformed",
    (p, r) => response(p, r, evil(assertion(p, r)) + signed(assertion(p, r))),
  ],
  [
    "wrapped round the signed one",
    /^sso\/saml-(?:malformed|signature)$/,
    (p, r) => {
      const good = signed(assertion(p, r));
      return response(
        p,
        r,
        evil(assertion(p, r)).replace(
          "</saml:Assertion>",
          `<saml:Advice>${good}</saml:Advice></saml:Assertion>`,
        ),
      );
    },
  ],
  [
    "with a comment in the address",
    "sso/saml-malformed",
    (p, r) =>
      response(p, r, signed(assertion(p, r)).replace(`ada@${domain}`, `ada@${domain}<!---->.evil.example`)),
  ],
  [
    "with an entity",
    "sso/saml-malformed",
    (p, r) =>
      `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${response(p, r, signed(assertion(p, r))).replace(`>ada@${domain}<`, ">&x;<")}`,
  ],
  [
    "to another request inside",
    "sso/saml-in-response-to",
    (p, r) => response(p, r, signed(assertion(p, `_${"0".repeat(40)}`))),
  ],
  [
    "to no request of ours",
    "sso/unknown-attempt",
    (p) => response(p, `_${"0".repeat(40)}`, signed(assertion(p, `_${"0".repeat(40)}`))),
  ],
  ["to no request", "sso/unknown-attempt", (p) => response(p, null, signed(assertion(p, null)))],
];

describe("a response", () => {
  it("made by hand signs in, so that what follows is refused for what is wrong about it", async () => {
    const { visitor, reply } = await answered((p, r) => response(p, r, signed(assertion(p, r))));
    expect([reply.status, hasSession(visitor)], reply.text).toEqual([303, true]);
  });

  it.each(wrong)("%s is refused", async (_name, reason, forge) => {
    const { visitor, reply } = await answered(forge);
    expect(reply.status, reply.text).toBe(401);
    if (typeof reason === "string") expect(reasonOf(reply)).toBe(reason);
    else expect(reasonOf(reply)).toMatch(reason);
    expect(hasSession(visitor)).toBe(false);
  });

  it("works once, in the browser that began", async () => {
    const { visitor, xml, reply } = await answered((p, r) => response(p, r, signed(assertion(p, r))));
    expect(reply.status).toBe(303);
    expect(reasonOf(await postResponse(visitor, connection, toPost(xml)))).toBe("sso/saml-replay");
    expect(reasonOf(await postResponse(newVisitor(tenant), connection, toPost(xml)))).toBe(
      "sso/unknown-attempt",
    );
  });

  it("opens a session for a day, or for as long as the identity provider says", async () => {
    const lifetime = async (parts: AssertionParts) => {
      const { reply } = await answered((p, r) => response(p, r, signed(assertion(p, r, parts))));
      const cookie = reply.headers.getSetCookie().find((one) => one.startsWith("__Host-flow_session="))!;
      expect(cookie).toMatch(/; Secure; HttpOnly; SameSite=Lax/);
      return Number(/Max-Age=(\d+)/.exec(cookie)![1]);
    };
    expect(await lifetime({})).toBe(86_400);
    const short = await lifetime({ sessionUntil: moment(600) });
    expect(short).toBeLessThanOrEqual(600);
    expect(short).toBeGreaterThan(500);
  });

  it("twice at once opens one session", async () => {
    const visitor = newVisitor(tenant);
    const { url } = await startSaml(visitor, connection);
    const place = cacheKeyOf(visitor, connection);
    const answer = toPost(response(place, requestIdOf(url), signed(assertion(place, requestIdOf(url)))));
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => postResponse(visitor, connection, answer)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([303, 401, 401, 401]);
  });

  it("to somebody else's request does not sign a victim in as the attacker", async () => {
    const attacker = newVisitor(tenant);
    const victim = newVisitor(tenant);
    await startSaml(victim, connection);
    const { url, metadata } = await startSaml(attacker, connection);
    const answer = await idp.answer(url, metadata, { subject: "attacker", email: `attacker@${domain}` });
    const planted = await postResponse(victim, connection, answer);
    expect([planted.status, reasonOf(planted), hasSession(victim)]).toEqual([
      401,
      "sso/unknown-attempt",
      false,
    ]);
    expect((await postResponse(attacker, connection, answer)).status).toBe(303);
  });

  it("is good for the connection that asked, not for another tenant's with the same provider", async () => {
    const other = await newTenant();
    const theirs = await connectSaml(other, idp, { domains: [await verifiedDomain(other)] });
    const visitor = newVisitor(tenant);
    const { url, metadata } = await startSaml(visitor, connection);
    const answer = await idp.answer(url, metadata, { subject: "ada", email: `ada@${domain}` });
    const there = { ...newVisitor(other), send: visitor.send };
    expect(reasonOf(await postResponse(there, theirs, answer))).toBe("sso/unknown-attempt");
    const wrongSite = await postResponse(there, connection, answer);
    expect([wrongSite.status, reasonOf(wrongSite)]).toEqual([404, "sso/no-such-connection"]);
  });

  it.each([
    ["nothing", ""],
    ["no base 64", "<xml/>"],
    ["half of base 64", "AAAAA"],
    ["garbage", Buffer.from("garbage".repeat(1000)).toString("base64")],
    ["too much", "A".repeat(450_000)],
  ])("of %s is refused before anything is parsed", async (_name, answer) => {
    const visitor = newVisitor(tenant);
    await startSaml(visitor, connection);
    const refused = await postResponse(visitor, connection, answer);
    expect(refused.status).toBe(401);
    expect(reasonOf(refused)).toMatch(/^sso\/(?:saml-malformed|unknown-attempt)$/);
  });

  it("that nobody asked for works where the connection allows it: once, and leads nowhere else", async () => {
    const open = await connectSaml(tenant, idp, { domains: [domain], saml: { allow_idp_initiated: true } });
    const make = () => {
      const place = cacheKeyOf(newVisitor(tenant), open);
      return toPost(response(place, null, signed(assertion(place, null))));
    };
    const visitor = newVisitor(tenant);
    const answer = make();
    const done = await postResponse(visitor, open, answer, "https://evil.example/");
    expect([done.status, done.location, hasSession(visitor)], done.text).toEqual([
      303,
      `${visitor.prefix}/account`,
      true,
    ]);
    const again = newVisitor(tenant);
    expect(reasonOf(await postResponse(again, open, answer))).toBe("sso/saml-replay");
    expect(hasSession(again)).toBe(false);
    const led = await postResponse(newVisitor(tenant), open, make(), `${visitor.prefix}/device`);
    expect(led.location).toBe(`${visitor.prefix}/device`);
  });

  it("never leads out of this site, wherever a sign-in wanted to go on to", async () => {
    for (const goOn of ["https://evil.example/", "//evil.example/", "/\\evil.example"]) {
      const visitor = newVisitor(tenant);
      const done = await signInBySaml(
        visitor,
        connection,
        idp,
        { subject: "ada-2", email: `ada@${domain}` },
        goOn,
      );
      expect([done.status, done.location], goOn).toEqual([303, `${visitor.prefix}/account`]);
    }
  });
});
