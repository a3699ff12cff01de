import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inWaves } from "../import/in-waves.ts";
import { category, elements, fileOf, item, meta, planOf, site, within, type Parts } from "./any-site.ts";
import { readWxr } from "./read-wxr.ts";

const titles = (steps: { title: string }[]) => steps.map(({ title }) => title);
const slugs = (steps: { fields: Record<string, unknown> }[]) => steps.map(({ fields }) => fields["slug"]);

describe("the ids of items", () => {
  it.each([
    ["one number", "1", "1"],
    ["none", undefined, undefined],
    ["an empty one", "", ""],
    ["zero", "0", "0"],
    ["no number at all", "x y", "x y"],
    ["blanks and zeros around one number", " 7 ", "007"],
    ["the same word", "abc", "abc"],
    ["the same negative number", "-5", "-5"],
    ["the same huge number", "9".repeat(40), "9".repeat(40)],
    ["numbers too long for an id", "9".repeat(400), "9".repeat(400)],
  ])("keeps two different posts that have %s, as often as it is asked", async (_, a, b) => {
    const xml = site(
      item(a, { title: "First", "wp:post_name": "first" }) +
        item(b, { title: "Second", "wp:post_name": "second" }),
    );
    const { of, notes } = await planOf(xml);
    expect(titles(of("post"))).toEqual(["First", "Second"]);
    expect(new Set(of("post").map(({ id }) => id)).size).toBe(2);
    expect(notes).toMatch(/imported separately|has no number/);
    expect((await planOf(xml)).of("post").map(({ id }) => id)).toEqual(of("post").map(({ id }) => id));
  });

  it("tells posts apart whose number, address and slug are the same", async () => {
    const same = { "wp:post_name": "same", link: "https://old.example/same" };
    const { of } = await planOf(
      site(["A", "B", "C"].map((title) => item("1", { ...same, title, "content:encoded": title })).join("")),
    );
    expect(new Set(of("post").map(({ id }) => id)).size).toBe(3);
    expect(new Set(slugs(of("post"))).size).toBe(3);
  });

  it("keeps once what is there twice, the later version of it, and says so", async () => {
    const one = (title: string, modified: string) =>
      item("1", { title, guid: "https://old.example/?p=1", "wp:post_modified_gmt": modified });
    const { of, notes, report } = await planOf(
      site(one("New", "2021-01-01 00:00:00") + one("Old", "2020-01-01 00:00:00") + item("2") + item("2")),
    );
    expect(titles(of("post"))).toEqual(["New", ""]);
    expect(notes).toContain("post 1 is in the file twice: they differ");
    expect(notes).toContain("post 2 is in the file twice: imported once");
    expect(report.totals["post"]).toMatchObject({ seen: 2, skipped: 2 });
  });

  it("lets a post, a page, an image and a menu item have one number", async () => {
    const { of, notes } = await planOf(
      site(
        item("1", { title: "Post", inner: meta("_thumbnail_id", "1") }) +
          item("1", { title: "Page" }, "page") +
          item("1", { title: "Image", "wp:attachment_url": "https://old.example/a.jpg" }, "attachment") +
          item("2", { title: "Child", "wp:post_parent": "1" }, "page"),
      ),
    );
    const [post] = of("post");
    expect(post!.fields["featured_image"]).toBe(of("asset")[0]!.id);
    expect(of("page")[1]!.fields["parent"]).toBe(of("page")[0]!.id);
    expect(notes).toBe("");
  });
});

describe("slugs and terms", () => {
  it("gives posts of one slug each their own, whatever it is", async () => {
    const { of } = await planOf(
      site(
        ["1", "2", "3"].map((id) => item(id, { "wp:post_name": "a" })).join("") +
          item("4", { "wp:post_name": "a-2" }),
      ),
    );
    expect(new Set(slugs(of("post"))).size).toBe(4);
  });
});

