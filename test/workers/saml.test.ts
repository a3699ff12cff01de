import { createPublicKey, createVerify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT, runWrangler } from "../../src/dev/build.ts";
import type { ServiceProviderKey } from "../../src/domain/identity/sso/saml/index.ts";
import {
  ACS,
  assertionXml,
  certificateFor,
  ecKeyPair,
  encrypt,
  IDP,
  NOW,
  REQUEST,
  responseXml,
  sign,
  signingWith,
  SP,
  toPost,
} from "../support/saml.ts";

const COMPATIBILITY_DATE = /compatibility_date = "(.*)"/.exec(
  readFileSync(join(ROOT, "wrangler.toml"), "utf8"),
)![1]!;
const ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

type Answer = { value?: any; reason?: string; crash?: string };
let miniflare: Miniflare;
let folder: string;
let idp: ServiceProviderKey;
let sp: ServiceProviderKey;

async function call(name: string, ...args: unknown[]): Promise<Answer> {
  const answer = await miniflare.dispatchFetch(`http://saml/${name}`, {
    method: "POST",
    body: JSON.stringify(args),
  });
  return (await answer.json()) as Answer;
}

const validate = (xml: string, idpCertificates = [idp.certificate]) =>
  call("validateResponse", toPost(xml), {
    idpCertificates,
    idpEntityId: IDP,
    audience: SP,
    acsUrl: ACS,
    requestIds: [REQUEST],
    allowUnsolicited: false,
    decryptionKeys: [sp.privateKey],
    now: NOW,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flow-saml-"));
  await runWrangler([
    "deploy",
    join(ROOT, "test/support/saml-worker.ts"),
    "--dry-run",
    "--minify",
    ...["--name", "saml", "--compatibility-date", COMPATIBILITY_DATE, "--outdir", folder],
    ...["-c", "/dev/null"],
  ]);
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      modules: [{ type: "ESModule", path: join(folder, "saml-worker.js") }],
      modulesRoot: folder,
      compatibilityDate: COMPATIBILITY_DATE,
    }),
  );
  [idp, sp] = await Promise.all(
    ["idp", "sp"].map(async (commonName) => (await call("createServiceProviderKey", { commonName })).value),
  );
});

afterAll(async () => {
  await miniflare?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

it("makes keys, reads metadata and signs requests in workerd", async () => {
  const ours = {
    entityId: SP,
    acsUrl: ACS,
    signingCertificates: [sp.certificate],
    encryptionCertificates: [],
  };
  const published = ((await call("serviceProviderMetadata", ours)).value as string)
    .replaceAll("SPSSODescriptor", "IDPSSODescriptor")
    .replace(
      /<md:AssertionConsumerService[^>]*>/,
      `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>`,
    );
  const { value: metadata } = await call("parseIdpMetadata", published);
  expect(metadata).toMatchObject({ entityId: SP, ssoUrls: { redirect: "https://idp.example/sso" } });
  expect(metadata.signingCertificates[0].subject).toBe("CN=sp");
  const { value: request } = await call("createAuthnRequest", {
    ...ours,
    ssoUrl: metadata.ssoUrls.redirect,
    signingKey: sp.privateKey,
  });
  const [, octets, signature] = /\?(.*)&Signature=(.*)$/.exec(request.url)!;
  expect(
    createVerify("sha256").update(octets!).verify(sp.certificate, decodeURIComponent(signature!), "base64"),
  ).toBe(true);
});

it("validates in workerd: RSA, ECDSA, both ciphers, both paddings", async () => {
  const inner = sign(assertionXml(), "_assertion1", idp.privateKey);
  const spki = createPublicKey(sp.certificate).export({ type: "spki", format: "der" });
  const sealed = await Promise.all(
    (["aes128-gcm", "aes256-cbc"] as const).flatMap((cipher) =>
      (["SHA-1", "SHA-256"] as const).map((hash) => encrypt(inner, spki, { cipher, hash })),
    ),
  );
  for (const content of [inner, ...sealed])
    expect(await validate(responseXml(content))).toMatchObject({ value: { nameId: "ada@acme.example" } });
  expect(await validate(sign(responseXml(sealed[2]!), "_response1", idp.privateKey))).toMatchObject({
    value: { nameId: "ada@acme.example" },
  });
  const ec = ecKeyPair();
  const certificate = certificateFor(ec.publicKey, idp.certificate);
  const options = { algorithm: ECDSA, prepare: signingWith(ECDSA, "sha256") };
  const byEc = sign(responseXml(assertionXml()), "_assertion1", ec.privateKey, options);
  expect(await validate(byEc, [idp.certificate, certificate])).toMatchObject({
    value: { nameId: "ada@acme.example" },
  });
  expect(await validate(byEc)).toEqual({ reason: "sso/saml-signature" });
  expect((await call("readCertificate", certificate)).value.subject).toBe("CN=idp");
});

it("refuses in workerd what it refuses in Node", async () => {
  const good = sign(responseXml(assertionXml()), "_assertion1", idp.privateKey);
  const sha1 = { algorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1" };
  for (const [xml, reason] of [
    [responseXml(assertionXml()), "signature"],
    [sign(responseXml(assertionXml()), "_assertion1", sp.privateKey), "signature"],
    [good.replace("ada@acme", "eve@acme"), "signature"],
    [good.replace(/<ds:SignatureValue>[^<]*/, "<ds:SignatureValue>AAAA"), "signature"],
    [sign(responseXml(assertionXml()), "_assertion1", idp.privateKey, sha1), "algorithm"],
    [`<!DOCTYPE x>${good}`, "malformed"],
    [`${"<a>".repeat(20_000)}${"</a>".repeat(20_000)}`, "malformed"],
    [
      sign(responseXml(assertionXml({ audience: `${SP}.evil.example` })), "_assertion1", idp.privateKey),
      "audience",
    ],
  ] as const)
    expect(await validate(xml)).toEqual({ reason: `sso/saml-${reason}` });
});
