import * as z from "zod";

export const AuditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditRecord = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z.object({ kind: z.enum(["token", "person", "system"]), id: z.string() }).describe("Who."),
  action: z.string().describe("What happened, such as `entry.published`."),
  subject: z.string().describe("The resource, such as `entry:cnt_01jd…`."),
  request_id: z.string().nullable().describe("The `X-Request-Id` of the request."),
  meta: z.record(z.string(), z.unknown()).nullable().describe("Details, depending on the action."),
});
export type AuditRecord = z.infer<typeof AuditRecord>;
