import * as z from "zod";
import { rangeOfReceipt } from "../../../core/receipts.ts";

export const ReceiptId = z
  .string()
  .refine((id) => rangeOfReceipt(id) !== undefined, "must be a receipt, rcp_…")
  .describe("A receipt: `receipt` in the answer of a write, and its header `X-Flow-Receipt`.");

const moment = z.iso.datetime().nullable();

/** How far the events of one write are. */
export const Receipt = z.object({
  id: z.string(),
  state: z
    .enum(["committed", "purged", "notified"])
    .describe(
      "`committed`: stored. `purged`: no cache shows anything older, and searches find it. `notified`: webhooks and subscriptions have it.",
    ),
  events: z.int().describe("The number of events."),
  committed_at: z.iso.datetime(),
  purged_at: moment.describe("When the last of them was `purged`; `null` until then."),
  notified_at: moment.describe("When the last of them was `notified`; `null` until then."),
});
export type Receipt = z.infer<typeof Receipt>;
