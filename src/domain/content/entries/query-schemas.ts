import * as z from "zod";
import { OPERATORS } from "../grants/index.ts";
import { DEFAULT_LIMIT, DEFAULT_RELATED, MAX_LIMIT, MAX_LISTED_TYPES } from "./query/index.ts";

// What the queries of reads may hold, for the document: `list-query.ts` and `aggregate-entries.ts`
// read them.

const names = z.string().regex(/^[^,]+(,[^,]+)*$/);
export const ViewQuery = z.strictObject({
  perspective: z
    .enum(["published", "draft"])
    .default("published")
    .describe("`draft` returns working copies and needs `content:read-draft`."),
  release: z
    .string()
    .optional()
    .describe(
      "A release (`rel_…`): shows what is published as it would be after it. Needs `content:read-draft` and `releases:read`.",
    ),
  locale: z
    .string()
    .optional()
    .describe(
      "The locale, by default the environment's; missing values are taken from its fallbacks. `*` returns entries in all locales, each localised value as an object by locale: filters, sort and search see the default locale.",
    ),
  fields: names
    .optional()
    .describe(
      "Only these fields, separated by commas; with paths only these parts of components, blocks and referenced entries, which need no `include`: `title,seo.title,author.name,articles.title`.",
    ),
  include: names
    .optional()
    .describe(
      "Reference and media fields and back references to resolve, and components and blocks that contain such fields, as paths of up to three levels: `author,author.avatar`. Of lists among them `include[articles][filter][kind]=news`, `include[articles][sort]=-price` and `include[articles][limit]=3` say which entries are shown, and include them.",
    ),
  related_limit: z
    .int()
    .min(1)
    .max(MAX_LIMIT)
    .default(DEFAULT_RELATED)
    .describe("How many entries of a back reference `include` shows."),
  rich_text: z.enum(["json", "html", "text"]).default("json").describe("The format of rich text."),
  environment: z.string().optional().describe("The same as the header X-Flow-Environment."),
});
const matching = {
  q: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe("Full-text search with prefix match and typo tolerance, best match first."),
  filter: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      `\`filter[field][operator]=value\`, up to 50 conditions; the default operator is \`eq\`. Operators: ${OPERATORS.map((one) => `\`${one}\``).join(" ")}. \`filter[or][0][kind]=news\`, \`filter[not][…]\`, \`filter[author][name]=Ann\`, \`filter[seo][title]=Edge\`, \`filter[page][hero][text]=Hello\`; or one JSON object in \`filter=\`.`,
    ),
};
export const ListQuery = ViewQuery.extend({
  page: z.int().min(1).default(1).describe("Up to entry 10,000; `cursor` has no limit."),
  limit: z.int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe("Entries per page."),
  cursor: z.string().optional().describe("`pagination.next_cursor` of the previous response."),
  sort: names
    .optional()
    .describe(
      "Up to five fields, also in components (`seo.title`) and of a referenced entry (`author.name`); the prefix `-` sorts descending, the suffix `:nulls_first` or `:nulls_last` places entries without a value: `-published_at,title`. `place:near(52.5,13.4)` sorts by distance; `random:7` is an order that looks random, the same for the same seed. With `q`, `-_score` is the default.",
    ),
  ...matching,
  highlight: z
    .enum(["true", "false"])
    .optional()
    .describe("Returns text fragments in which the matches of `q` are marked."),
  facets: names.optional().describe("Up to ten fields whose values are counted over all matches."),
  total: z
    .enum(["true", "false", "exact"])
    .default("true")
    .describe(
      "`false` counts nothing, `exact` counts without the limit of 10,000, at the cost of an aggregate.",
    ),
});
export const SeveralQuery = ListQuery.omit({ page: true, facets: true, highlight: true, total: true }).extend(
  {
    types: names.describe(`The ids of up to ${MAX_LISTED_TYPES} content types, separated by commas.`),
  },
);
export const AggregateQuery = z.strictObject({
  group_by: names
    .optional()
    .describe(
      "Up to three fields; the largest groups come first. Entries count in the group of each value of a list. Datetimes may be grouped by spans of time, which come in their order: `published_at:month`, or `year`, `quarter`, `week`, `day`, `hour`.",
    ),
  time_zone: z.string().max(64).default("UTC").describe("The time zone of spans of time: `Europe/Berlin`."),
  min: names.optional().describe("Up to ten number or datetime fields: the lowest value of each."),
  max: names.optional().describe("Up to ten such fields: the highest value of each."),
  avg: names.optional().describe("Up to ten number fields: the average of each."),
  sum: names.optional().describe("Up to ten number fields: the sum of each."),
  distinct: names
    .optional()
    .describe("Up to ten single-value fields: how many different values each has; `group_by` lists them."),
  ...matching,
  perspective: ViewQuery.shape.perspective,
  release: ViewQuery.shape.release,
  locale: ViewQuery.shape.locale,
  environment: ViewQuery.shape.environment,
});
