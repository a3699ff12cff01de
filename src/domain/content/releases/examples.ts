const at = "2026-01-31T09:30:00.000Z";
const by = "tok_01jd3f0b6vfs8t4z9c7q2m5n8x";
const entry = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8y";

/** What examples show of a release, an entry in it, and its inverse. */
export const shown = {
  id: "rel_01jd3f0b6vfs8t4z9c7q2m5n8x",
  name: "Spring",
  description: null,
  version: 1,
  state: "open",
  items: 0,
  allow_broken_references: true,
  due_at: null,
  time_zone: null,
  failure: null,
  inverse_of: null,
  rolled_back_by: null,
  created_at: at,
  created_by: by,
  updated_at: at,
  published_at: null,
  published_by: null,
} as const;

export const params = { id: shown.id };
export const item = { entry, action: "publish", locales: ["en"] };
export const shownItem = {
  ...item,
  type: "blog_post",
  version: null,
  added_version: 3,
  added_at: at,
  added_by: by,
  replaced: null,
};
export const scheduled = {
  ...shown,
  version: 4,
  state: "scheduled",
  items: 1,
  due_at: "2099-01-31T08:30:00.000Z",
  time_zone: "Europe/Paris",
};
export const published = {
  ...shown,
  version: 6,
  state: "published",
  items: 1,
  published_at: at,
  published_by: by,
};
export const inverse = {
  ...published,
  id: "rel_01jd3f0b6vfs8t4z9c7q2m5n8y",
  name: "Rollback of Spring",
  version: 2,
  inverse_of: shown.id,
};
export const dryRun = {
  of: "publish",
  publishable: true,
  errors: 0,
  warnings: 1,
  findings: [
    {
      severity: "warning",
      reason: "releases/changed",
      message: "The entry was added at version 3 and has version 4 now.",
      entry,
      type: "blog_post",
      path: null,
      locale: null,
    },
  ],
};
