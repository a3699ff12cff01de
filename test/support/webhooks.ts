import { sql } from "drizzle-orm";
import { expect, inject } from "vitest";
import { openReceiver, type Receiver } from "./receiver.ts";
import { ARTICLE, asOwner, delivered, eventually, newTenant, type Tenant } from "./tenant.ts";

/** A tenant with articles in two locales, and a receiver that its webhooks lead to. */
export async function newReceivingTenant() {
  const receiver = await openReceiver();
  const tenant = await newTenant();
  await tenant.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
  await tenant.put("/types/article", {
    ...ARTICLE,
    fields: [
      ...ARTICLE.fields,
      { id: "headline", type: "short_text", localized: true },
      {
        id: "seo",
        type: "component",
        fields: [
          { id: "title", type: "short_text" },
          { id: "text", type: "short_text" },
        ],
      },
    ],
  });
  return { receiver, tenant, hook: hookAt(receiver, tenant) };
}

let paths = 0;
/** Makes a webhook with a path of its own at the receiver. */
const hookAt =
  (receiver: Receiver, tenant: Tenant) =>
  async (settings: object = {}) => {
    const path = `/${++paths}`;
    const url = receiver.url + path;
    const made = await tenant.post("/webhooks", { name: "Test", url, events: ["entry.*"], ...settings });
    expect(made.status, made.text).toBe(201);
    const { id, secret } = made.body.data as { id: string; secret: string };
    const mailbox = async (query = "") =>
      (await tenant.get(`/webhooks/${id}/deliveries${query}`)).body.data as any[];
    const calls = () => receiver.calls.filter((call) => call.path === path);
    return {
      ...{ id, secret, path, url, mailbox, calls },
      /** The payloads by their sequence, once so many have come and nothing else is waiting. */
      async payloads(count: number): Promise<any[]> {
        await eventually(async () => calls().length >= count);
        await delivered(tenant);
        await eventually(async () => (await mailbox("?state=pending")).length === 0);
        expect(calls()).toHaveLength(count);
        return receiver.payloads(path).toSorted((a, b) => a.sequence - b.sequence);
      },
      /** One delivery with its attempts. */
      delivery: async (delivery: string) =>
        (await tenant.get(`/webhooks/${id}/deliveries/${delivery}`)).body.data as any,
    };
  };

export const runCron = async () => expect((await fetch(inject("cronUrl"))).status).toBe(200);

/** As if time had passed: everything of a webhook is due. */
export const passTime = (tenant: Tenant, id: string) =>
  asOwner(
    tenant,
    sql`update webhook_deliveries set next_attempt_at = now() - interval '1 second', leased_until = null
      where tenant_id = ${tenant.tenantId}::uuid and webhook_id = ${id} and state = 'pending'`,
    sql`update webhooks set open_until = null where tenant_id = ${tenant.tenantId}::uuid and id = ${id}`,
  );
