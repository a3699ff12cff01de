/** Random entries with components and blocks, random filters on them, and what the documentation says of each. */

export type Where = Record<string, unknown>;
export type Values = Record<string, unknown>;
type Next = () => number;
type Kind = "text" | "number" | "decimal" | "date";
type Def =
  | { id: string; kind: Kind; list?: boolean }
  | { id: string; kind: "money" | "range" | "person" | "long" }
  | { id: string; kind: "component"; list?: boolean; fields: Def[] }
  | { id: string; kind: "blocks" | "rich"; blocks: { id: string; fields: Def[] }[] };
type Person = { id: string; name: string; seo: Values };

const text = (id: string): Def => ({ id, kind: "text" });
const INNER: Def[] = [
  {
    id: "seo",
    kind: "component",
    fields: [
      text("title"),
      { id: "rank", kind: "number" },
      { id: "tags", kind: "text", list: true },
      { id: "price", kind: "money" },
      { id: "days", kind: "range" },
      { id: "author", kind: "person" },
    ],
  },
  {
    id: "parts",
    kind: "component",
    list: true,
    fields: [
      text("name"),
      { id: "size", kind: "number" },
      { id: "cost", kind: "decimal" },
      { id: "days", kind: "range" },
      { id: "image", kind: "component", fields: [text("alt"), { id: "width", kind: "number" }] },
      { id: "links", kind: "component", list: true, fields: [text("url"), { id: "rank", kind: "number" }] },
    ],
  },
  {
    id: "page",
    kind: "blocks",
    blocks: [
      {
        id: "hero",
        fields: [
          text("text"),
          { id: "day", kind: "date" },
          { id: "author", kind: "person" },
          { id: "note", kind: "long" },
        ],
      },
      {
        id: "quote",
        fields: [
          text("who"),
          { id: "price", kind: "money" },
          {
            id: "badges",
            kind: "blocks",
            blocks: [{ id: "badge", fields: [text("label"), { id: "size", kind: "number" }] }],
          },
        ],
      },
    ],
  },
  {
    id: "body",
    kind: "rich",
    blocks: [{ id: "callout", fields: [text("kind"), { id: "size", kind: "number" }] }],
  },
];

const TYPES = {
  text: "short_text",
  number: "number",
  decimal: "decimal",
  date: "date",
  money: "money",
  range: "date_range",
  long: "long_text",
} as const;

/** The fields as a content type has them. */
export function fieldsOf(defs: readonly Def[] = INNER, isLocalized = false): object[] {
  return defs.map((def) => {
    const own = {
      id: def.id,
      ...(isLocalized ? { localized: true } : {}),
      ...("list" in def && def.list ? { multiple: true } : {}),
    };
    switch (def.kind) {
      case "person":
        return { ...own, type: "reference", to: ["person"] };
      case "component":
        return { ...own, type: "component", fields: fieldsOf(def.fields) };
      case "blocks":
      case "rich":
        return {
          ...own,
          type: def.kind === "rich" ? "rich_text" : "blocks",
          components: def.blocks.map(({ id, fields }) => ({ id, fields: fieldsOf(fields) })),
        };
      default:
        return { ...own, type: TYPES[def.kind], ...(def.kind === "decimal" ? { scale: 2 } : {}) };
    }
  });
}

const pick = <T>(list: readonly T[], next: Next): T => list[Math.floor(next() * list.length)]!;
const SAMPLES: Record<Kind, readonly unknown[]> = {
  text: ["a", "b", "Éa", ""],
  number: [1, 2, 2.5],
  decimal: ["0.10", "2.00", "10.00"],
  date: ["2026-01-01", "2026-01-31", "2026-02-01"],
};

function randomValue(def: Def, next: Next, people: readonly Person[]): unknown {
  if (next() < 0.2) return null;
  const some = <T>(make: () => T): T[] => Array.from({ length: Math.floor(next() * 4) }, make);
  switch (def.kind) {
    case "person":
      return pick(people, next).id;
    case "long":
      return "words";
    case "money":
      return { amount: pick(SAMPLES.decimal, next), currency: pick(["EUR", "USD"], next) };
    case "range": {
      const [from, to] = [pick(SAMPLES.date, next), pick(SAMPLES.date, next)].sort();
      return { from, to: next() < 0.3 ? null : to };
    }
    case "component": {
      const one = () => randomValues(next, people, def.fields);
      return def.list ? some(one) : one();
    }
    case "blocks":
    case "rich": {
      const blocks = some(() => {
        const block = pick(def.blocks, next);
        return { type: block.id, values: randomValues(next, people, block.fields) };
      });
      if (def.kind === "blocks") return blocks.map(({ type, values }) => ({ type, ...values }));
      const content = blocks.map(({ type, values }) => ({ type, attrs: values }));
      return {
        type: "doc",
        content: [{ type: "paragraph", content: [{ type: "text", text: "x" }] }, ...content],
      };
    }
    default:
      return def.list ? some(() => pick(SAMPLES[def.kind], next)) : pick(SAMPLES[def.kind], next);
  }
}

