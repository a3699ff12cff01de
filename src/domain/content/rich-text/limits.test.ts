import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyDocument } from "./any-document.ts";
import { htmlToRichText, renderText, validateRichText } from "./index.ts";
import { LIMITED_NODES, limitProblems, reduceToLimits, type RichTextLimits } from "./limits.ts";
import { MARKS } from "./schema.ts";

const anyLimits: fc.Arbitrary<RichTextLimits> = fc.record(
  {
    nodes: fc.subarray([...LIMITED_NODES]),
    marks: fc.subarray(Object.keys(MARKS)),
    headings: fc.subarray([1, 2, 3, 4, 5, 6]),
    protocols: fc.subarray(["https", "mailto", "relative", "entry"]),
  },
  { requiredKeys: [] },
);

describe("limits of rich text", () => {
  it("leave a valid document that keeps to them", () => {
    fc.assert(
      fc.property(anyDocument, anyLimits, (doc, limits) => {
        const reduced = reduceToLimits(doc, limits).doc;
        expect(validateRichText(reduced)).toEqual([]);
        expect(limitProblems(reduced, limits)).toEqual([]);
        expect(reduceToLimits(reduced, limits).doc).toEqual(reduced);
      }),
    );
  });

  it("leave a document that keeps to them as it is, without notes", () => {
    fc.assert(
      fc.property(anyDocument, anyLimits, (doc, limits) => {
        if (limitProblems(doc, limits).length > 0) return;
        const { doc: reduced, notes } = reduceToLimits(doc, limits);
        expect(reduced).toEqual(doc);
        expect(notes.size).toBe(0);
      }),
    );
  });

  it("keep the words of pasted HTML", () => {
    const html = `<h1>One</h1><table><tr><td>a</td><td><ul><li>b</li></ul></td></tr></table>
      <blockquote><p>c <b>d</b> <a href="http://x.org">e</a></p></blockquote><pre>f</pre>
      <dl><dt>g</dt><dd>h</dd></dl><p>i<br>j</p><hr>`;
    const limits = { nodes: ["heading"], marks: ["bold", "link"], headings: [2, 3], protocols: ["https"] };
    const { doc, notes } = reduceToLimits(htmlToRichText(html).doc, limits);
    expect(renderText(doc).split(/\s+/)).toEqual("One a b c d e f g h i j".split(" "));
    expect(doc.content![0]).toMatchObject({ type: "heading", attrs: { level: 2 } });
    expect(Object.fromEntries(notes)).toEqual({
      "changed a heading of level 1 to 2": 1,
      "dropped the mark link": 1,
      "unwrapped or dropped table": 1,
      "unwrapped or dropped bulletList": 1,
      "unwrapped or dropped blockquote": 1,
      "unwrapped or dropped codeBlock": 1,
      "unwrapped or dropped definitionList": 1,
      "unwrapped or dropped hardBreak": 1,
      "unwrapped or dropped horizontalRule": 1,
    });
  });

  it("name the place of what is not allowed", () => {
    const doc = {
      type: "doc" as const,
      content: [
        { type: "heading", attrs: { level: 1 } },
        {
          type: "paragraph",
          content: [
            {
              type: "text",
              text: "a",
              marks: [{ type: "link", attrs: { href: "mailto:a@b.co" } }, { type: "bold" }],
            },
          ],
        },
        { type: "table" },
      ],
    };
    const problems = limitProblems(doc, {
      nodes: ["heading"],
      marks: ["link"],
      headings: [2],
      protocols: ["https"],
    });
    expect(problems.map(({ path }) => path)).toEqual([
      "content[0].attrs.level",
      "content[1].content[0].marks[0]",
      "content[1].content[0].marks[1]",
      "content[2].type",
    ]);
  });
});
