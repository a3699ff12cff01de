import { describe, expect, it } from "vitest";
import type { ErrorDetail } from "../errors.ts";
import { checkForm } from "./form.ts";
import { checkRules, type RuledField } from "./index.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const problemsOf = (fields: RuledField[], rules: { expression: string; message: string }[] = []) => {
  const issues: ErrorDetail[] = [];
  checkRules({ fields, rules }, issues);
  return issues.map(({ path, message }) => `${path} ${message}`);
};

describe("expressions of a definition", () => {
  it.each<[string, RuledField[], RegExp]>([
    ["an unknown name", [text("a", { required_if: "b == ''" })], /^fields\[0\]\.required_if there is no "b"/],
    ["a condition that is none", [text("a", { visible_if: "a" })], /must come to true or false, not a text/],
    [
      "a circle",
      [text("a", { computed: "b" }), text("b", { computed: "a" })],
      /depends on itself: a → b → a/,
    ],
    ["a circle behind entry", [text("a", { computed: "entry.a" })], /depends on itself/],
    ["what changes with time", [text("a", { computed: "string(now)" })], /cannot use now/],
    ["a value of another type", [text("a", { computed: "1" })], /must come to a text, not an integer/],
    ["chance", [text("a", { computed: "uuid()" })], /uuid\(\) in defaults only/],
    ["a default that was there before", [text("a", { default: { expression: "old.a" } })], /cannot use old/],
    ["a required computed field", [text("a", { computed: "'x'", required: true })], /cannot be given/],
    [
      "an unknown name in a block",
      [{ id: "a", type: "blocks", components: [{ id: "b", fields: [text("c", { required_if: "d" })] }] }],
      /^fields\[0\]\.components\[0\]\.fields\[0\]\.required_if there is no "d"/,
    ],
    [
      "a list that is computed around itself",
      [
        {
          ...{ id: "a", type: "component", multiple: true },
          fields: [text("b", { computed: "string(size(entry.a))" })],
        },
      ],
      /cannot use entry\.a, which is computed itself/,
    ],
  ])("have no %s", (_, fields, problem) => {
    expect(problemsOf(fields).join("\n")).toMatch(problem);
  });

  it("may be many, but not any number", () => {
    const rule = { expression: "a != ''", message: "no" };
    expect(
      problemsOf(
        [text("a")],
        Array.from({ length: 201 }, () => rule),
      ),
    ).toHaveLength(1);
  });

  it("use the values of each type of field", () => {
    const fields = [
      { id: "m", type: "money" },
      { id: "r", type: "date_range" },
      { id: "d", type: "datetime" },
      { id: "e", type: "enum", options: [1, 2] },
      { id: "p", type: "location" },
      { id: "j", type: "json" },
      { id: "b", type: "blocks", components: [{ id: "hero", fields: [text("t")] }] },
    ];
    const expression =
      "m.amount > 1.0 && m.currency == 'EUR' && r.from < date(now) && d < now && e > 1 && p.lat > 0.0 && j.any.thing == 1 && b.exists(one, one.type == 'hero' && one.t != '')";
    expect(problemsOf(fields, [{ expression, message: "no" }])).toEqual([]);
  });
});

describe("a form", () => {
  const component = {
    id: "line",
    fields: [
      { id: "price", type: "decimal" },
      { id: "count", type: "integer" },
      { id: "total", type: "decimal", computed: "price * count" },
      text("note", { required_if: "count > 10" }),
    ],
    rules: [{ expression: "count > 0", message: "At least one." }],
  };
  const type = {
    id: "order",
    fields: [
      text("kind"),
      text("link", { required: true, visible_if: "kind == 'online'" }),
      { id: "lines", type: "component", component: "line", multiple: true },
      { id: "sum", type: "decimal", scale: 2, computed: "sum(lines.map(l, l.total))" },
      { id: "body", type: "rich_text", components: ["line"] },
    ],
    rules: [
      { expression: "sum < 100.0", message: "Too much." },
      { expression: "size(lines) < 2", message: "Many lines.", level: "warning" as const },
    ],
  };
  const check = (values: Record<string, unknown>, more = {}) =>
    checkForm(type, values, { components: [component], ...more });

  it("tells what the API would, in lists and in documents too", () => {
    const values = {
      kind: "online",
      lines: [
        { price: "0.10", count: 3 },
        { price: "10", count: 11 },
      ],
      body: {
        type: "doc",
        content: [{ type: "paragraph" }, { type: "line", attrs: { price: "1", count: 0 } }],
      },
    };
    expect(check(values)).toEqual({
      problems: [
        { path: "sum", message: "Too much." },
        { path: "link", message: "is required" },
        { path: "lines[1].note", message: "is required" },
        { path: "body.content[1].attrs.count", message: "At least one." },
      ],
      warnings: [{ path: "lines", message: "Many lines." }],
      hidden: [],
      required: ["link", "lines[1].note"],
      computed: { sum: "110.30" },
    });
    expect(values.lines[0]).toEqual({ price: "0.10", count: 3 });
    expect(check(values, { isIncomplete: true }).problems.map(({ path }) => path)).toEqual([
      ...["sum", "body.content[1].attrs.count"],
    ]);
  });

  it("requires nothing that it does not show", () => {
    expect(check({ kind: "on site" })).toMatchObject({ problems: [], hidden: ["link"], required: [] });
  });

  it("writes nothing out that is many times as large as what was given", () => {
    const big = { id: "big", type: "json" };
    const copies = {
      id: "copies",
      type: "json",
      computed: "[1,2,3,4,5,6,7,8,9].map(n, [big, big, big, big])",
    };
    const given = { big: Array.from({ length: 20_000 }, (_, i) => `${i}`) };
    const { problems, computed } = checkForm({ id: "t", fields: [big, copies] }, given);
    expect(problems).toEqual([{ path: "", message: expect.stringContaining("too many steps") }]);
    expect(computed).toEqual({});
  });

  it("does not apply rules to what is missing", () => {
    expect(check({ lines: [{ price: null, count: null }] })).toMatchObject({
      problems: [],
      computed: { sum: "0.00" },
    });
  });
});