describe("parents, authors and comments", () => {
  it("keeps pages that are each other's parent, and chains of any depth in their order", async () => {
    const page = (id: string, parent: string) => item(id, { title: id, "wp:post_parent": parent }, "page");
    const chain = Array.from({ length: 200 }, (_, i) => page(`${i + 10}`, `${i + 11}`));
    const { steps, of, notes } = await planOf(
      site(page("1", "2") + page("2", "1") + page("3", "3") + chain.join("")),
    );
    expect(of("page")).toHaveLength(203);
    expect(notes.match(/is its own ancestor/g)).toHaveLength(2);
    expect(notes).toContain("page 209 its parent page 210 is not in the file");
    const waves = inWaves(
      steps,
      ({ id }) => id,
      ({ refs }) => refs.map(({ id }) => id),
    );
    expect(waves.flat()).toHaveLength(steps.length);
    const done = new Set<string>();
    for (const wave of waves) {
      for (const { refs } of wave) for (const { id } of refs) expect(done.has(id)).toBe(true);
      for (const { id } of wave) done.add(id);
    }
  });

  it("keeps authors of one login once, and those without", async () => {
    const author = (login: string, name: string) =>
      `<wp:author>${elements({ "wp:author_login": login, "wp:author_display_name": name })}</wp:author>`;
    const { of, notes } = await planOf(
      site(
        author("ann", "Ann") +
          author("ann", "Anna") +
          author("", "Bo") +
          author("", "") +
          item("1", { "dc:creator": "zoe" }),
      ),
    );
    expect(of("author").map(({ fields }) => fields["name"])).toEqual(["Ann", "Bo", "zoe"]);
    expect(notes).toMatch(/author ann is in the file twice: they differ[^]*has no login and no name/);
  });

  it("keeps comments of one number, and says which answers have lost what they answer", async () => {
    const comment = (id: string, parent: string, content = id) =>
      `<wp:comment>${elements({ "wp:comment_id": id, "wp:comment_parent": parent, "wp:comment_approved": "1", "wp:comment_content": content })}</wp:comment>`;
    const all = [
      comment("1", "0"),
      comment("1", "0", "other"),
      comment("1", "0"),
      comment("2", "1"),
      comment("3", "99"),
      comment("4", "5"),
      comment("5", "4"),
    ];
    const { of, notes, report } = await planOf(site(item("1", { inner: all.join("") })));
    const kept = of("post")[0]!.fields["comments"] as { id: string; parent: string | null }[];
    expect(kept.map(({ id, parent }) => `${id}<${parent}`)).toEqual([
      "1<null",
      "1<null",
      "2<1",
      "3<null",
      "4<5",
      "5<null",
    ]);
    expect(notes).toMatch(
      /twice[^]*comment 3 is a reply to the comment 99[^]*comment 5 is a reply to itself|is a reply to itself/,
    );
    expect(report.totals["comment"]).toMatchObject({ seen: 7, skipped: 1 });
  });

  it("keeps every value of a meta key, whatever its name", async () => {
    const inner = meta("k", "1") + meta("k", "2") + meta("__proto__", "3") + meta("constructor", "4");
    const { of } = await planOf(site(item("1", { inner })));
    expect(JSON.stringify(of("post")[0]!.fields["meta"])).toBe(
      '{"k":["1","2"],"__proto__":"3","constructor":"4"}',
    );
  });

  it("says what a post loses", async () => {
    const { of, notes } = await planOf(
      site(
        item("1", { "wp:post_date_gmt": "2020-13-45 00:00:00", inner: meta("_thumbnail_id", "77") }) +
          item("2", {}, "constructor") +
          item("3", { title: "😀".repeat(501) }),
      ),
    );
    expect(notes).toMatch(/is not a date[^]*featured image 77 is not in the file[^]*cut to 1000/);
    expect(notes).toContain('post type "constructor" has no counterpart');
    expect((of("post")[1]!.fields["title"] as string).isWellFormed()).toBe(true);
  });
});

describe("menus", () => {
  const menuItem = (id: string, parent: string, target: Parts, more: Parts = {}) =>
    item(
      id,
      {
        ...more,
        title: `M${id}`,
        inner:
          within("nav_menu", "main") +
          Object.entries({ menu_item_parent: parent, ...target })
            .map(([key, value]) => meta(`_menu_item_${key}`, value))
            .join(""),
      },
      "nav_menu_item",
    );
  const page = (id: string) => ({ type: "post_type", object: "page", object_id: id });

  it("keeps every item, each with its own target, and says what is lost", async () => {
    const { of, notes } = await planOf(
      site(
        item("5", { title: "Post" }) +
          item("5", { title: "Page" }, "page") +
          category({ "wp:term_id": "5", "wp:category_nicename": "c", "wp:cat_name": "C" }) +
          menuItem("20", "0", page("5")) +
          menuItem("21", "20", { type: "taxonomy", object: "category", object_id: "5" }) +
          menuItem("22", "22", page("5")) +
          menuItem("23", "24", page("404")) +
          menuItem("24", "23", {
            type: "custom",
            object: "custom",
            object_id: "5",
            url: "https://x.example",
          }) +
          menuItem("25", "999", page("5")),
      ),
    );
    const items = of("menu")[0]!.fields["items"] as {
      source_id: string;
      entry: string | null;
      children: object[];
    }[];
    expect(items.map(({ source_id }) => source_id)).toEqual(["20", "22", "24", "25"]);
    expect(items[0]).toMatchObject({
      entry: of("page")[0]!.id,
      children: [{ source_id: "21", entry: of("category")[0]!.id }],
    });
    expect(items[2]).toMatchObject({ entry: null, children: [{ source_id: "23", entry: null }] });
    expect(notes).toMatch(/menu_item 22 is its own ancestor/);
    expect(notes).toMatch(/menu_item 23 its target, the page 404, is not in the file/);
    expect(notes).toMatch(/menu_item 25 is below the item 999/);
  });
});

