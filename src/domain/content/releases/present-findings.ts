import type { ErrorDetail } from "../../../core/errors.ts";
import { seesEverything } from "../../../core/grants.ts";
import type { Context } from "../../../core/context.ts";
import type { Finding } from "./schemas.ts";

/** A finding as the database tells it. */
export type FoundRow = {
  is_error: boolean;
  kind: string;
  entry: string;
  type: string;
  path: string | null;
  locale: string | null;
  detail: string | null;
};

type Told = [reason: string, message: string];

/** Findings in words; other entries are named to callers who may read all of them. */
export function presentFinding(ctx: Context, row: FoundRow): Finding {
  const { is_error: isError, entry, type, path, locale } = row;
  const other = seesEverything(ctx.actor.grants) && row.detail ? row.detail : "another entry";
  const [reason, message] = tell(row, other);
  return { severity: isError ? "error" : "warning", reason, message, entry, type, path, locale };
}

function tell({ kind, detail, path, locale }: FoundRow, other: string): Told {
  switch (kind) {
    case "missing":
      return ["content/not-found", "The entry was deleted."];
    case "no-version":
      return ["content/no-such-version", `The entry has no version ${detail}.`];
    case "no-locale":
      return ["content/unknown-locale", `There is no locale "${locale}".`];
    case "incomplete":
      return ["content/incomplete", `${path} is required before publishing.`];
    case "unreviewed":
      return [
        "content/not-reviewed",
        `The review is not complete: publishing is possible from the stage ${(JSON.parse(detail!) as string[]).join(" or ")}.`,
      ];
    case "no-translation":
      return ["releases/not-translated", `The entry has no values of its own in ${locale}.`];
    case "taken":
      return ["content/not-unique", `${path} has a value that ${other} has when the release is published.`];
    case "broken":
      return ["content/broken-reference", `${path} refers to ${detail}, which does not exist.`];
    case "unpublished-target":
      return ["releases/unpublished-reference", `${path} refers to ${other}, which is not published then.`];
    case "referenced":
      return ["content/referenced", `${path} of ${other} refers to it, which is published then.`];
    case "changed": {
      const [was, is] = detail!.split(" ");
      return ["releases/changed", `The entry was added at version ${was} and has version ${is} now.`];
    }
    case "changed-since":
      return ["releases/changed-since", "The entry was published or unpublished since."];
    case "elsewhere":
      return ["releases/in-another", `The entry is in the release ${detail}, too.`];
    case "refused":
      return ["access/not-granted", "Your roles do not let you publish this entry."];
    case "tree":
      return detail === "cycle"
        ? ["content/tree-cycle", `${path} would put the entry below itself.`]
        : ["content/tree-too-deep", `${path} would make a tree of too many levels.`];
    default:
      return ["content/rule-violated", detail ?? "The entry does not keep to the rules of its type."];
  }
}

/** A finding as a detail of an error. */
export const detailOf = ({ path, message, entry, type, locale, reason }: Finding): ErrorDetail => ({
  path: path ?? "",
  message,
  ...{ entry, type, reason },
  ...(locale === null ? {} : { locale }),
});
