import { describe, expect, it } from "vitest";
import { emptyReport } from "../import/report.ts";
import type { CtfExport, Sys } from "./export-file.ts";
import { mapEntries } from "./map-entries.ts";
import { mapLocales } from "./map-locales.ts";
import { mapTypes } from "./map-types.ts";

const contentType = { sys: { type: "Link", linkType: "ContentType", id: "page" } };
const fields = { title: { en: "One", de: "Eins" } };

/** What becomes of one entry with these facts. */
function mapOne(sys: Partial<Sys>, publishesChanged = false) {
  const source: CtfExport = {
    contentTypes: [{ sys: { id: "page" }, fields: [{ id: "title", type: "Symbol", localized: true }] }],
    entries: [{ sys: { id: "e1", contentType, ...sys }, fields }],
    assets: [],
    locales: [{ code: "en", default: true }, { code: "de" }],
    editorInterfaces: [],
    others: {},
  };
  const report = emptyReport(true);
  const locales = mapLocales(source, new Map(), report.notes);
  const types = mapTypes(source, locales, report);
  const plans = {
    source,
    types,
    locales,
    space: "s",
    assets: new Map(),
    published: undefined,
    publishesChanged,
  };
  const [step] = mapEntries(plans, report);
  return {
    published: step!.state.published,
    at: step!.state.published_at,
    notes: report.notes.map((one) => one.reason),
  };
}
const whole = [{ fields: { title: { en: "One", de: "Eins" } } }];

describe("the state of an entry of Contentful", () => {
  it("is published when nothing was changed since", () => {
    const dates = { firstPublishedAt: "2020-01-02T00:00:00Z", publishedAt: "2021-01-01T00:00:00Z" };
    expect(mapOne({ version: 5, publishedVersion: 4, ...dates })).toEqual({
      published: whole,
      at: "2020-01-02T00:00:00.000Z",
      notes: [],
    });
    expect(mapOne({ revision: 3 }).published).toEqual(whole);
    expect(mapOne({ version: 1 })).toMatchObject({ published: [], notes: [] });
  });

  it("stays a draft when it was changed, unless changes are wanted", () => {
    const changed = { version: 9, publishedVersion: 4 };
    expect(mapOne(changed)).toMatchObject({
      published: [],
      notes: [expect.stringContaining("imported as a draft")],
    });
    expect(mapOne(changed, true)).toMatchObject({
      published: whole,
      notes: [expect.stringContaining("were published")],
    });
    expect(mapOne({ ...changed, archivedVersion: 8 }, true)).toMatchObject({
      published: [],
      notes: [expect.stringContaining("archived")],
    });
  });

  it("is published in the locales in which it was", () => {
    const status = (en: "draft" | "published", de: "draft" | "changed" | "published") => ({
      version: 9,
      publishedVersion: 4,
      fieldStatus: { "*": { en, de } },
    });
    const locales = (sys: Partial<Sys>, publishesChanged = false) =>
      mapOne(sys, publishesChanged).published.map((one) => one.locales);
    expect(locales(status("published", "draft"))).toEqual([["en"]]);
    expect(locales(status("published", "changed"))).toEqual([["en"]]);
    expect(locales(status("published", "changed"), true)).toEqual([["en", "de"]]);
    expect(locales(status("draft", "draft"))).toEqual([]);
    expect(mapOne(status("published", "published"))).toMatchObject({ published: whole, notes: [] });
    expect(mapOne(status("published", "changed")).notes).toEqual([expect.stringContaining("in de")]);
  });
});
