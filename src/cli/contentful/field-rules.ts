import { RE2JS } from "re2js";
import type { CtfField, Validation } from "./export-file.ts";

/** Rules as a field of FlowCMS has them. */
export type Rules = {
  min?: number;
  max?: number;
  pattern?: string;
  unique?: true;
  options?: string[];
  /** Ids of Contentful's types. */
  to?: string[];
};
type Say = (reason: string) => void;

const MAX_PATTERN = 500;
const MAX_OPTIONS = 500;

/**
 * The validations of a field as rules; reports those without a counterpart. `isList` for the rules of a
 * list itself, not of its elements.
 */
export function readRules(validations: Validation[], type: CtfField["type"], say: Say): Rules {
  const rules: Rules = {};
  for (const validation of validations) {
    for (const [name, value] of Object.entries(validation)) {
      if (name === "message" || (name === "unique" && value === false)) continue;
      if (!readRule(rules, name, value, type, say))
        say(`its validation "${name}" has no counterpart: left out`);
    }
  }
  return rules;
}

function readRule(rules: Rules, name: string, value: unknown, type: string, say: Say): boolean {
  const isText = type === "Symbol" || type === "Text";
  const isNumber = type === "Integer" || type === "Number";
  const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  switch (name) {
    case "unique":
      if (!isText && !isNumber && type !== "Date") return false;
      rules.unique = true;
      return true;
    case "size":
    case "range":
      if (name === "range" ? !isNumber : !isText && type !== "Array") return false;
      if (typeof given["min"] === "number") rules.min = given["min"];
      if (typeof given["max"] === "number") rules.max = given["max"];
      return true;
    case "in":
      if (type !== "Symbol" || !Array.isArray(value)) return false;
      rules.options = [...new Set(value.filter((one) => typeof one === "string" && one !== ""))] as string[];
      if (rules.options.length > 0 && rules.options.length <= MAX_OPTIONS && rules.options.every(isShort))
        return true;
      delete rules.options;
      return false;
    case "regexp": {
      if (!isText) return false;
      const pattern = toRe2(String(given["pattern"] ?? ""), String(given["flags"] ?? ""));
      if (pattern !== undefined) rules.pattern = pattern;
      else say(`its pattern ${String(given["pattern"])} is not a valid RE2 expression: left out`);
      return true;
    }
    case "linkContentType":
      rules.to = (Array.isArray(value) ? value : [value]) as string[];
      return true;
    default:
      return false;
  }
}

const isShort = (text: string) => text.length <= 200;

/**
 * A JavaScript expression that may match anywhere, as RE2 that must match the whole; undefined where
 * RE2 cannot.
 */
function toRe2(source: string, flags: string): string | undefined {
  const hasStart = source.startsWith("^");
  const hasEnd = source.endsWith("$") && !source.endsWith("\\$");
  const core = source.slice(hasStart ? 1 : 0, hasEnd ? -1 : undefined);
  const inner = flags.includes("i") ? `(?i:${core})` : core.includes("|") ? `(?:${core})` : core;
  // An anchor that holds for one alternative only is left to RE2 itself.
  const isSplit = core.includes("|") && (hasStart || hasEnd);
  const whole = isSplit
    ? `(?s:.*)(?${flags.includes("i") ? "i" : ""}:${source})(?s:.*)`
    : `${hasStart ? "" : "(?s:.*)"}${inner}${hasEnd ? "" : "(?s:.*)"}`;
  try {
    RE2JS.compile(whole);
    return whole.length <= MAX_PATTERN ? whole : undefined;
  } catch {
    return undefined;
  }
}

/** A value of a field, the locale it is for, and the entry that has it. */
export type Sample = { value: unknown; locale: string; entry: string };

/**
 * Removes rules that values in the file violate, so that no entry is rejected; every removed rule is
 * reported.
 */
export function loosen(rules: Rules, isList: boolean, samples: Sample[], say: Say): Rules {
  const kept = { ...rules };
  const drop = (name: "min" | "max" | "pattern" | "unique", breaks: (value: unknown) => boolean) => {
    const found = kept[name] === undefined ? undefined : samples.find(({ value }) => breaks(value));
    if (!found) return;
    say(`the rule ${name} ${String(kept[name])} is left out: entry ${found.entry} violates it`);
    delete kept[name];
  };
  const sizeOf = (value: unknown) =>
    typeof value === "number" ? value : typeof value === "string" || Array.isArray(value) ? value.length : 0;
  drop("min", (value) => sizeOf(value) < kept.min!);
  drop("max", (value) => sizeOf(value) > kept.max!);
  const compiled = kept.pattern === undefined ? undefined : RE2JS.compile(kept.pattern);
  drop("pattern", (value) => typeof value === "string" && !compiled!.matches(value));
  if (kept.unique && !isList) {
    const twice = findTwice(samples);
    if (twice) {
      say(`is not imported as unique: entry ${twice.entry} has a duplicate value, or one that is too long`);
      delete kept.unique;
    }
  }
  if (kept.options) {
    const strays = samples
      .flatMap(({ value, entry }) =>
        (Array.isArray(value) ? value : [value]).map((one: unknown) => ({ one, entry })),
      )
      .filter(({ one }) => typeof one === "string" && one !== "" && !kept.options!.includes(one));
    for (const { one, entry } of strays) {
      if (kept.options.includes(one as string)) continue;
      say(`"${String(one)}", which entry ${entry} has, was added to the options`);
      kept.options = [...kept.options, one as string];
    }
  }
  return kept;
}

/**
 * The second of two entries with the same value in the same locale, or one with a value too long to be
 * compared.
 */
export function findTwice(samples: Sample[]): Sample | undefined {
  const seen = new Set<string>();
  return samples.find(({ value, locale }) => {
    const key = `${locale} ${String(value)}`;
    if (seen.has(key) || String(value).length > 500) return true;
    seen.add(key);
    return false;
  });
}
