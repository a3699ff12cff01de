import * as z from "zod";
import { OPERATORS } from "../grants/index.ts";
import { DEFAULT_LIMIT, MAX_LIMIT } from "./query/index.ts";

// What the queries of reads may hold, for the document: `list-query.ts` and `aggregate-entries.ts`
// read them.

const names = z.string().regex(/^[^,]+(,[^,]+)*$/);
export const ViewQuery = z.strictObject({
  perspective: z
    .enum(["published", "draft"])
    .default("published")
    .describe("`draft` shows working copies and needs `content:read-draft`."),
  locale: z
    .string()
    .optional()
    .describe(
      "The locale to show, the default one when absent; a missing value is taken from the fallbacks. `*` shows drafts in all locales, each localised value as an object.",
    ),
  fields: names.optional().describe("Only these fields, with commas between them."),
  include: names
    .optional()
    .describe(
      "Reference and media fields to fill in, and components and blocks with such inside, as paths up to three deep: `author,author.avatar`.",
    ),
  rich_text: z.enum(["json", "html", "text"]).default("json").describe("How rich text is shown."),
  environment: z.string().optional().describe("As the header X-Flow-Environment."),
});
const matching = {
  q: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Words to find, best first, with prefix match and typo tolerance."),
  filter: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      `\`filter[field][operator]=value\`, up to 50 conditions; without an operator \`eq\` is meant. Operators: ${OPERATORS.map((one) => `\`${one}\``).join(" ")}. \`filter[or][0][kind]=news\`, \`filter[not][…]\`, \`filter[author][name]=Ann\`; or all of it as one JSON object in \`filter=\`.`,
    ),
};
export const ListQuery = ViewQuery.extend({
  page: z.int().min(1).default(1).describe("Reaches to entry 10,000; `cursor` has no end."),
  limit: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe("How many for each page."),
  cursor: z.string().optional().describe("`pagination.next_cursor` of the answer before."),
  sort: names
    .optional()
    .describe(
      "Up to five fields, `-` before one turns it round, `:nulls_first` or `:nulls_last` after it places entries without a value: `-published_at,title`. With `q`, `-_score` is the default.",
    ),
  ...matching,
  highlight: z.enum(["true", "false"]).optional().describe("Marks the words of `q` where they were found."),
  facets: names
    .optional()
    .describe("Up to ten fields whose values are counted over everything that matches."),
});
export const AggregateQuery = z.strictObject({
  group_by: names.optional().describe("Up to three fields with one value; the largest groups come first."),
  min: names.optional().describe("Up to ten fields with numbers or times: the smallest value of each."),
  max: names.optional().describe("Up to ten such fields: the largest value of each."),
  avg: names.optional().describe("Up to ten fields with numbers: the average of each."),
  sum: names.optional().describe("Up to ten fields with numbers: the sum of each."),
  ...matching,
  perspective: ViewQuery.shape.perspective,
  locale: ViewQuery.shape.locale,
  environment: ViewQuery.shape.environment,
});
