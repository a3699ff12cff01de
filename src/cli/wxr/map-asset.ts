import { cutText } from "../cut-text.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import { reportFailure } from "../import/or-report.ts";
import type { Known } from "./identify-items.ts";
import { decodeEntities, fit, isBadTime, timeOf } from "./item-values.ts";
import type { Say, Step } from "./step.ts";

const MAX_URL_LENGTH = 2000;

/** An attachment, which stays where it is; one without an address of the web is reported and left out. */
export function mapAsset(
  { item, sourceId, title, id }: Known,
  site: string,
  report: ImportReport,
): Step | undefined {
  const { fields } = item;
  const say: Say = (reason) => report.notes.push({ kind: "asset", id: sourceId, title, reason });
  const given = (fields["wp:attachment_url"] || fields["guid"] || "").trim();
  const url = addressOf(given, site);
  if (url === undefined) {
    countsOf(report, "asset").seen++;
    const why = given === "" ? "has no URL" : `"${cutText(given, 100)}" is not a web URL`;
    reportFailure(report, { kind: "asset", id: sourceId, title }, why);
    return undefined;
  }
  const alt = item.meta.find((one) => one.key === "_wp_attachment_image_alt")?.value.trim();
  const created = timeOf(item);
  if (isBadTime(fields["wp:post_date_gmt"]))
    say(`its date "${fields["wp:post_date_gmt"]}" is not a date: left out`);
  const values = {
    source_url: url,
    title: fit(decodeEntities(title), 1000, "title", say),
    alt: fit(alt, 2000, "alternative text", say),
    caption: fit(fields["excerpt:encoded"], 5000, "caption", say),
    description: fit(fields["content:encoded"], 20_000, "description", say),
    ...(created === undefined ? {} : { created_at: new Date(created).toISOString() }),
  };
  return { kind: "asset", sourceId, title, id, fields: values, refs: [] };
}

/** An absolute web URL that is not too long; undefined for anything else. */
function addressOf(given: string, site: string): string | undefined {
  if (given === "") return undefined;
  if (URL.canParse(given)) return isKept(given) ? given : undefined;
  const whole = URL.canParse(given, site) ? new URL(given, site).href : "";
  return isKept(whole) ? whole : undefined;
}

const isKept = (url: string) => /^https?:\/\/./i.test(url) && url.length <= MAX_URL_LENGTH;