describe("files", () => {
  const plain = site(item("1", { title: "Grüße" }));
  it.each([
    ["packed by gzip", gzipSync(plain)],
    ["with a byte order mark", `\ufeff${plain}`],
    ["with blank lines and words before it", `\n Notice: something\n${plain}`],
    ["with words after it", `${plain}\nWarning: something`],
    ["in Latin-1", Buffer.from(plain.replace('"1.0"', '"1.0" encoding="ISO-8859-1"'), "latin1")],
    ["in UTF-16", Buffer.from(`\ufeff${plain}`, "utf16le")],
    ["with control characters", plain.replace("Grüße", "G\brü&#7;ß\u0001e")],
    [
      "with blank lines in every element",
      plain.replaceAll("<![CDATA[", "\n  <![CDATA[").replaceAll("]]>", "]]>\n"),
    ],
    [
      "under another prefix",
      plain
        .replaceAll("wp:", "w:")
        .replace('xmlns:w:="w"', "")
        .replace('xmlns:wp="w"', 'xmlns:w="http://wordpress.org/export/1.2/"'),
    ],
  ])("are read %s", async (_, bytes) => {
    const { of } = await planOf(bytes);
    expect(of("post").map(({ sourceId, fields }) => [sourceId, fields["title"]])).toEqual([["1", "Grüße"]]);
  });

  it("say which post has bytes that are invalid", async () => {
    const bytes = Buffer.concat([
      Buffer.from(plain.split("Grüße")[0]!),
      Buffer.from([0xe9]),
      Buffer.from(plain.split("Grüße")[1]!),
    ]);
    expect((await planOf(bytes)).notes).toContain("post 1 has bytes that are invalid");
  });
});

it("what is too long is cut between characters, whatever field it is in", async () => {
  const long = `${"a".repeat(999)}😀 and more`;
  const xml = site(
    item("1", {
      title: long,
      link: long,
      "wp:status": long,
      inner: within("post_format", `post-format-${long}`),
    }) + item("2", { title: "page", inner: meta("_wp_page_template", long) }, "page"),
  );
  const { of } = await planOf(xml);
  const [post, page] = [of("post")[0]!.fields, of("page")[0]!.fields];
  for (const text of [
    post["title"],
    post["source_url"],
    post["source_status"],
    post["format"],
    page["template"],
  ])
    expect(text).toBe("a".repeat(999));
});

describe("items in odd places", () => {
  const post = (id: string) => item(id, { title: `T${id}`, "wp:post_name": `t${id}` });
  it.each([
    ["beside the channel", site(post("1")).replace("</rss>", `${post("2")}</rss>`)],
    ["in an element of the channel", site(`${post("1")}<group>${post("2")}</group>`)],
    ["in another item", site(post("1").replace("</item>", `${post("2")}</item>`))],
    ["behind a nested element", site(`<image><url>x</url></image>${post("1")}${post("2")}`)],
  ])("are kept: %s", async (_, xml) => {
    const { of } = await planOf(xml);
    expect(titles(of("post")).sort()).toEqual(["T1", "T2"]);
  });

  it.each([
    ["small", ""],
    ["large", " ".repeat(200_000)],
  ])("are not passed over in a second document: %s", async (_, blanks) => {
    const second = `${site(post("1"))}${blanks}${site(post("2"))}`;
    await expect(readWxr(fileOf(second))).rejects.toThrow("contains a second document");
    const { items } = await readWxr(fileOf(`${site(post("1"))}${blanks}<br />Warning: exit()`));
    expect(items.length).toBe(1);
  });
});
