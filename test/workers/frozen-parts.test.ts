import { beforeAll, describe, expect, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { PAGE, S, SHOWN, tenantWithParts, values } from "../support/named-parts.ts";

type World = Awaited<ReturnType<typeof tenantWithParts>>;
let own: World["own"];
let author: World["author"];
let blind: World["blind"];
let frozen: World["frozen"];
let unseen: World["unseen"];
let make: World["make"];
let stored: World["stored"];
beforeAll(async () => {
  ({ own, author, blind, frozen, unseen, make, stored } = await tenantWithParts());
});

type Role = World["blind"];

describe("what is frozen inside components", () => {
  it.each([
    ["seen", () => frozen],
    ["hidden", () => blind],
  ] as const)("stays where it is left out, %s", async (_, who) => {
    const id = await make();
    const before = await stored(id);
    const { locale: _l, ...body } = { ...SHOWN, locale: "" };
    const changed = await who().patch(`/content/page/${id}`, {
      ...body,
      title: "Two",
      seo: { about: "new", share: {} },
      gallery: [{ alt: "b" }, { alt: "a" }, { alt: "c" }],
      parts: [
        { type: "quote", words: "new" },
        { type: "hero", headline: "open" },
      ],
      local: { open: "new" },
    });
    expect(changed.status, changed.text).toBe(200);
    const now = await stored(id);
    expect(now).toMatchObject({
      seo: { title: S, about: "new", share: { alt: S } },
      gallery: [{ caption: `${S}2`, alt: "b" }, { caption: `${S}1`, alt: "a" }, { alt: "c" }],
      parts: [
        { type: "quote", words: "new" },
        { type: "hero", image: S, author },
      ],
      body: before.body,
      local: { en: { open: "new", closed: S }, fr: { open: "ouvert", closed: S } },
    });
    expect(now.seo.share.card).toBeUndefined();
  });

  const refusals: [string, object, string[]][] = [
    ["a value", { seo: { title: "x" } }, ["seo.title"]],
    ["null for all", { seo: null }, ["seo.share.alt", "seo.title"]],
    ["null for one", { seo: { share: { alt: null } } }, ["seo.share.alt"]],
    ["an element less", { gallery: [{ alt: "a" }] }, ["gallery[1].caption"]],
    ["a block less", { parts: [{ type: "quote", words: "open" }] }, ["parts[0].author", "parts[0].image"]],
    [
      "another value in a list",
      { gallery: [{ alt: "a", caption: "x" }, { alt: "b" }] },
      ["gallery[0].caption"],
    ],
    [
      "text without its mark",
      { body: null },
      ["body.content[0].content[0].marks[0].attrs.secret", "body.content[1].attrs.secret"],
    ],
    [
      "a new element with one",
      { gallery: [{ alt: "a" }, { alt: "b" }, { caption: "n" }] },
      ["gallery[2].caption"],
    ],
    ["one locale", { local: { open: "x", closed: "y" } }, ["local.en.closed"]],
  ];
  it.each(refusals)("cannot be changed by %s", async (_, body, paths) => {
    const id = await make();
    const before = await stored(id);
    const bulk = (who: Role) =>
      who.post("/content/bulk", { operations: [{ op: "update", type: "page", id, fields: body }] });
    for (const who of [frozen, blind]) {
      const changed = await who.patch(`/content/page/${id}`, body);
      expect([changed.status, reasonOf(changed)], changed.text).toEqual([403, "access/field-not-writable"]);
      expect(changed.body.error.details.map((one: { path: string }) => one.path).sort()).toEqual(paths);
      const many = await bulk(who);
      expect([many.status, reasonOf(many)], many.text).toEqual([403, "access/field-not-writable"]);
      expect(many.text).not.toContain(S);
    }
    expect(await stored(id)).toEqual(before);
  });

  it("is no secret that can be guessed, and the same again is no change for who sees it", async () => {
    const id = await make();
    const same = { seo: values(author).seo, gallery: values(author).gallery };
    expect((await frozen.patch(`/content/page/${id}`, same)).status).toBe(200);
    for (const title of [S, "other"]) {
      const guess = await blind.patch(`/content/page/${id}`, { seo: { title } });
      expect([guess.status, guess.body.error.details], guess.text).toMatchObject([
        403,
        [{ path: "seo.title" }],
      ]);
    }
    for (const seo of [{ title: S }, { title: "other" }, { about: "open" }]) {
      const [there, nowhere] = await Promise.all(
        [id, "cnt_01jd0000000000000000000099"].map((one) => unseen.patch(`/content/page/${one}`, { seo })),
      );
      expect([there!.status, reasonOf(there!)], JSON.stringify([seo, there!.text, nowhere!.text])).toEqual([
        nowhere!.status,
        reasonOf(nowhere!),
      ]);
    }
  });

  it("is not written by new entries and replacements", async () => {
    expect((await frozen.post("/content/page", { title: "N", seo: { about: "a" } })).status).toBe(201);
    const made = await frozen.post("/content/page", { title: "N", seo: { about: "a", title: "t" } });
    expect([made.status, made.body.error.details]).toMatchObject([403, [{ path: "seo.title" }]]);
    const block = await frozen.post("/content/page", {
      parts: [{ type: "hero", image: "i", headline: "h" }],
    });
    expect([block.status, block.body.error.details]).toMatchObject([403, [{ path: "parts[0].image" }]]);
    const id = await make();
    expect(reasonOf(await frozen.put(`/content/page/${id}`, { title: "P" }))).toBe(
      "access/field-not-writable",
    );
    const seen = await own.get(`/content/page/${id}?perspective=draft`);
    const edited = await frozen.graphql(
      `mutation { updatePage(id: "${id}", fields: { seo: { about: "graph" } }) { seo { title about } } }`,
    );
    expect(edited.body.data?.updatePage?.seo, edited.text).toEqual({ title: S, about: "graph" });
    expect(seen.body.data.seo.title).toBe(S);
  });

  it("is decided for each entry, and by what is allowed as by what is denied", async () => {
    const id = await make();
    const only = await asRole(own, [
      { actions: ["content:read", "content:read-draft"] },
      { actions: ["content:write"], fields: ["seo.title", "gallery.alt"], conditions: { title: "One" } },
    ]);
    const done = await only.patch(`/content/page/${id}`, {
      seo: { title: "T" },
      gallery: [{ alt: "x" }, { alt: "y" }],
    });
    expect(done.status, done.text).toBe(200);
    expect(await stored(id)).toMatchObject({
      seo: { title: "T", about: "open", share: { alt: S } },
      gallery: [
        { caption: `${S}1`, alt: "x" },
        { caption: `${S}2`, alt: "y" },
      ],
    });
    const more = await only.patch(`/content/page/${id}`, {
      gallery: [{ alt: "x" }, { alt: "y" }, { alt: "z" }],
    });
    expect([more.status, more.body.error.details]).toMatchObject([403, [{ path: "gallery" }]]);
    await own.patch(`/content/page/${id}`, { title: "Other" });
    expect(reasonOf(await only.patch(`/content/page/${id}`, { seo: { title: "U" } }))).toBe(
      "access/not-granted",
    );
    const part = await asRole(own, [
      { actions: ["content:read"], fields: ["title", "parts.quote.words", "seo.share"] },
    ]);
    const { data } = (await part.get(`/content/page/${id}`)).body;
    expect([data.seo, data.parts, data.gallery, data.body]).toEqual([
      { share: { alt: S, card: "open" } },
      [{ type: "quote", words: "open" }],
      undefined,
      undefined,
    ]);
  });
});

describe("what is frozen on a text", () => {
  type Piece = [text: string, ...marks: object[]];
  const bold = { type: "bold" };
  const term = (secret?: string, word = "edge") => ({
    type: "term",
    attrs: { word, ...(secret && { secret }) },
  });
  const lines = (...all: Piece[][]) => ({
    type: "doc",
    content: all.map((line) => ({
      type: "paragraph",
      content: line.map(([text, ...marks]) => ({ type: "text", text, ...(marks.length > 0 && { marks }) })),
    })),
  });
  const pieces = (doc: any): Piece[][] =>
    doc.content.map((line: any) => line.content.map((one: any) => [one.text, ...(one.marks ?? [])]));
  type Lines = (one: (secret: string) => ReturnType<typeof term>) => Piece[][];

  const edits: [string, Lines, Lines][] = [
    [
      "half of it is bold",
      (t) => [[["seen", t("1")]]],
      (t) => [
        [
          ["se", t("1")],
          ["en", bold, t("1")],
        ],
      ],
    ],
    [
      "nothing is bold any more",
      (t) => [
        [
          ["se", t("1")],
          ["en", t("1"), bold],
        ],
      ],
      (t) => [[["seen", t("1")]]],
    ],
    [
      "typed in as well",
      (t) => [[["seen", t("1")]]],
      (t) => [
        [
          ["see", t("1")],
          ["xn", bold, t("1")],
        ],
      ],
    ],
    [
      "between others",
      (t) => [[["a", t("1")], [" "], ["bc", t("2")], [" "], ["d", t("3")]]],
      (t) => [[["a!", t("1")], [" "], ["b", t("2")], ["c", t("2"), bold], [" "], ["d?", t("3")]]],
    ],
    [
      "on two lines",
      (t) => [[["seen", t("1")]], [["bar", t("2")]]],
      (t) => [[["se", t("1")]], [["en", t("1")]], [["bars", t("2")]]],
    ],
    [
      "on one line again",
      (t) => [[["se", t("1")]], [["en", t("1")]], [["bar", t("2")]]],
      (t) => [[["seen", t("1")]], [["bar", t("2")]]],
    ],
    ["with a word put in", (t) => [[["seen", t("1")]]], (t) => [[["se", t("1")], [" or "], ["en", t("1")]]]],
    [
      "next to another",
      (t) => [
        [
          ["foo", t("1")],
          ["bar", t("2")],
        ],
      ],
      (t) => [
        [
          ["f", t("1")],
          ["oo", bold, t("1")],
          ["bars", t("2")],
        ],
      ],
    ],
  ];
  it.each(edits)("stays where it is: %s", async (_, before, after) => {
    for (const [who, given] of [
      [frozen, (secret: string) => term(secret)],
      [frozen, () => term()],
      [blind, () => term()],
    ] as const) {
      const id = await make({ title: "T", body: lines(...before((secret) => term(S + secret))) });
      const sent = lines(...after((secret) => given(S + secret)));
      const changed = await who.patch(`/content/page/${id}`, { body: sent });
      expect(changed.status, changed.text).toBe(200);
      expect(pieces((await stored(id)).body)).toEqual(after((secret) => term(S + secret)));
      const back = lines(...before((secret) => given(S + secret)));
      expect((await who.patch(`/content/page/${id}`, { body: back })).status).toBe(200);
      expect(pieces((await stored(id)).body)).toEqual(before((secret) => term(S + secret)));
    }
  });

  it("is not copied, changed or lost with a part of the text", async () => {
    const whole = [["foo", term("1")], [" "], ["bar", term("2")]] as Piece[];
    const id = await make({ title: "T", body: lines(whole) });
    const refused: Piece[][] = [
      [["fo", term("1")], ["o", bold, term("3")], [" "], ["bar", term("2")]],
      [...whole, ["new", term("1")]],
      [...whole, [" "], ["foo", term("1")]],
      [["foobar", term("1")]],
      [["f", term("1")], ["oo", bold, term("1")], [" bar"]],
      [["fo", bold], ["o"], [" "], ["bar", term("2")]],
    ];
    for (const line of refused) {
      const changed = await frozen.patch(`/content/page/${id}`, { body: lines(line) });
      expect([changed.status, reasonOf(changed)], JSON.stringify(line)).toEqual([
        403,
        "access/field-not-writable",
      ]);
    }
    const one = await blind.patch(`/content/page/${id}`, { body: lines([["foobar", term()]]) });
    expect(reasonOf(one), one.text).toBe("access/field-not-writable");
    expect(pieces((await stored(id)).body)).toEqual([whole]);
    const moved = [["foo", term("2")], [" "], ["bar", term("1")]] as Piece[];
    expect((await frozen.patch(`/content/page/${id}`, { body: lines(moved) })).status).toBe(200);
  });

  it("is told from the text around it, however that is split", async () => {
    const id = await make({ title: "T", body: lines([["seen", term("1")], [" and on"]]) });
    const words = await asRole(own, [
      { actions: ["content:read", "content:read-draft"] },
      { actions: ["content:write"], fields: ["body.term.word"] },
    ]);
    const split = (...marks: object[]): Piece[] => [
      ["se", term("1", "rim")],
      ["en", term("1", "rim"), ...marks],
      [" and"],
      [" on"],
    ];
    const other = await words.patch(`/content/page/${id}`, { body: lines(split(bold)) });
    expect([other.status, other.body.error?.details?.[0]?.path], other.text).toEqual([403, "body"]);
    const done = await words.patch(`/content/page/${id}`, { body: lines(split()) });
    expect(done.status, done.text).toBe(200);
  });
});

describe("a policy", () => {
  it("names what is there, by paths, and keeps what it names from moving away", async () => {
    const grants = [
      { actions: ["content:read"], types: ["page"], fields: ["seo.titel", "parts.image", "seo.share.alt"] },
    ];
    const wrong = await own.post("/policies", { name: "wrong", grants });
    expect(wrong.body.error.details).toMatchObject([
      { path: "grants[0].fields[0]", message: expect.stringContaining("seo.title") },
      { path: "grants[0].fields[1]" },
    ]);
    const renamed = (from: string, to: string, id: string) => {
      const fields = structuredClone(PAGE.fields) as any[];
      fields[1].fields[0].id = id;
      return own.put("/types/page", { ...PAGE, fields, renames: { [from]: to } });
    };
    const refused = await renamed("seo.title", "seo.headline", "headline");
    expect([refused.status, reasonOf(refused)], refused.text).toEqual([409, "types/named-by-policy"]);
    const why = await own.get(
      `/access/explain?subject=role:${blind.role.name}&action=content:read&resource=type:page&field=seo.title`,
    );
    expect(why.body.data.allowed, why.text).toBe(false);
  });

  it("goes on with the id that the field at the top has", async () => {
    const fields = structuredClone(PAGE.fields) as any[];
    fields[1].id = "meta";
    const id = await make();
    const done = await own.put("/types/page", { ...PAGE, fields, renames: { seo: "meta" } });
    expect(done.status, done.text).toBe(200);
    const shown = (await blind.get(`/content/page/${id}?perspective=draft`)).body.data;
    expect(shown.meta).toEqual({ about: "open", share: { card: "open" } });
    expect(reasonOf(await blind.patch(`/content/page/${id}`, { meta: { title: "x" } }))).toBe(
      "access/field-not-writable",
    );
  });
});
