import { verifyWebhook, WebhookError } from "flowcms/webhooks";

type Env = {
  /** `whsec_…`: `npx wrangler secret put FLOW_WEBHOOK_SECRET`; two with a comma while one is rotated. */
  FLOW_WEBHOOK_SECRET: string;
  /** The newest sequence of each entry that was handled. */
  SEEN: KVNamespace;
};

export default {
  async fetch(request, env, ctx) {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    try {
      const event = await verifyWebhook(request, env.FLOW_WEBHOOK_SECRET.split(","));
      // The answer comes at once, the work goes on behind it.
      for (const one of event.type === "batch" ? event.events : [event]) ctx.waitUntil(handle(one, env));
      return new Response(null, { status: 204 });
    } catch (error) {
      if (error instanceof WebhookError) return new Response(error.message, { status: 401 });
      throw error;
    }
  },
} satisfies ExportedHandler<Env>;

type One = Exclude<Awaited<ReturnType<typeof verifyWebhook>>, { type: "batch" }>;

/** Calls may come twice, and late: what is not newer than what was seen of an entry is left alone. */
async function handle(event: One, { SEEN }: Env): Promise<void> {
  const subject = "id" in event.data ? String(event.data.id) : event.type;
  if (Number((await SEEN.get(subject)) ?? 0) >= event.sequence) return;
  await SEEN.put(subject, String(event.sequence), { expirationTtl: 30 * 86_400 });
  switch (event.type) {
    case "entry.published":
      return console.log(`${event.data.type} ${event.data.id} is published:`, event.data.changes);
    case "entry.unpublished":
    case "entry.deleted":
      return console.log(`${event.data.type} ${event.data.id} is not there any more`);
    default:
      return console.log(event.type, event.data);
  }
}
