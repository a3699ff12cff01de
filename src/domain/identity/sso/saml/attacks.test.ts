import { createHmac, createPublicKey } from "node:crypto";
import type { SignedXml } from "xml-crypto";
import { expect, it } from "vitest";
import {
  ACS,
  assertionXml,
  type EncryptionOptions,
  encrypt,
  IDP,
  NOW,
  REQUEST,
  responseXml,
  sign,
  type SigningOptions,
  SP,
  toPost,
} from "../../../../../test/support/saml.ts";
import { ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, NS } from "./names.ts";
import { createServiceProviderKey } from "./service-provider-key.ts";
import { validateResponse } from "./validate-response.ts";

const [idp, attacker, sp] = await Promise.all(
  ["idp", "attacker", "sp"].map((commonName) => createServiceProviderKey({ commonName })),
);
const spPublicKey = createPublicKey(sp!.certificate).export({ type: "spki", format: "der" });

const post = (body: string) =>
  validateResponse(body, {
    idpCertificates: [idp!.certificate],
    idpEntityId: IDP,
    audience: SP,
    acsUrl: ACS,
    requestIds: [REQUEST],
    allowUnsolicited: false,
    decryptionKeys: [sp!.privateKey],
    now: NOW,
  });
const validate = (xml: string) => post(toPost(xml));
const refused = (what: string) => ({ code: "UNAUTHENTICATED", reason: `sso/saml-${what}` });
const signed = (options: SigningOptions = {}, xml = responseXml(assertionXml())) =>
  sign(xml, "_assertion1", idp!.privateKey, options);

const SIGNATURE = /<ds:Signature[\s\S]*?<\/ds:Signature>/;
const signatureOf = (xml: string) => SIGNATURE.exec(xml)![0];
const mallory = (id: string, extra = "") => assertionXml({ id, nameId: "mallory@acme.example", extra });
const withSignature = (xml: string, signature: string) =>
  xml.replace("</saml:Issuer>", `</saml:Issuer>${signature}`);
const inside = (signature: string, content: string) =>
  signature.replace("</ds:Signature>", `${content}</ds:Signature>`);

const signedAssertion = sign(assertionXml(), "_assertion1", idp!.privateKey);
const bareAssertion = signedAssertion.replace(SIGNATURE, "");
const assertionSignature = signatureOf(signedAssertion);
const signedResponse = sign(responseXml(assertionXml()), "_response1", idp!.privateKey);
const bareResponse = signedResponse.replace(SIGNATURE, "");
const responseSignature = signatureOf(signedResponse);

for (const id of ["_evil", "_assertion1"]) {
  const responseId = id === "_evil" ? "_evil_response" : "_response1";
  it.each([
    [
      "1: the response inside its signature",
      withSignature(responseXml(mallory(id), { id: responseId }), inside(responseSignature, bareResponse)),
    ],
    [
      "2: the response beside its signature",
      withSignature(responseXml(mallory(id), { id: responseId }), `${bareResponse}${responseSignature}`),
    ],
    ["3: a forged assertion before the signed one", responseXml(mallory(id) + signedAssertion)],
    ["3: a forged assertion behind the signed one", responseXml(signedAssertion + mallory(id))],
    ["4: the signed assertion inside a forged one", responseXml(mallory(id, signedAssertion))],
    [
      "5: the signature moved to a forged assertion",
      responseXml(withSignature(mallory(id), assertionSignature) + bareAssertion),
    ],
    [
      "6: the assertion inside its moved signature",
      responseXml(withSignature(mallory(id), inside(assertionSignature, bareAssertion))),
    ],
    [
      "7: a forged assertion in Extensions",
      responseXml(signedAssertion, { before: `<samlp:Extensions>${mallory(id)}</samlp:Extensions>` }),
    ],
    [
      "7: the signed assertion in Extensions",
      responseXml(mallory(id), { before: `<samlp:Extensions>${signedAssertion}</samlp:Extensions>` }),
    ],
    [
      "8: the assertion in an Object of its moved signature",
      responseXml(
        withSignature(mallory(id), inside(assertionSignature, `<ds:Object>${bareAssertion}</ds:Object>`)),
      ),
    ],
    [
      "9: the signed assertion in Advice",
      responseXml(mallory(id, `<saml:Advice>${signedAssertion}</saml:Advice>`)),
    ],
  ])(`refuses signature wrapping, ids ${id}, %s`, async (_name, xml) => {
    await expect(validate(xml)).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      reason: expect.stringMatching(/^sso\/saml-(signature|malformed)$/),
    });
  });
}

