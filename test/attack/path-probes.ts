import { parseToken } from "../../src/core/tokens.ts";
import { operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import type { Party, Planted } from "./plant.ts";
import { fillings, type Probe } from "./rest-probes.ts";

/** One step up, in the spellings that some part of a way might resolve and another not. */
const UP = [
  "..",
  "%2e%2e",
  "%2E%2E",
  ".%2e",
  "%2E.",
  "%252e%252e",
  "..;",
  "..%00",
  "%c0%ae%c0%ae",
  "%u002e%u002e",
];
/** Between two steps. */
const SLASHES = ["/", "%2f", "%2F", "%5c", "\\", "//", "/./", "/%2e/", "%252f"];
/** What everybody may call, with a token or without: what a path might lead out of. */
const prefixesOf = (slug: string) => [
  "/api/v3",
  "/v3",
  "/api/v3/content",
  "/api/v3/content/article",
  "/api/v3/members",
  "/api/v3/oauth",
  "/api/v3/assets",
  `/t/${slug}`,
  `/t/${slug}/sign-in`,
  `/t/${slug}/scim/v2`,
  "/sign-in",
  "/oauth",
  "/scim/v2",
  "/sso",
  "/docs",
  "/.well-known",
  "/healthz",
];

/**
 * Every route of the API and every prefix there is in encoded, doubled, mixed-case and dotted forms:
 * out of the prefix to what only the gateway asks, and to the API by the way of pages.
 */
export function pathProbes(attacker: Party, victim: Party, planted: Planted): Probe[] {
  const { tenantId } = parseToken(victim.tokens.read)!;
  return [...escapes(attacker, victim, tenantId), ...respelled(attacker, planted)];
}

function escapes(attacker: Party, victim: Party, tenantId: string): Probe[] {
  const inner: [method: string, path: string, secrets?: string[]][] = [
    ["GET", "/internal/ready"],
    ["GET", `/internal/tenants/by-host/${victim.slug}`, [tenantId]],
    ["GET", `/internal/tenants/${tenantId}/snapshot`],
    ["POST", `/internal/tenants/${tenantId}/use`],
    ["GET", "/api/v3/members"],
    ["GET", "/scim/v2/Users"],
  ];
  const probes: Probe[] = [];
  for (const prefix of prefixesOf(attacker.slug))
    for (const [method, target, secrets = []] of inner) {
      const isOurs = prefix.startsWith("/api") || prefix.startsWith("/v3");
      // The API may be asked with a token anyway; what may not be is asking it by the way of a page,
      // or without one.
      if (isOurs && !target.startsWith("/internal")) continue;
      const token = isOurs ? attacker.tokens.admin : null;
      const depth = prefix.split("/").length - 1;
      for (const way of waysUp(depth, target))
        probes.push({
          name: `path ${prefix} to ${target}`,
          request: { method, path: prefix + way, token, ...(method === "POST" ? { body: {} } : {}) },
          secrets,
          mustBeRefused: true,
          occupies: false,
        });
    }
  for (const [method, target] of inner.slice(0, 4))
    for (const path of [target, `/api/v3${target}`, `/${target}`, target.toUpperCase()])
      probes.push({
        name: `path ${target}`,
        request: {
          method,
          path,
          token: attacker.tokens.admin,
          ...(method === "POST" ? { body: {} } : {}),
          headers: { "x-flow-context": "{}", "x-flow-door": "{}" },
        },
        mustBeRefused: true,
        occupies: false,
      });
  return probes;
}

function waysUp(depth: number, target: string): string[] {
  const ofDots = UP.flatMap((up) => [depth, depth + 3].map((n) => `/${up}`.repeat(n) + target));
  const ofSlashes = SLASHES.flatMap((slash) => [
    `${slash}..`.repeat(depth) + target.replaceAll("/", slash),
    `${slash}%2e%2e`.repeat(depth) + target,
  ]);
  return [...ofDots, ...ofSlashes];
}

/** Every route with the victim's ids, in each spelling. */
function respelled(attacker: Party, planted: Planted): Probe[] {
  return operationsOf(GROUPS).flatMap((operation) => {
    const [filled] = fillings(operation.path, planted);
    if (!filled) return [];
    return spellingsOf(`/api/v3${filled.path}`).map((path): Probe => {
      const body = operation.body ? { body: operation.example.request } : {};
      return {
        name: `path ${operation.operationId} as ${path}`,
        request: { method: operation.method.toUpperCase(), path, token: attacker.tokens.read, ...body },
        occupies: false,
      };
    });
  });
}

const hex = (char: string) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

function spellingsOf(path: string): string[] {
  const steps = path.split("/").slice(1);
  const last = steps.at(-1)!;
  const head = `/${steps.slice(0, -1).join("/")}`;
  return [
    `/${steps.map((step) => hex(step[0]!) + step.slice(1)).join("/")}`,
    `/${steps.map((step) => [...step].map(hex).join("").toUpperCase()).join("/")}`,
    `/${steps.map((step) => hex(step[0]!).replace("%", "%25") + step.slice(1)).join("/")}`,
    `//${steps.join("//")}`,
    `${path}/`,
    `${path}//`,
    `${path}%2f`,
    `${path}/.`,
    `${path}/%2e`,
    `${path}/x/..`,
    `${path}/x/%2e%2e`,
    `${head}/x/../${last}`,
    `${head}/x/%2E%2e/${last}`,
    `${head}/./${last}`,
    `${head}\\${last}`,
    `${head}%2f${last}`,
    `${path}%00`,
    `${path}%0d%0aX-Flow-Context:%20{}`,
    `${path};x=1`,
    `${path}%`,
    `${path}%zz`,
    `${path}%ff`,
    `${path}.json`,
    `${path}#/x`,
    path.toUpperCase(),
    path.replace("/api", ""),
  ];
}
