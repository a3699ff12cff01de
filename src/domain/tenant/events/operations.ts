import * as z from "zod";
import { answeredPage } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { listAuditLog } from "./audit-log.ts";
import { AuditQuery, AuditRecord } from "./schemas.ts";

const operation = declares<Context>("audit/bad-query");

export const auditOperations: OperationGroup<Operation<Context>> = {
  tag: "Audit log",
  description:
    "Who did what, when, and in which request. Entries are written in the same transaction as the change.",
  schemas: { AuditRecord },
  operations: [
    operation({
      method: "get",
      path: "/audit-logs",
      operationId: "listAuditLog",
      summary: "Read the audit log",
      description: "Newest first. Continue with `pagination.next_cursor`.",
      permission: "audit:read",
      query: AuditQuery,
      answer: z.array(AuditRecord),
      isList: true,
      errors: { 422: ["http/bad-cursor"] },
      example: {
        query: { limit: "20" },
        response: [
          {
            id: "42",
            at: "2026-01-31T09:30:00.000Z",
            actor: { kind: "token", id: "tok_01jd3f0b6vfs8t4z9c7q2m5n8x" },
            action: "entry.published",
            subject: "entry:cnt_01jd3f0b6vfs8t4z9c7q2m5n8x",
            request_id: "req_01jd3f0b6vfs8t4z9c7q2m5n8x",
            meta: { version: 1 },
          },
        ],
      },
      sdk: { call: "audit.list" },
      run: async (ctx, { query }) => {
        const { data, nextCursor } = await listAuditLog(ctx, query);
        return answeredPage(data, query.limit, nextCursor);
      },
    }),
  ],
};
