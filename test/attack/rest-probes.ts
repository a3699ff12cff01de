import type { OperationFacts } from "../../src/core/operation.ts";
import { operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import type { Request } from "./caller.ts";
import type { Party, Planted } from "./plant.ts";

type PlainProbe = Omit<Probe, "occupies">;

/**
 * A request of the attacker, beside the same one for something that is nowhere: the answers must not
 * tell them apart.
 */
export type Probe = {
  name: string;
  request: Request;
  control?: Request;
  /** What its answer must not tell beside what none may. */
  secrets?: readonly string[];
  /** Whether any success is a leak. */
  mustBeRefused?: boolean;
  /** Whether it makes something of the attacker's own under the victim's id: such probes come last. */
  occupies: boolean;
};

const NOWHERE: Record<string, string> = {
  entry: "cnt_01jd0000000000000000000999",
  asset: "ast_01jd0000000000000000000999",
  token: "tok_01jd0000000000000000000999",
  comment: "cmt_01jd0000000000000000000999",
  schedule: "sch_01jd0000000000000000000999",
  slug: "nowhere-at-all",
  role: "nowhere-at-all",
  policy: "pol_01jd0000000000000000000999",
  connection: "sso_01jd0000000000000000000999",
  person: "usr_01jd0000000000000000000999",
  team: "tea_01jd0000000000000000000999",
  invitation: "inv_01jd0000000000000000000999",
  client: "cli_01jd0000000000000000000999",
  domain: "nowhere-at-all-at-all.example.com",
};

/** Which of the victim's ids a parameter of a path would name. */
function kindOf(path: string, name: string): string {
  if (name === "type" || name === "version" || name === "comment") return name;
  if (path.startsWith("/roles/")) return "role";
  if (path.startsWith("/policies/")) return "policy";
  if (path.startsWith("/sso/connections/")) return "connection";
  if (path.startsWith("/members/") || name === "person") return "person";
  if (path.startsWith("/teams/")) return "team";
  if (path.startsWith("/invitations/")) return "invitation";
  if (path.startsWith("/domains/")) return "domain";
  if (path.startsWith("/oauth/clients/")) return "client";
  if (path.startsWith("/types/")) return "type";
  if (path.startsWith("/assets/")) return "asset";
  if (path.startsWith("/tokens/")) return "token";
  if (path.startsWith("/keys/")) return "key";
  if (path.startsWith("/schedules/")) return "schedule";
  if (path.startsWith("/environments/aliases/")) return "alias";
  if (path.startsWith("/environments/")) return "environment";
  if (path.startsWith("/operations/")) return "operation";
  if (path.startsWith("/webhooks/")) return name === "delivery" ? "delivery" : "webhook";
  return "entry";
}

/**
 * Every route of the API document with the victim's ids in its path, body and query, as each of the
 * attacker's tokens.
 */
export function restProbes(attacker: Party, victim: Party, planted: Planted): Probe[] {
  // What takes something away comes last, so that the attacker's own tenant lives as long as it can.
  const operations = operationsOf(GROUPS).toSorted((a, b) => rank(a) - rank(b));
  const probes: Probe[] = [];
  for (const operation of operations) {
    for (const filled of fillings(operation.path, planted)) {
      const bodies = operation.body ? bodiesOf(operation, planted) : [undefined];
      for (const body of bodies) {
        for (const [who, token] of Object.entries(attacker.tokens)) {
          const request: Request = {
            method: operation.method.toUpperCase(),
            path: `/api/v3${filled.path}`,
            token,
            ...(body === undefined ? {} : { body }),
          };
          const control =
            filled.control === undefined ? {} : { control: { ...request, path: `/api/v3${filled.control}` } };
          // What is made below something needs it to be there: a probe that makes it must not have
          // come before.
          const makes = operation.operationId.startsWith("create") && !operation.path.includes("{id}");
          const occupies = operation.method === "put" || makes;
          probes.push({ name: `${operation.operationId} as ${who}`, request, ...control, occupies });
        }
      }
    }
  }
  const others = [
    ...disguises(attacker, victim, planted),
    ...cursorProbes(attacker, planted),
    ...cacheProbes(attacker, planted),
  ];
  return [...probes, ...others.map((probe) => ({ ...probe, occupies: false }))];
}

const rank = ({ method }: OperationFacts) => ["get", "post", "patch", "put", "delete"].indexOf(method);

/** A route with the victim's ids in it, each beside the same with ids that are nowhere. */
export function fillings(path: string, planted: Planted): { path: string; control?: string }[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  let filled: { path: string; control?: string }[] = [{ path }];
  for (const name of names) {
    const kind = kindOf(path, name);
    const slugs = kind === "entry" && path === "/content/{type}/{id}" ? planted.ids["slug"]! : [];
    const values = [...planted.ids[kind]!, ...slugs];
    filled = filled.flatMap((one) =>
      values.map((value) => {
        const nowhere = NOWHERE[slugs.includes(value) ? "slug" : kind];
        const control =
          nowhere === undefined ? one.control : (one.control ?? one.path).replace(`{${name}}`, nowhere);
        return {
          path: one.path.replace(`{${name}}`, encodeURIComponent(value)),
          ...(control === undefined
            ? {}
            : { control: control.replace(`{${name}}`, encodeURIComponent(value)) }),
        };
      }),
    );
  }
  // A control that still has a hole stands for nothing.
  return filled.map((one) =>
    one.control?.includes("{") || one.control === one.path ? { path: one.path } : one,
  );
}

export function bodiesOf(operation: OperationFacts, planted: Planted): unknown[] {
  const own = operation.example.request;
  const [, second] = planted.ids["entry"]!;
  const related = planted.ids["reference"];
  switch (operation.operationId) {
    case "createEntry":
    case "putEntry":
    case "updateEntry":
      return [
        own,
        { title: "mine", related, cover: planted.ids["asset"]![0] },
        { title: "mine", id: second },
      ];
    case "publishEntry":
    case "unpublishEntry":
      return planted.ids["entry"]!.map((id) => ({ id }));
    case "createSchedule":
      return planted.ids["entry"]!.map((id) => ({ id, at: "2099-01-31T09:30Z" }));
    case "bulkEntries":
      return [true, false].map((atomic) => ({
        atomic,
        operations: planted.ids["entry"]!.flatMap((id) => [
          { op: "publish", id },
          { op: "unpublish", id },
          { op: "update", type: "article", id, fields: { title: "mine" } },
          { op: "delete", type: "article", id },
        ]),
      }));
    case "createEnvironment":
      return planted.ids["environment"]!.map((from, i) => ({ name: `stolen-${i}`, from }));
    case "putAlias":
      return planted.ids["environment"]!.map((environment) => ({ environment }));
    case "postGraphql":
      return [own];
    default:
      return [own];
  }
}

/** The attacker under the victim's name: its host, its tenant header, its environment, its token's id. */
function disguises(attacker: Party, victim: Party, planted: Planted): PlainProbe[] {
  const [, , tenantAndToken] = victim.tokens.admin.split("_");
  const [, , , secret] = attacker.tokens.admin.split("_");
  const forged = `flow_admin_${tenantAndToken}_${secret}`;
  const paths = [
    "/content/article",
    `/content/article/${planted.ids["entry"]![0]}`,
    "/types",
    "/tokens",
    "/audit-logs",
    "/trash",
  ];
  return paths.flatMap((path): PlainProbe[] => {
    const request = { method: "GET", path: `/api/v3${path}`, token: attacker.tokens.admin };
    return [
      { name: `no token ${path}`, request: { ...request, token: null } },
      { name: `forged token ${path}`, request: { ...request, token: forged } },
      { name: `tenant header ${path}`, request: { ...request, headers: { "x-flow-tenant": victim.slug } } },
      {
        name: `forwarded host ${path}`,
        request: { ...request, headers: { "x-forwarded-host": victim.slug } },
      },
      {
        name: `inner context ${path}`,
        request: {
          ...request,
          headers: {
            "x-flow-context": JSON.stringify({
              tenantId: tenantAndToken,
              environmentId: tenantAndToken,
              actor: { kind: "system", id: "x", scopes: ["admin"] },
              requestId: "x",
            }),
          },
        },
      },
      ...planted.ids["environment"]!.map((name) => ({
        name: `environment header ${path}`,
        request: { ...request, headers: { "x-flow-environment": name } },
      })),
    ];
  });
}

/** The victim's cursors in every list. */
function cursorProbes(attacker: Party, planted: Planted): PlainProbe[] {
  const lists = [
    "/content/article",
    "/content/article?sort=title&perspective=draft",
    "/assets",
    "/audit-logs",
    "/trash",
    "/schedules",
    "/notifications",
  ];
  return planted.cursors.flatMap((cursor) =>
    lists.map((path) => ({
      name: `cursor in ${path}`,
      request: {
        method: "GET",
        path: `/api/v3${path}${path.includes("?") ? "&" : "?"}cursor=${cursor}`,
        token: attacker.tokens.admin,
      },
    })),
  );
}

/** What the edge keeps for the victim, asked for by the attacker, also by the victim's ETag. */
function cacheProbes(attacker: Party, planted: Planted): PlainProbe[] {
  return planted.cached.flatMap(({ path, etag }) =>
    [{}, { "if-none-match": etag }].map((headers) => ({
      name: `kept ${path}`,
      request: {
        method: "GET",
        path,
        token: attacker.tokens.read,
        headers: headers as Record<string, string>,
      },
    })),
  );
}