it("never reads a NameID that a comment, CDATA or an instruction cuts in two", async () => {
  for (const cut of ["<!-- -->", "<![CDATA[x]]>", "<?x y?>", "<b/>"]) {
    const nameId = `ada@acme.example${cut}.evil.example`;
    await expect(validate(signed({}, responseXml(assertionXml({ nameId }))))).rejects.toMatchObject(
      refused("malformed"),
    );
    const late = signed({}, responseXml(assertionXml({ nameId: "ada@acme.example.evil.example" }))).replace(
      "ada@acme.example.evil",
      `ada@acme.example${cut}.evil`,
    );
    await expect(validate(late)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  }
});

it.each([
  ["a DOCTYPE", `<!DOCTYPE x>${signed()}`],
  ["an external entity", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${signed()}`],
  [
    "an entity bomb",
    `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>${signed().replace("Editors", "&b;")}`,
  ],
  ["an entity nobody declared", signed().replace("Editors", "&nbsp;")],
  ["two roots", `${signed()}<x/>`],
  ["text behind the root", `${signed()}text`],
  ["another encoding", `<?xml version="1.0" encoding="UTF-7"?>${signed()}`],
  ["a tag left open", signed().slice(0, -3)],
  ["tags that cross", "<a><b></a></b>"],
  ["an attribute twice", signed().replace('Version="2.0"', 'Version="2.0" Version="2.0"')],
  ["a prefix nobody declared", signed().replaceAll("samlp:Status", "nobody:Status")],
  ["another document", "<html/>"],
  ["nothing", " "],
  ["an assertion alone", signedAssertion],
  ["deep nesting", signed({}, responseXml(assertionXml({ extra: "<a>".repeat(60) + "</a>".repeat(60) })))],
  ["deepest nesting", `${"<a>".repeat(20_000)}${"</a>".repeat(20_000)}`],
  ["very many elements", signed({}, responseXml(assertionXml({ extra: "<a/>".repeat(20_000) })))],
  [
    "very many attributes",
    signed(
      {},
      responseXml(
        assertionXml({ extra: `<a ${Array.from({ length: 65 }, (_, i) => `a${i}="1"`).join(" ")}/>` }),
      ),
    ),
  ],
  [
    "the one assertion in another place",
    signed({}, responseXml("", { before: `<samlp:Extensions>${assertionXml()}</samlp:Extensions>` })),
  ],
  [
    "an assertion of another version",
    signed({}, responseXml(assertionXml().replace('Version="2.0"', 'Version="1.1"'))),
  ],
  [
    "a confirmation without end",
    signed({}, responseXml(assertionXml().replace(/(Recipient="[^"]*") NotOnOrAfter="[^"]*"/, "$1"))),
  ],
  ["256 KB and more", signed({}, responseXml(assertionXml({ extra: "x".repeat(262_144) })))],
  ["two assertions", responseXml(signedAssertion + assertionXml({ id: "_assertion2" }))],
  ["an assertion twice", responseXml(signedAssertion + signedAssertion)],
  ["an ID twice", signed({}, responseXml(assertionXml({ extra: '<x Id="_assertion1"/>' })))],
  ["another version", signed({}, responseXml(assertionXml())).replace('Version="2.0"', 'Version="1.1"')],
])("refuses %s as malformed", async (_name, xml) => {
  await expect(validate(xml)).rejects.toMatchObject(refused("malformed"));
});

it.each(["", "%%%", "PHg", "/////w==", "AAAA".repeat(200_000)])(
  "refuses a body that is no response",
  async (body) => {
    await expect(post(body)).rejects.toMatchObject(refused("malformed"));
  },
);

it("refuses what nobody signed, or somebody else did, whatever KeyInfo says", async () => {
  const bare = responseXml(assertionXml());
  const forged = (publicCert?: string) => sign(bare, "_assertion1", attacker!.privateKey, { publicCert });
  expect(forged(attacker!.certificate)).toContain("X509Certificate");
  for (const xml of [
    bare,
    forged(),
    forged(attacker!.certificate),
    forged(idp!.certificate),
    signed({ publicCert: attacker!.certificate }).replace("ada@acme", "eve@acme"),
    signed().replace(/<ds:SignatureValue>[^<]*/, "<ds:SignatureValue>"),
    signed().replace(/<ds:SignatureValue>[^<]*/, "<ds:SignatureValue>AAAA"),
    sign(signed(), "_response1", attacker!.privateKey),
    sign(sign(bare, "_assertion1", attacker!.privateKey), "_response1", idp!.privateKey),
  ])
    await expect(validate(xml)).rejects.toMatchObject(refused("signature"));
  expect(await validate(signed({ publicCert: attacker!.certificate }))).toMatchObject({
    nameId: "ada@acme.example",
  });
});

it("refuses what was changed after it was signed", async () => {
  for (const [from, to] of [
    ["ada@acme", "eve@acme"],
    ["Editors", "Admins"],
    [">R&amp;D", ">Admins"],
    ['SessionIndex="_session1"', 'SessionIndex="_session2"'],
    ["<saml:AttributeStatement>", '<saml:AttributeStatement xmlns:x="urn:x" x:y="1">'],
  ] as const) {
    const xml = signed();
    expect(xml).toContain(from);
    await expect(validate(xml.replace(from, to))).rejects.toMatchObject(refused("signature"));
  }
});

const hmac = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
const withHmac = (signer: SignedXml) => {
  signer.SignatureAlgorithms[hmac] = class {
    getAlgorithmName = () => hmac;
    getSignature = (text: unknown) =>
      createHmac("sha1", idp!.certificate).update(String(text)).digest("base64");
    verifySignature = () => true;
  } as never;
};
const C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const swapped = (from: string, to: string) => signed().replace(from, to);

it.each([
  ["a SHA-1 signature", signed({ algorithm: `${NS.dsig}rsa-sha1` })],
  ["a SHA-1 digest", signed({ digest: `${NS.dsig}sha1` })],
  ["an HMAC keyed with our copy of the certificate", signed({ algorithm: hmac, prepare: withHmac })],
  ["inclusive canonicalization", signed({ transforms: [ENVELOPED_SIGNATURE, C14N] })],
  ["an inclusively canonicalized SignedInfo", signed({ canonicalization: C14N })],
  ["no canonicalization", signed({ transforms: [ENVELOPED_SIGNATURE] })],
  ["comments left in", signed({ transforms: [ENVELOPED_SIGNATURE, `${EXCLUSIVE_C14N}WithComments`] })],
  [
    "a transform in place of another",
    swapped(ENVELOPED_SIGNATURE, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
  ],
  [
    "an XPath that leaves the identity out",
    swapped(
      `<ds:Transform Algorithm="${EXCLUSIVE_C14N}"/>`,
      `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(self::Subject)</ds:XPath></ds:Transform>`,
    ),
  ],
  [
    "a third transform",
    swapped("<ds:Transforms>", `<ds:Transforms><ds:Transform Algorithm="${EXCLUSIVE_C14N}"/>`),
  ],
  [
    "a method from the prototype",
    swapped("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "constructor"),
  ],
])("refuses %s as an algorithm", async (_name, xml) => {
  await expect(validate(xml)).rejects.toMatchObject(refused("algorithm"));
});

it.each([
  ["the whole document for a reference", signed({ isEmptyUri: true })],
  ["a reference to another element", signed().replace('URI="#_assertion1"', 'URI="#_response1"')],
  ["a reference without URI", signed().replace(' URI="#_assertion1"', "")],
  ["two references", signed().replace(/<ds:Reference[\s\S]*<\/ds:Reference>/, (one) => one + one)],
  ["no reference", signed().replace(/<ds:Reference[\s\S]*<\/ds:Reference>/, "")],
  ["two digests", signed().replace(/<ds:DigestValue>[^<]*<\/ds:DigestValue>/, (one) => one + one)],
  ["a second SignedInfo", signed().replace(/<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/, (one) => one + one)],
  [
    "a decoy of a method in front",
    signed().replace(
      "<ds:SignedInfo>",
      `<ds:Object><ds:SignatureMethod Algorithm="x"/></ds:Object><ds:SignedInfo>`,
    ),
  ],
  [
    "a signature in KeyInfo",
    signed().replace("</ds:Signature>", `<ds:KeyInfo>${assertionSignature}</ds:KeyInfo></ds:Signature>`),
  ],
])("refuses %s as a signature", async (_name, xml) => {
  expect(xml).not.toBe(signed());
  await expect(validate(xml)).rejects.toMatchObject(refused("signature"));
});

it("refuses a second signature of an element", async () => {
  const twice = signed().replace(SIGNATURE, (one) => one + one);
  await expect(validate(twice)).rejects.toMatchObject(refused("malformed"));
});

const sealed = (options: EncryptionOptions = {}, xml = signedAssertion) => encrypt(xml, spPublicKey, options);
const tamper = (xml: string, which: number, at: number) => {
  let seen = 0;
  return xml.replace(/<xenc:CipherValue>([^<]*)/g, (all, value: string) => {
    if (seen++ !== which) return all;
    const bytes = Buffer.from(value, "base64");
    bytes[at < 0 ? bytes.length + at : at]! ^= 1;
    return `<xenc:CipherValue>${bytes.toString("base64")}`;
  });
};

it("gives one answer to every ciphertext that nobody signed and that opens to nothing good", async () => {
  const unsigned = { cipher: "aes256-cbc" as const };
  const bad = [
    await sealed({}, assertionXml()),
    await sealed({}, sign(assertionXml(), "_assertion1", attacker!.privateKey)),
    await sealed({}, "<a/>"),
    await sealed({}, "not XML"),
    await sealed({}, `<!DOCTYPE x>${signedAssertion}`),
    await sealed(
      {},
      sign(assertionXml(), "_assertion1", idp!.privateKey, { algorithm: `${NS.dsig}rsa-sha1` }),
    ),
    await sealed({}, mallory("_evil", signedAssertion)),
    await sealed(unsigned, assertionXml()),
  ];
  for (const cipher of ["aes128-gcm", "aes256-cbc"] as const) {
    const good = await sealed({ cipher });
    for (const [which, at] of [
      [0, 5],
      [1, 3],
      [1, 40],
      [1, -1],
      [1, -17],
    ] as const)
      bad.push(tamper(good, which, at));
  }
  for (const encrypted of bad)
    await expect(validate(responseXml(encrypted))).rejects.toMatchObject(refused("decryption"));
});

it("refuses a ciphertext that was changed under the response's signature", async () => {
  const xml = sign(responseXml(await sealed({}, assertionXml())), "_response1", idp!.privateKey);
  expect(await validate(xml)).toMatchObject({ nameId: "ada@acme.example" });
  await expect(validate(tamper(xml, 1, 40))).rejects.toMatchObject(refused("signature"));
});

it("refuses weak or mixed encryption before it touches a key", async () => {
  const mixed = (await sealed()).replace(
    `rsa-oaep-mgf1p"/>`,
    `rsa-oaep-mgf1p"><ds:DigestMethod Algorithm="${NS.xenc}sha256"/></xenc:EncryptionMethod>`,
  );
  for (const encrypted of [
    await sealed({ transport: `${NS.xenc}rsa-1_5` }),
    (await sealed()).replace(/xmlenc11#aes256-gcm/, "xmlenc#tripledes-cbc"),
    mixed,
  ])
    await expect(validate(responseXml(encrypted))).rejects.toMatchObject(refused("algorithm"));
});

it("refuses a forged assertion beside an encrypted one", async () => {
  const encrypted = await sealed();
  for (const xml of [responseXml(encrypted + mallory("_evil")), responseXml(encrypted + encrypted)])
    await expect(validate(xml)).rejects.toMatchObject(refused("malformed"));
});

it("keeps attribute names that mean something to JavaScript to themselves", async () => {
  const xml = signed({}, responseXml(assertionXml()).replace('Name="groups"', 'Name="__proto__"'));
  const { attributes } = await validate(xml);
  expect(Object.keys(attributes)).toEqual(["email", "__proto__"]);
  expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype);
});