export const randomValues = (next: Next, people: readonly Person[], defs: readonly Def[] = INNER): Values =>
  Object.fromEntries(defs.map((def) => [def.id, randomValue(def, next, people)]));

const PERSON: Def[] = [
  text("name"),
  { id: "seo", kind: "component", fields: [text("title"), { id: "rank", kind: "number" }] },
];
export const PERSON_FIELDS = fieldsOf(PERSON);

/** A filter on what is inside of `defs`, or on them. */
export function randomWhere(
  next: Next,
  people: readonly Person[],
  depth = 0,
  defs: readonly Def[] = INNER,
): Where {
  const kind = depth > 2 ? 1 : next();
  const inner = () => randomWhere(next, people, depth + 1, defs);
  if (kind < 0.15) return { [kind < 0.07 ? "and" : "or"]: [inner(), inner()] };
  if (kind < 0.25) return { not: inner() };
  const some = Array.from({ length: next() < 0.6 ? 1 : 2 }, () => pick(defs, next));
  return Object.fromEntries(some.map((def) => [def.id, conditionOn(def, next, people, depth)]));
}

function conditionOn(def: Def, next: Next, people: readonly Person[], depth: number): unknown {
  const presence = () => ({ exists: next() < 0.5 });
  switch (def.kind) {
    case "long":
      return presence();
    case "person":
      if (next() < 0.2) return presence();
      if (next() < 0.4) return { [pick(["eq", "ne"], next)]: pick(people, next).id };
      return randomWhere(next, people, depth + 1, PERSON);
    case "money":
      if (next() < 0.2) return presence();
      return next() < 0.5
        ? { amount: { [pick(["eq", "gte", "lt", "ne"], next)]: pick(SAMPLES.decimal, next) } }
        : { currency: "EUR" };
    case "range":
      if (next() < 0.2) return presence();
      return next() < 0.5
        ? { contains: pick(SAMPLES.date, next) }
        : { from: { gte: pick(SAMPLES.date, next) } };
    case "component":
      return next() < 0.1 ? presence() : randomWhere(next, people, depth + 1, def.fields);
    case "blocks":
    case "rich": {
      if (next() < 0.1) return presence();
      const ofBlocks = (): Where => {
        const block = pick(def.blocks, next);
        return {
          [block.id]: next() < 0.15 ? presence() : randomWhere(next, people, depth + 1, block.fields),
        };
      };
      const chance = next();
      if (chance < 0.1) return { not: ofBlocks() };
      return chance < 0.2 ? { or: [ofBlocks(), ofBlocks()] } : { ...ofBlocks(), ...ofBlocks() };
    }
    default: {
      const operator = pick(["eq", "ne", "in", "nin", "gt", "gte", "lt", "lte", "exists"], next);
      if (operator === "exists") return presence();
      const value = () => pick(SAMPLES[def.kind], next);
      return { [operator]: operator.endsWith("in") ? [value(), value()] : value() };
    }
  }
}

/** Whether values meet a filter, by what the documentation says of it. */
export function holds(
  values: Values,
  where: Where,
  people: readonly Person[],
  defs: readonly Def[] = INNER,
): boolean {
  return Object.entries(where).every(([id, wanted]) => {
    if (id === "and") return (wanted as Where[]).every((one) => holds(values, one, people, defs));
    if (id === "or") return (wanted as Where[]).some((one) => holds(values, one, people, defs));
    if (id === "not") return !holds(values, wanted as Where, people, defs);
    const def = defs.find((one) => one.id === id)!;
    return meets(def, values[id] ?? null, wanted as Where, people);
  });
}

