import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { AuditQuery } from "./routes.ts";

const AuditRecord = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z.object({ kind: z.enum(["token", "person", "system"]), id: z.string() }).describe("Who."),
  action: z.string().describe("What happened, such as `entry.published`."),
  subject: z.string().describe("To what, such as `entry:cnt_01jd…`."),
  request_id: z.string().nullable().describe("The `X-Request-Id` of the request that did it."),
  meta: z.record(z.string(), z.unknown()).nullable().describe("What more there is to know, by action."),
});

export const auditOperations: OperationGroup = {
  tag: "Audit log",
  description: "Who did what, when, and in which request. Written in the same transaction as the change.",
  schemas: { AuditRecord },
  operations: [
    {
      method: "get",
      path: "/audit-logs",
      operationId: "listAuditLog",
      summary: "Read the audit log",
      description: "Newest first. Continue with `pagination.next_cursor`.",
      permission: "audit:read",
      query: AuditQuery,
      answer: z.array(AuditRecord),
      isList: true,
      errors: { 422: ["audit/bad-query", "http/bad-cursor"] },
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
    },
  ],
};
