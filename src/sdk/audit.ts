import type { ListOf } from "./cursor-list.ts";

/** Something that was done: `action` is such as `entry.published`, `subject` such as `entry:cnt_…`. */
export type AuditRecord = {
  id: string;
  at: string;
  actor: { kind: string; id: string };
  action: string;
  subject: string;
  request_id: string | null;
  meta: unknown;
};

/** Who did what, newest first. */
export type Audit = ListOf<AuditRecord>;
