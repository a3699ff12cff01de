import { countsOf, type ImportReport } from "../import/report.ts";
import { stableId } from "../import/stable-id.ts";
import { decodeEntities, fit } from "./item-values.ts";
import type { WxrFile, WxrRecord } from "./read-wxr.ts";
import { EPOCH, type Say, type Step } from "./step.ts";

/** Authors, each once by login: those that the file describes, and those that its items only name. */
export function mapAuthors(wxr: WxrFile, report: ImportReport): { steps: Step[]; ids: Map<string, string> } {
  const ids = new Map<string, string>();
  const steps: Step[] = [];
  const kept = new Map<string, WxrRecord>();
  const add = (login: string, { fields }: WxrRecord, isMentioned: boolean) => {
    const say: Say = (reason) => report.notes.push({ kind: "author", id: login, title: login, reason });
    const id = stableId("cnt", wxr.baseUrl, "author", login, 0);
    ids.set(login, id);
    const name = decodeEntities(fields["wp:author_display_name"] ?? "") || login;
    const values = {
      name: fit(name, 1000, "name", say),
      login: fit(login, 500, "login", say),
      first_name: fit(fields["wp:author_first_name"], 1000, "first name", say),
      last_name: fit(fields["wp:author_last_name"], 1000, "last name", say),
    };
    steps.push({
      kind: "author",
      sourceId: login,
      title: login,
      id,
      fields: values,
      refs: [],
      publishedAt: EPOCH,
      isMentioned,
    });
  };
  for (const author of wxr.authors) {
    const { fields } = author;
    const login = (
      fields["wp:author_login"] ||
      fields["wp:author_display_name"] ||
      fields["wp:author_email"] ||
      ""
    ).trim();
    const before = kept.get(login);
    const skipped = login === "" ? "has no login and no name: left out" : before && twice(before, author);
    if (skipped) {
      countsOf(report, "author").seen++;
      countsOf(report, "author").skipped++;
      report.notes.push({
        kind: "author",
        id: login || (fields["wp:author_id"] ?? "?"),
        title: login,
        reason: skipped,
      });
      continue;
    }
    kept.set(login, author);
    add(login, author, false);
  }
  for (const { fields } of wxr.items) {
    const login = (fields["dc:creator"] ?? "").trim();
    if (login !== "" && !ids.has(login)) add(login, { fields: {}, meta: [] }, true);
  }
  return { steps, ids };
}

function twice(before: WxrRecord, author: WxrRecord): string {
  const isSame = JSON.stringify(before.fields) === JSON.stringify(author.fields);
  return `is in the file twice: ${isSame ? "imported once" : "they differ, the first is imported"}`;
}
