import { beforeAll, describe, expect, it } from "vitest";
import { ENTERPRISE, scimOf, USER } from "../support/scim.ts";
import { verifiedDomain } from "../support/sso.ts";
import { newTenant } from "../support/tenant.ts";

let domain: string;
let directory: ReturnType<typeof scimOf>;

const find: (typeof directory)["find"] = (...args) => directory.find(...args);
const newUser: (typeof directory)["newUser"] = (...args) => directory.newUser(...args);
const idsOf = async (kind: "Users" | "Groups", filter: string) => {
  const found = await find(kind, filter);
  expect(found.status, `${filter}: ${found.text}`).toBe(200);
  return (found.body.Resources as { id: string }[]).map(({ id }) => id);
};

beforeAll(async () => {
  const tenant = await newTenant();
  domain = await verifiedDomain(tenant);
  directory = scimOf(tenant, domain);
});

describe("filters", () => {
  let ada: { id: string };
  let bea: { id: string };
  let group: string;

  beforeAll(async () => {
    ada = await newUser("ada", {
      externalId: "Ext-1",
      displayName: "Ada (von) Lovelace",
      title: 'The "Countess"',
      emails: [
        { value: `Ada.L@${domain}`, type: "work", primary: true },
        { value: "ada@home.example", type: "home" },
      ],
      [ENTERPRISE]: { department: "Analysis", manager: "boss-7" },
    });
    bea = await newUser("bea", { displayName: "Bea", active: false, userType: "Guest" });
    const made = await directory.send("POST", "/Groups", {
      displayName: "Ünïts",
      members: [{ value: ada.id }],
    });
    group = made.body.id;
  });

  it.each<[string, boolean, boolean]>([
    // What Okta and Entra ID send.
    ['userName eq "ADA@DOMAIN"', true, false],
    ['externalId eq "Ext-1"', true, false],
    ['externalId eq "ext-1"', false, false],
    ['emails[type eq "work"].value eq "ada.l@DOMAIN"', true, false],
    ['emails[type eq "work"].value eq "ada@home.example"', false, false],
    ['emails[type eq "work"].value eq "bea@DOMAIN"', false, true],
    ['emails.value eq "ada@home.example"', true, false],
    ['emails eq "bea@DOMAIN"', false, true],
    ['displayName eq "ada (VON) lovelace"', true, false],
    ["active eq false", false, true],
    ['active eq "False"', false, true],
    ['userName eq "ada@DOMAIN" and active eq true', true, false],
    [`${USER}:userName eq "bea@DOMAIN"`, false, true],
    [`${ENTERPRISE}:department eq "analysis"`, true, false],
    [`${ENTERPRISE}:manager.value eq "boss-7"`, true, false],
    [`${ENTERPRISE}:manager eq "boss-7"`, true, false],
    // Every operator, in any case.
    ['displayName ne "Bea"', true, false],
    ['displayName co "(von)"', true, false],
    ['DISPLAYNAME SW "ADA"', true, false],
    ['displayName Ew "lace"', true, false],
    ["title pr", true, false],
    ["not (title pr)", false, true],
    ["emails pr", true, true],
    [`${ENTERPRISE} pr`, true, false],
    ['title eq "The \\"Countess\\""', true, false],
    ['title co "\\u0022count"', true, false],
    ["userType ne null", false, true],
    ["userType eq null", true, false],
    ['displayName gt "ada" and displayName lt "b"', true, false],
    ['displayName ge "bea" and displayName le "bea"', false, true],
    ['meta.created gt "2020-01-01T00:00:00Z"', true, true],
    ['meta.lastModified lt "2020-01-01T00:00:00Z"', false, false],
    ['groups.value eq "GROUP"', true, false],
    ['groups[display sw "ün"]', true, false],
    // Precedence, grouping and negation.
    ['userType eq "Guest" or displayName sw "ada" and title eq "no"', false, true],
    ['(userType eq "Guest" or displayName sw "ada") and title pr', true, false],
    ['not (userType eq "Guest")', true, false],
    ['not (userName sw "a" or userName sw "b")', false, false],
    ['emails[type eq "home" and value ew ".example"]', true, false],
    ['emails[not (type eq "work")]', true, false],
    ["id pr", true, true],
    ['displayName co "%" or displayName co "_"', false, false],
    ['userName eq "constructor"', false, false],
  ])("%s", async (template, isAda, isBea) => {
    const filter = template.replaceAll("DOMAIN", domain).replaceAll("GROUP", group);
    const found = await idsOf("Users", filter);
    expect([found.includes(ada.id), found.includes(bea.id)]).toEqual([isAda, isBea]);
  });

  it("of groups: what Entra ID asks of a membership, and all else", async () => {
    for (const [filter, isFound] of [
      [`id eq "${group}" and members eq "${ada.id}"`, true],
      [`id eq "${group}" and members eq "${bea.id}"`, false],
      [`members[value eq "${ada.id}"]`, true],
      [`members.value eq "${ada.id}"`, true],
      [`members[display sw "ada@"]`, true],
      ['displayName eq "üNÏTS"', true],
      ['displayName sw "ün" and externalId pr', false],
      ["not (members pr)", false],
    ] as const)
      expect((await idsOf("Groups", filter)).includes(group), filter).toBe(isFound);
  });

  it.each([
    "",
    " ".repeat(990),
    `userName${" ".repeat(990)}`,
    `userName eq${" ".repeat(990)}"`,
    'constructor eq "x"',
    '__proto__ eq "x"',
    'toString.valueOf eq "x"',
    'emails[constructor eq "x"]',
    'emails.constructor eq "x"',
    'userName constructor "x"',
    'userName eq "x" constructor userName eq "y"',
    'userName eq "x" userName eq "y"',
    'userName eq "x" and',
    'userName eq "open',
    "userName eq open",
    "userName eq",
    "userName",
    'userName eq "x")',
    '(userName eq "x"',
    'emails[type eq "work"',
    "(".repeat(1500),
    `${"(".repeat(200)}userName pr${")".repeat(200)}`,
    `${"not (".repeat(100)}userName pr${")".repeat(100)}`,
    Array.from({ length: 250 }, () => "id pr").join(" or "),
    `userName eq "${"x".repeat(5000)}"`,
    "active gt true",
    'active eq "perhaps"',
    'meta.created gt "yesterday"',
    'meta.created co "2026"',
    "userName gt null",
    'name eq "Ada"',
    'title[value eq "x"]',
    "password pr",
  ])("%j is refused in its words, and soon", async (filter) => {
    const refused = await find("Users", filter.slice(0, 7000));
    expect([refused.status, refused.body.scimType]).toEqual([400, "invalidFilter"]);
  });
});
