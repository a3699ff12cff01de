import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { ENTERPRISE, scimOf, USER } from "../support/scim.ts";
import { verifiedDomain } from "../support/sso.ts";
import { asOwner, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let domain: string;
let directory: ReturnType<typeof scimOf>;

const scim: (typeof directory)["send"] = (...args) => directory.send(...args);
const find: (typeof directory)["find"] = (...args) => directory.find(...args);
const idsOf = async (filter: string) =>
  ((await find("Users", filter)).body.Resources as { id: string }[]).map(({ id }) => id);
const patch: (typeof directory)["patch"] = (...args) => directory.patch(...args);
const newUser: (typeof directory)["newUser"] = (...args) => directory.newUser(...args);

beforeAll(async () => {
  tenant = await newTenant();
  domain = await verifiedDomain(tenant);
  directory = scimOf(tenant, domain);
});

const EVA = {
  name: {
    formatted: "Dr. Eva Maria van der Berg MSc",
    familyName: "van der Berg",
    givenName: "Eva Maria",
    middleName: "J.",
    honorificPrefix: "Dr.",
    honorificSuffix: "MSc",
  },
  displayName: "Dr. Eva",
  nickName: "Evi",
  title: "Head of Things",
  userType: "Employee",
  preferredLanguage: "nl-NL",
  locale: "nl-NL",
  timezone: "Europe/Amsterdam",
  phoneNumbers: [{ value: "+31 20 123", type: "work" }],
  addresses: [{ type: "work", locality: "Utrecht", country: "NL", formatted: "Utrecht\nNL" }],
  [ENTERPRISE]: { employeeNumber: "7", department: "Research", manager: { value: "boss", displayName: "B" } },
};

describe("what a directory says of a person", () => {
  it("comes back as it was given, by POST, PUT and PATCH", async () => {
    const made = await newUser("eva", { ...EVA, unknown: 1, "urn:example:custom": { x: 1 } });
    expect(made).toMatchObject({ schemas: [USER, ENTERPRISE], ...EVA });
    expect(made).not.toHaveProperty("unknown");
    expect((await scim("GET", `/Users/${made.id}`)).body).toEqual(made);
    expect((await tenant.get(`/members/${made.id}`)).body.data.name).toBe(EVA.name.formatted);
    const changed = await patch(made.id, { op: "replace", path: "title", value: "Owner" });
    expect(changed.body).toMatchObject({ ...EVA, title: "Owner" });
    const put = await scim("PUT", `/Users/${made.id}`, {
      userName: made.userName,
      name: { familyName: "de Vries" },
    });
    expect(put.body.name).toEqual({ familyName: "de Vries", formatted: "de Vries" });
    expect(put.body).not.toHaveProperty("title");
  });

  it("is kept in the words of whatever case", async () => {
    const made = await scim("POST", "/Users", {
      USERNAME: `casey@${domain}`,
      Active: "False",
      NAME: { FamilyName: "van Dyk" },
      [`${USER}:Title`]: "Ms",
      [`${ENTERPRISE}:department`]: "Law",
    });
    expect(made.body, made.text).toMatchObject({
      active: false,
      name: { familyName: "van Dyk" },
      title: "Ms",
      [ENTERPRISE]: { department: "Law" },
    });
  });

  it("of members who came by other ways is their one name, until it says more", async () => {
    const id = `usr_${crypto.randomUUID().slice(0, 8)}`;
    await asOwner(
      tenant,
      sql`insert into people (id, email, email_verified_at) values (${id}, ${`${id}@${domain}`}, now())`,
      sql`insert into members (tenant_id, person_id, email, name, source, created_by)
        values (${tenant.tenantId}::uuid, ${id}, ${`${id}@${domain}`}, 'Jan de Wit', 'invitation', 'test')`,
    );
    const read = await scim("GET", `/Users/${id}`);
    expect(read.body.name).toEqual({ formatted: "Jan de Wit", givenName: "Jan de", familyName: "Wit" });
    expect(await idsOf('name.familyName eq "wit"')).toContain(id);
    const off = await patch(id, { op: "replace", value: { active: false } });
    expect(off.body).toMatchObject({ active: false, name: read.body.name });
    const renamed = await patch(id, { op: "add", path: "name.familyName", value: "de Wit" });
    expect(renamed.body.name).toMatchObject({ givenName: "Jan de", familyName: "de Wit" });
  });

  it.each([
    ["a text that is none", { title: 5 }],
    ["a list that is too long", { phoneNumbers: Array.from({ length: 51 }, () => ({ value: "1" })) }],
    [
      "two primaries",
      {
        emails: [
          { value: "a@b.cd", primary: true },
          { value: "c@d.ef", primary: true },
        ],
      },
    ],
    ["a text that is too long", { nickName: "x".repeat(1001) }],
    ["too much of everything", { photos: Array.from({ length: 50 }, () => ({ value: "x".repeat(900) })) }],
    ["no Unicode", { title: "a\u0000b" }],
    ["half a character", { title: "\ud83d" }],
    ["active that is neither", { active: "perhaps" }],
  ])("is refused for %s", async (_what, more) => {
    const refused = await scim("POST", "/Users", { userName: `bad@${domain}`, ...more });
    expect([refused.status, refused.body.scimType]).toEqual([400, "invalidValue"]);
  });
});

describe("PATCH", () => {
  it("changes emails as Entra ID and Okta name them", async () => {
    const { id } = await newUser("mia");
    const work = 'emails[type eq "work"].value';
    const emails = async (...operations: object[]) => {
      const changed = await patch(id, ...operations);
      expect(changed.status, changed.text).toBe(200);
      return changed.body.emails as object[];
    };
    expect(await emails({ op: "Add", path: work, value: `m@${domain}` })).toEqual([
      { type: "work", value: `m@${domain}` },
    ]);
    expect(await emails({ op: "Replace", path: work, value: `n@${domain}` })).toEqual([
      { type: "work", value: `n@${domain}` },
    ]);
    expect(
      await emails({
        op: "add",
        path: "emails",
        value: [{ value: "m@home.example", type: "home", primary: "True" }],
      }),
    ).toEqual([
      { type: "work", value: `n@${domain}` },
      { type: "home", value: "m@home.example", primary: true },
    ]);
    expect(
      await emails({ op: "replace", value: { [work]: `o@${domain}`, "name.givenName": "Mia" } }),
    ).toHaveLength(2);
    expect(await emails({ op: "REMOVE", path: 'emails[type eq "home"]' })).toEqual([
      { type: "work", value: `o@${domain}` },
    ]);
    expect(await emails({ op: "remove", path: work })).toEqual([
      { value: `mia@${domain}`, type: "work", primary: true },
    ]);
  });

  it("takes what Entra ID sends of the rest", async () => {
    const { id } = await newUser("noa", { name: { givenName: "Noa" } });
    const changed = await patch(
      id,
      { op: "Add", path: `${ENTERPRISE}:department`, value: "Sales" },
      { op: "Add", path: `${ENTERPRISE}:manager`, value: "usr_boss" },
      { op: "Replace", path: `${USER}:name.familyName`, value: "van Dam" },
      { op: "Replace", path: "active", value: "False" },
      { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+31 6" },
      { op: "Add", path: 'roles[primary eq "True"].value', value: "Admin" },
      { op: "add", value: { displayName: "Noa D", externalId: "noa-1", id: "ignored", unknown: 1 } },
      { op: "add", path: "urn:ietf:params:scim:schemas:extension:acme:2.0:User:x", value: "1" },
    );
    expect(changed.body, changed.text).toMatchObject({
      active: false,
      displayName: "Noa D",
      externalId: "noa-1",
      name: { givenName: "Noa", familyName: "van Dam" },
      phoneNumbers: [{ type: "mobile", value: "+31 6" }],
      roles: [{ primary: true, value: "Admin" }],
      [ENTERPRISE]: { department: "Sales", manager: { value: "usr_boss" } },
    });
    const gone = await patch(
      id,
      { op: "Remove", path: `${ENTERPRISE}:manager` },
      { op: "Remove", path: `${ENTERPRISE}:department` },
      { op: "remove", path: "name.familyName" },
      { op: "remove", path: "externalId" },
    );
    expect(gone.body, gone.text).not.toHaveProperty(ENTERPRISE);
    expect(gone.body.schemas).toEqual([USER]);
    expect(gone.body.name).toEqual({ givenName: "Noa", formatted: "Noa" });
    expect(gone.body).not.toHaveProperty("externalId");
  });

  it("loses no change of two at once", async () => {
    const { id } = await newUser("twins");
    const answers = await Promise.all([
      patch(id, { op: "replace", path: "title", value: "T" }),
      patch(id, { op: "replace", path: "nickName", value: "N" }),
      patch(id, { op: "replace", path: "locale", value: "nl" }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await scim("GET", `/Users/${id}`)).body).toMatchObject({
      title: "T",
      nickName: "N",
      locale: "nl",
    });
  });

  it.each([
    [{ op: "remove" }, "noTarget"],
    [{ op: "replace", path: 'emails[value co "nobody"].value', value: "x" }, "noTarget"],
    [{ op: "replace", path: "constructor", value: "x" }, "invalidPath"],
    [{ op: "replace", path: "__proto__.x", value: "x" }, "invalidPath"],
    [{ op: "replace", path: "name.nothing", value: "x" }, "invalidPath"],
    [{ op: "replace", path: "emails[", value: "x" }, "invalidPath"],
    [{ op: "replace", path: `emails${"[".repeat(3000)}`, value: "x" }, "invalidPath"],
    [{ op: "replace", path: 'title[value eq "x"]', value: "x" }, "invalidPath"],
    [{ op: "replace", path: "id", value: "x" }, "mutability"],
    [{ op: "replace", path: "groups", value: [] }, "mutability"],
    [{ op: "replace", path: "userName", value: "somebody@else.example" }, "mutability"],
    [{ op: "replace", path: "active", value: "perhaps" }, "invalidValue"],
    [{ op: "replace", value: "x" }, "invalidValue"],
    [{ op: "move", path: "title" }, "invalidSyntax"],
    [{ path: "title", value: "x" }, "invalidSyntax"],
  ])("%j is refused as %s", async (operation, scimType) => {
    const { id } = await newUser(`p-${crypto.randomUUID().slice(0, 8)}`);
    const refused = await patch(id, operation);
    expect([refused.status, refused.body.scimType], refused.text).toEqual([400, scimType]);
  });
});

describe("answers", () => {
  it("show the attributes that are wanted, wherever a resource is answered", async () => {
    const { id, userName } = await newUser("pat", { ...EVA, externalId: "pat" });
    const names = (body: object) => Object.keys(body).sort();
    const only = "?attributes=userName,name.FAMILYNAME,emails.value";
    const shown = await scim("GET", `/Users/${id}${only}`);
    expect(names(shown.body)).toEqual(["emails", "id", "name", "schemas", "userName"]);
    expect(shown.body).toMatchObject({ name: { familyName: "van der Berg" }, emails: [{ value: userName }] });
    expect([names(shown.body.name), names(shown.body.emails[0])]).toEqual([["familyName"], ["value"]]);
    const without = await scim("GET", `/Users/${id}?excludedAttributes=${USER}:name,groups,id,meta`);
    expect(without.body.id).toBe(id);
    for (const gone of ["name", "groups", "meta"]) expect(without.body).not.toHaveProperty(gone);
    const put = await scim("PUT", `/Users/${id}?attributes=userName`, { userName });
    expect(names(put.body)).toEqual(["id", "schemas", "userName"]);
    const patched = await scim("PATCH", `/Users/${id}?attributes=title`, {
      Operations: [{ op: "add", path: "title", value: "T" }],
    });
    expect(names(patched.body)).toEqual(["id", "schemas", "title"]);
    const listed = await find("Users", 'userName sw "pat@"', "&attributes=userName");
    expect(names(listed.body.Resources[0])).toEqual(["id", "schemas", "userName"]);
    const both = await scim("GET", `/Users/${id}?attributes=title&excludedAttributes=name`);
    expect([both.status, both.body.scimType]).toEqual([400, "invalidValue"]);
    const group = await scim("POST", "/Groups?excludedAttributes=members", {
      displayName: "Pats",
      members: [{ value: id }],
    });
    expect(group.body).not.toHaveProperty("members");
    expect(
      (await scim("GET", `/Groups/${group.body.id}?excludedAttributes=members`)).body,
    ).not.toHaveProperty("members");
    expect((await scim("GET", `/Groups/${group.body.id}`)).body.members).toHaveLength(1);
  });

  it("have versions, which conditions name", async () => {
    const made = await scim("POST", "/Users", { userName: `vera@${domain}`, title: "1" });
    const { id, meta } = made.body;
    expect(made.headers.get("etag")).toBe(meta.version);
    expect(meta.lastModified).toBe(meta.created);
    const same = await scim("GET", `/Users/${id}`, undefined, { "if-none-match": meta.version });
    expect([same.status, same.text]).toEqual([304, ""]);
    const op = (value: string) => ({ Operations: [{ op: "replace", path: "title", value }] });
    const changed = await scim("PATCH", `/Users/${id}`, op("2"), { "if-match": `"x", ${meta.version}` });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.body.meta.version).not.toBe(meta.version);
    expect(Date.parse(changed.body.meta.lastModified)).toBeGreaterThan(Date.parse(meta.created));
    for (const [method, body] of [
      ["PATCH", op("3")],
      ["PUT", { userName: `vera@${domain}` }],
      ["DELETE", undefined],
    ] as const)
      expect((await scim(method, `/Users/${id}`, body, { "if-match": meta.version })).status, method).toBe(
        412,
      );
    expect((await scim("GET", `/Users/${id}`, undefined, { "if-none-match": meta.version })).status).toBe(
      200,
    );
    expect((await scim("DELETE", `/Users/${id}`, undefined, { "if-match": "*" })).status).toBe(204);
    const group = await scim("POST", "/Groups", { displayName: "Versions" });
    const stale = { "if-match": 'W/"stale"' };
    expect((await scim("DELETE", `/Groups/${group.body.id}`, undefined, stale)).status).toBe(412);
    expect(
      (await scim("GET", `/Groups/${group.body.id}`, undefined, { "if-none-match": group.body.meta.version }))
        .status,
    ).toBe(304);
  });

  it.each([
    ["startIndex=0", 1],
    ["startIndex=-5", 1],
    ["startIndex=99999999999999999999", 1_000_000_000],
    ["count=-1", 1],
    ["count=99999999999999999999", 1],
    ["startIndex=2&count=0", 2],
  ])("page at the edges: %s", async (query, startIndex) => {
    const page = await scim("GET", `/Users?${query}`);
    expect([page.status, page.body.startIndex], page.text).toEqual([200, startIndex]);
    expect(page.body.itemsPerPage).toBe(page.body.Resources.length);
  });

  it("refuse what is no page, no JSON, or not offered", async () => {
    for (const query of ["startIndex=one", "count=1.5", "count="]) {
      const refused = await scim("GET", `/Users?${query}`);
      expect([query, refused.status, refused.body.scimType]).toEqual([query, 400, "invalidValue"]);
    }
    const broken = await scim("POST", "/Users", "{");
    expect([broken.status, broken.body.scimType]).toEqual([400, "invalidSyntax"]);
    expect((await scim("GET", "/ServiceProviderConfig")).body).toMatchObject({
      bulk: { supported: false },
      etag: { supported: true },
    });
    expect((await scim("POST", "/Bulk", { Operations: [] })).status).toBe(501);
    expect((await scim("GET", "/Me")).status).toBe(501);
  });

  it("search by POST as by GET", async () => {
    const { id } = await newUser("sam");
    const found = await scim("POST", "/Users/.search", {
      filter: 'userName sw "sam@"',
      attributes: ["userName"],
      count: 5,
    });
    expect(found.body, found.text).toMatchObject({ totalResults: 1, Resources: [{ id }] });
  });

  it("describe every attribute that is kept", async () => {
    const schema = await scim("GET", `/Schemas/${ENTERPRISE}`);
    expect(schema.body.attributes.map(({ name }: { name: string }) => name)).toContain("department");
    expect((await scim("GET", "/ResourceTypes/User")).body.schemaExtensions).toEqual([
      { schema: ENTERPRISE, required: false },
    ]);
  });
});
