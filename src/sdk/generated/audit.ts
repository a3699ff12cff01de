// Made by `npm run generate` of the operations that the slices declare: change those.

import type { Ask } from "../call.ts";
import { type ListOf, listOf } from "../cursor-list.ts";
import type { AuditRecord } from "./shapes.ts";

export type Audit = {
  list: ListOf<AuditRecord>["list"];
  iterate: ListOf<AuditRecord>["iterate"];
};

export const auditOf = (ask: Ask): Audit => ({
  ...listOf<AuditRecord>(ask, "audit-logs"),
});
