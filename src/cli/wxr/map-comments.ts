import { countsOf, type ImportReport } from "../import/report.ts";
import { parentsOf } from "./hierarchy.ts";
import type { Known } from "./identify-items.ts";
import { isoOf, numberOf } from "./item-values.ts";
import type { WxrRecord } from "./read-wxr.ts";
import { metaOf } from "./step.ts";

/** The approved comments of an item, as data. */
export function mapComments({ item, sourceId, title }: Known, report: ImportReport): object[] | null {
  const counts = countsOf(report, "comment");
  const kept: WxrRecord[] = [];
  const byId = new Map<string, WxrRecord>();
  const note = ({ fields }: WxrRecord, reason: string) => {
    const id = fields["wp:comment_id"]?.trim() || "?";
    report.notes.push({ kind: "comment", id, title: `on ${sourceId} ${title}`, reason });
  };
  for (const comment of item.comments) {
    counts.seen++;
    const id = numberOf(comment.fields["wp:comment_id"]);
    const before = byId.get(id);
    const isTwice = before && JSON.stringify(before) === JSON.stringify(comment);
    const isApproved = ["1", "approved"].includes(comment.fields["wp:comment_approved"]?.trim() ?? "");
    if (isTwice || !isApproved) {
      counts.skipped++;
      note(
        comment,
        isTwice ? "is in the file twice: imported once" : "is not approved in WordPress: left out",
      );
      continue;
    }
    if (before) note(comment, "has the number of another comment: both are imported");
    else if (id !== "") byId.set(id, comment);
    kept.push(comment);
  }
  const parentId = ({ fields }: WxrRecord) => numberOf(fields["wp:comment_parent"]);
  const { parents, broken } = parentsOf(kept, (comment) => byId.get(parentId(comment)));
  for (const comment of kept) {
    if (broken.has(comment)) note(comment, "is a reply to itself: imported without the reply");
    else if (parentId(comment) !== "" && !parents.has(comment))
      note(
        comment,
        `is a reply to the comment ${parentId(comment)}, which is not imported: imported without it`,
      );
  }
  return kept.length > 0 ? kept.map((comment) => present(comment, parents.get(comment))) : null;
}

function present({ fields, meta }: WxrRecord, parent: WxrRecord | undefined): object {
  const data = metaOf(meta);
  return {
    id: fields["wp:comment_id"],
    parent: parent?.fields["wp:comment_id"] ?? null,
    author: fields["wp:comment_author"],
    url: fields["wp:comment_author_url"] || null,
    date: isoOf(fields["wp:comment_date_gmt"]) ?? fields["wp:comment_date"] ?? null,
    type: fields["wp:comment_type"] || "comment",
    content: fields["wp:comment_content"] ?? "",
    ...(data ? { meta: data } : {}),
  };
}