function meets(def: Def, value: unknown, wanted: Where, people: readonly Person[]): boolean {
  if (Object.keys(wanted).length === 1 && "exists" in wanted) return (value !== null) === wanted["exists"];
  switch (def.kind) {
    case "person": {
      if ("eq" in wanted) return value === wanted["eq"];
      if ("ne" in wanted) return value !== wanted["ne"];
      const person = people.find(({ id }) => id === value);
      return person !== undefined && holds(person, wanted, people, PERSON);
    }
    case "money": {
      const [[part, condition]] = Object.entries(wanted) as [[string, unknown]];
      const of = typeof condition === "string" ? { eq: condition } : (condition as Where);
      return compares(part === "amount" ? "decimal" : "text", (value as Values | null)?.[part] ?? null, of);
    }
    case "range": {
      const { from = null, to = null } = (value ?? {}) as Values;
      if ("from" in wanted) return compares("date", from, wanted["from"] as Where);
      const at = String(wanted["contains"]);
      return value !== null && (from === null || String(from) <= at) && (to === null || String(to) >= at);
    }
    case "component":
      return def.list
        ? ((value ?? []) as Values[]).some((one) => holds(one, wanted, people, def.fields))
        : holds((value ?? {}) as Values, wanted, people, def.fields);
    case "blocks":
      return meetsBlocks(def.blocks, (value ?? []) as Values[], wanted, people);
    case "rich": {
      const nodes = ((value as Values | null)?.["content"] ?? []) as { type: string; attrs?: Values }[];
      return meetsBlocks(
        def.blocks,
        nodes.map(({ type, attrs }) => ({ ...attrs, type })),
        wanted,
        people,
      );
    }
    case "long":
      return false;
    default:
      return compares(def.kind, value, wanted);
  }
}

function meetsBlocks(
  blocks: { id: string; fields: Def[] }[],
  list: Values[],
  wanted: Where,
  people: readonly Person[],
): boolean {
  return Object.entries(wanted).every(([id, inner]) => {
    if (id === "not") return !meetsBlocks(blocks, list, inner as Where, people);
    if (id === "or") return (inner as Where[]).some((one) => meetsBlocks(blocks, list, one, people));
    const mine = list.filter(({ type }) => type === id);
    const { fields } = blocks.find((one) => one.id === id)!;
    if ("exists" in (inner as Where)) return mine.length > 0 === (inner as Where)["exists"];
    return mine.some((one) => holds(one, inner as Where, people, fields));
  });
}

const byCodePoint = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : a === b ? 0 : 1);
const byNumber = (a: unknown, b: unknown) => Number(a) - Number(b);

function compares(kind: Kind, value: unknown, wanted: Where): boolean {
  return Object.entries(wanted).every(([operator, operand]) => {
    const isThere = value !== null && value !== undefined;
    if (operator === "exists") return isThere === operand;
    if (operator === "ne") return !compares(kind, value, { eq: operand });
    if (operator === "nin") return !compares(kind, value, { in: operand });
    if (!isThere) return false;
    if (Array.isArray(value)) return value.some((one) => compares(kind, one, { [operator]: operand }));
    if (operator === "in") return (operand as unknown[]).some((one) => compares(kind, value, { eq: one }));
    const order = (kind === "number" || kind === "decimal" ? byNumber : byCodePoint)(value, operand);
    return { eq: order === 0, gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[operator]!;
  });
}

export function randomness(seed: number): Next {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** The same filter as GraphQL has it. */
export function inGraphql(where: Where, defs: readonly Def[] = INNER): Where {
  return Object.fromEntries(
    Object.entries(where).map(([id, wanted]) => {
      if (id === "and" || id === "or") return [id, (wanted as Where[]).map((one) => inGraphql(one, defs))];
      if (id === "not") return [id, inGraphql(wanted as Where, defs)];
      return [
        id,
        conditionInGraphql(
          defs.find((one) => one.id === id),
          wanted as Where,
        ),
      ];
    }),
  );
}

function conditionInGraphql(def: Def | undefined, wanted: Where): unknown {
  if (!def || "exists" in wanted) return wanted;
  switch (def.kind) {
    case "person":
      return "eq" in wanted || "ne" in wanted ? wanted : { where: inGraphql(wanted, PERSON) };
    case "money":
      return "currency" in wanted ? { currency: { eq: wanted["currency"] } } : wanted;
    case "component":
      return inGraphql(wanted, def.fields);
    case "blocks":
    case "rich":
      return inGraphql(
        wanted,
        def.blocks.map(({ id, fields }) => ({ id, fields, kind: "component" })),
      );
    default:
      return wanted;
  }
}
