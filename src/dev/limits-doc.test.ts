import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PLANS } from "../core/plans.ts";
import {
  PAGES_PER_MINUTE,
  REQUESTS_PER_MINUTE,
  TOKENS_PER_ADDRESS,
  UNAUTHENTICATED_PER_MINUTE,
} from "../http/gateway/limit.ts";
import { COST_PER_TOKEN } from "../http/graphql/tokens-of-document.ts";
import { AHEAD_SHARE } from "../platform/quota/take-tokens.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/limits.md"), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("|") && !line.startsWith("| -"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const shown = (value: number) => value.toLocaleString("en-US");

/** The value of a constant as its file has it. */
function constant(file: string, name: string): number {
  const text = new RegExp(`const ${name} = ([\\d_* ]+);`).exec(
    readFileSync(join(ROOT, "src", file), "utf8"),
  )?.[1];
  if (text === undefined) throw new Error(`There is no ${name} in ${file}.`);
  return text
    .replaceAll("_", "")
    .split("*")
    .reduce((product, factor) => product * Number(factor), 1);
}

const WEBHOOKS = "domain/reach/webhooks/schemas.ts";
const CONSTANTS: Record<string, [file: string, name: string]> = {
  "body of a request": ["core/read-body.ts", "MAX_BODY_BYTES"],
  "body of a request to a page, OAuth or SCIM": ["http/gateway/body-limit.ts", "MAX_PAGE_BYTES"],
  "file of an asset": ["core/read-body.ts", "MAX_FILE_BYTES"],
  "nesting of JSON": ["core/read-body.ts", "MAX_DEPTH"],
  "characters of an `Idempotency-Key`": ["http/idempotency.ts", "MAX_KEY_CHARS"],
  "operations in a bulk": ["domain/content/entries/bulk-schemas.ts", "MAX_OPERATIONS"],
  "entries on a page": ["domain/content/entries/query/read-parameters.ts", "MAX_LIMIT"],
  "entries before a page that is asked for by number": [
    "domain/content/entries/query/list-query.ts",
    "MAX_OFFSET",
  ],
  "characters of a search (`q`)": ["domain/content/entries/query/list-query.ts", "MAX_QUERY_CHARS"],
  "back references of a type": ["domain/content/types/schemas.ts", "MAX_BACK_REFERENCES"],
  "entries of a back reference that `include` shows": [
    "domain/content/entries/query/read-parameters.ts",
    "MAX_LIMIT",
  ],
  "entries that one path of back references shows": ["domain/content/entries/read/related.ts", "MAX_SHOWN"],
  "levels of `include`": ["domain/content/entries/read/include-tree.ts", "MAX_INCLUDE_DEPTH"],
  "levels of a [tree](content-modelling.md#trees)": ["domain/content/types/schemas.ts", "MAX_TREE_LEVELS"],
  "entries of `include=descendants`": ["domain/content/entries/read/relatives.ts", "MAX_DESCENDANTS"],
  "conditions in a filter": ["domain/content/grants/where.ts", "MAX_CONDITIONS"],
  "values inside a field that filters find": ["domain/content/entries/model/inner-rows.ts", "MAX_INNER_ROWS"],
  "values of a facet": ["domain/content/entries/query/facets.ts", "MAX_VALUES"],
  "groups of an aggregate": ["domain/content/entries/read/aggregate-entries.ts", "MAX_GROUPS"],
  "characters of a slug that is made of other fields": [
    "domain/content/types/make-slug.ts",
    "MAX_MADE_SLUG_CHARS",
  ],
  "characters of a slug": ["domain/content/types/slug.ts", "MAX_SLUG_CHARS"],
  "elements of a list in an entry": ["domain/content/types/field-kinds/field-kind.ts", "MAX_ELEMENTS"],
  "characters of an expression": ["core/expressions/parse-expression.ts", "MAX_EXPRESSION_CHARS"],
  "parts of an expression": ["core/expressions/parse-expression.ts", "MAX_EXPRESSION_NODES"],
  "expressions of a content type": ["core/rules/check-rules.ts", "MAX_EXPRESSIONS"],
  "steps of expressions for an entry": ["domain/content/entries/model/entry-rules.ts", "MAX_ENTRY_STEPS"],
  "connections of a token in an environment": ["platform/realtime/limits.ts", "MAX_SOCKETS_PER_CALLER"],
  "connections of an environment": ["platform/realtime/limits.ts", "MAX_SOCKETS_PER_ENVIRONMENT"],
  "operations of a connection": ["platform/realtime/limits.ts", "MAX_OPERATIONS_PER_SOCKET"],
  "different subscriptions of an environment, in each shard": [
    "platform/realtime/limits.ts",
    "MAX_DIFFERENT",
  ],
  "characters of a message": ["platform/realtime/limits.ts", "MAX_MESSAGE_CHARS"],
  "characters of the id of an operation": ["platform/realtime/limits.ts", "MAX_ID_CHARS"],
  "messages of a connection at once, then 20 each second": [
    "platform/realtime/limits.ts",
    "MESSAGES_AT_ONCE",
  ],
  "milliseconds until somebody signs in": ["platform/realtime/limits.ts", "INIT_TIMEOUT_MS"],
  "events of an environment that can be resumed from, for a day": [
    "platform/realtime/limits.ts",
    "LOG_EVENTS",
  ],
  "depth of a document": ["http/graphql/limits.ts", "MAX_DEPTH"],
  "cost of an operation": ["http/graphql/limits.ts", "MAX_COST"],
  aliases: ["http/graphql/limits.ts", "MAX_ALIASES"],
  "characters of a document": ["http/graphql/limits.ts", "MAX_DOCUMENT_CHARS"],
  "tokens (words and signs) of a document": ["http/graphql/limits.ts", "MAX_TOKENS"],
  "fields, with those of fragments": ["http/graphql/limits.ts", "MAX_NODES"],
  "registered documents per environment": [
    "domain/content/operations/registered-operations.ts",
    "MAX_OPERATIONS",
  ],
  environments: ["domain/tenant/tenants/clone-environment.ts", "MAX_ENVIRONMENTS"],
  "aliases of environments": ["domain/tenant/tenants/aliases.ts", "MAX_ALIASES"],
  "content types per environment": ["domain/content/types/plan-definitions.ts", "MAX_TYPES"],
  "reusable components per environment": ["domain/content/types/plan-definitions.ts", "MAX_COMPONENTS"],
  "fields of a content type": ["domain/content/types/schemas.ts", "MAX_FIELDS"],
  "components inside one another": ["domain/content/types/check-definition.ts", "MAX_DEPTH"],
  "usable tokens": ["domain/tenant/access/tokens.ts", "MAX_TOKENS"],
  "trusted keys": ["domain/tenant/access/keys.ts", "MAX_KEYS"],
  "roles of its own": ["domain/content/policies/roles.ts", "MAX_ROLES"],
  policies: ["domain/content/policies/policies.ts", "MAX_POLICIES"],
  "pending schedules": ["domain/content/schedules/schedules.ts", "MAX_PENDING"],
  "releases that are not published": ["domain/content/releases/releases.ts", "MAX_OPEN"],
  "entries of a release": ["domain/content/releases/schemas.ts", "MAX_ITEMS"],
  "tenants that a person owns": ["domain/identity/members/create-tenant.ts", "MAX_OWNED"],
  "webhooks of a tenant": [WEBHOOKS, "MAX_WEBHOOKS"],
  "characters of a webhook's URL": [WEBHOOKS, "MAX_URL_CHARS"],
  "headers of a webhook": [WEBHOOKS, "MAX_HEADERS"],
  "characters of a header of a webhook": [WEBHOOKS, "MAX_HEADER_CHARS"],
  "bytes of a template": [WEBHOOKS, "MAX_TEMPLATE_BYTES"],
  "attempts of a delivery": [WEBHOOKS, "MAX_TRIES"],
  "calls to an endpoint at the same time": [WEBHOOKS, "MAX_CONCURRENCY"],
  "bytes of a payload": ["domain/reach/webhooks/payload.ts", "MAX_PAYLOAD_BYTES"],
  "bytes that a template makes of several events": ["domain/reach/webhooks/send.ts", "MAX_BATCH_BYTES"],
  "events in one call": ["domain/reach/webhooks/consume.ts", "MAX_PARTS"],
  "bytes of a response that are kept": ["http/webhooks/call-endpoint.ts", "MAX_RESPONSE_BYTES"],
  "days for which deliveries are kept": ["domain/reach/webhooks/sweep.ts", "KEPT_DAYS"],
  "days of nothing but failures until disabling": ["domain/reach/webhooks/send.ts", "DISABLES_AFTER_DAYS"],
  "passkeys of a person": ["domain/identity/people/passkeys.ts", "MAX_PASSKEYS"],
};

describe("the page about limits", () => {
  it("has the numbers of the code, and none that is not compared", () => {
    const pairs = rows.filter((cells) => cells.length === 2 && cells[1] !== "at most");
    expect(pairs.map(([what]) => what).sort()).toEqual(Object.keys(CONSTANTS).sort());
    for (const [what, text] of pairs as [string, string][]) {
      const value = constant(...CONSTANTS[what]!);
      expect(text, what).toBe(text.endsWith("MiB") ? `${value / 1024 / 1024} MiB` : shown(value));
    }
  });

  it("has the plans", () => {
    const plans = rows.filter(([name]) => /^`\w+`$/.test(name!) && name!.slice(1, -1) in PLANS);
    expect(plans).toEqual(
      Object.entries(PLANS).map(([name, quotas]) => [
        `\`${name}\``,
        shown(quotas.writes),
        shown(quotas["costly-reads"]),
      ]),
    );
    expect(page).toContain(`1/${1 / AHEAD_SHARE} of them`);
    expect(page).toContain(`each full ${shown(COST_PER_TOKEN)} of its cost`);
  });

  it("has the shield", () => {
    const shield = rows.filter(
      (cells) => cells.length === 3 && /^`(default|address|unauthenticated|pages)`/.test(cells[0]!),
    );
    expect(shield.map(([name, , requests]) => [name, requests])).toEqual([
      ["`default`", shown(REQUESTS_PER_MINUTE)],
      ["`address`", shown(REQUESTS_PER_MINUTE)],
      ["`address`", shown(REQUESTS_PER_MINUTE * TOKENS_PER_ADDRESS)],
      ["`unauthenticated`", shown(UNAUTHENTICATED_PER_MINUTE)],
      ["`pages`", shown(PAGES_PER_MINUTE)],
    ]);
  });
});
