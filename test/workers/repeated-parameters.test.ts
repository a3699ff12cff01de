import { expect, it } from "vitest";
import { newTenant } from "../support/tenant.ts";

it.each([
  ["get", "/types?environment=main&environment=main", "environment"],
  ["get", "/webhooks?limit=1&limit=2", "limit"],
  ["get", "/trash?limit=1&limit=1", "limit"],
  ["put", "/types/page?dry_run=true&dry_run=false", "dry_run"],
  ["get", "/content/page?limit=1&limit=2", "limit"],
  ["get", "/content/page/x?min_version=1&min_version=2", "min_version"],
] as const)("a parameter that comes twice is refused: %s %s", async (method, path, name) => {
  const own = await newTenant();
  const page = { id: "page", name: "Page", fields: [{ id: "title", type: "short_text" }] };
  expect((await own.put("/types/page", page)).status).toBe(201);
  const answer = method === "get" ? await own.get(path) : await own.put(path, page);
  expect([400, 422], answer.text).toContain(answer.status);
  expect(answer.body.error.details).toContainEqual({ path: name, message: "is given more than once" });
});
