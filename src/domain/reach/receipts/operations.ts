import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { readReceipt } from "./read-receipt.ts";
import { Receipt, ReceiptId } from "./schemas.ts";

const operation = declares<Context>("receipts/bad-receipt");

export const receiptOperations: OperationGroup<Operation<Context>> = {
  tag: "Receipts",
  description:
    "Every write answers with a receipt, as `receipt` and in the header `X-Flow-Receipt`. It tells when the write is visible everywhere, and when subscribers and webhooks were told. `?receipt=` on any read makes sure that it shows nothing older.",
  schemas: { Receipt },
  operations: [
    operation({
      method: "get",
      path: "/receipts/{id}",
      operationId: "getReceipt",
      summary: "Get a receipt",
      description: "Kept for a week.",
      permission: "content:read",
      params: { id: ReceiptId },
      answer: Receipt,
      errors: { 404: ["receipts/not-found"], 422: ["receipts/bad-receipt"] },
      graphql: { field: "receipt" },
      sdk: { call: "receipts.get" },
      example: {
        params: { id: "rcp_00000000000110000000000022" },
        response: {
          id: "rcp_00000000000110000000000022",
          state: "notified",
          events: 1,
          committed_at: "2026-01-31T09:30:00.000Z",
          purged_at: "2026-01-31T09:30:00.120Z",
          notified_at: "2026-01-31T09:30:00.150Z",
        },
      },
      run: (ctx, { params }) => readReceipt(ctx, params.id),
    }),
  ],
};
