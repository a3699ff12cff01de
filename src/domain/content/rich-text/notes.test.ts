import { describe, expect, it } from "vitest";
import { htmlToRichText, renderHtml } from "./index.ts";

const convert = (html: string) => {
  const { doc, notes } = htmlToRichText(html);
  return { html: renderHtml(doc), notes };
};

describe("notes tell what a text loses", () => {
  it("nothing of what is no content of a page", () => {
    const head = '<meta charset="utf-8"><title>t</title><link rel="x" href="/y"><base href="/">';
    expect(convert(`<html><head>${head}</head><body>${head}<p>a</p></body></html>`)).toEqual({
      html: "<p>a</p>",
      notes: [],
    });
  });

  it.each([
    ["font", '<font color="red">a</font><font color="#00f">b</font>', ["dropped a text colour"]],
    ["style", '<span style="color: red">a</span><p style="COLOR:#12f">b</p>', ["dropped a text colour"]],
    ["a strong one", '<strong style="color: var(--accent)">a</strong>', ["dropped a text colour"]],
    ["ground", '<span style="background-color:#ff0">a</span>', ["dropped a background colour"]],
    ["a short ground", '<td style="background: yellow">a</td>', ["dropped a background colour"]],
    ["both, of which one is as it was", '<font color="red" style="color: inherit">a</font>', []],
    ["black", '<font color="#000000">a</font><span style="color: rgb(0, 0, 0)">b</span>', []],
    [
      "white ground",
      '<p style="background-color: transparent; color: windowtext; background: white">a</p>',
      [],
    ],
    ["an image behind", '<div style="background: url(/x.png) no-repeat">a</div>', []],
    ["a link", '<a href="/x" style="color:#1155cc"><span style="color:#1155cc">a</span></a>', []],
    ["a highlight", '<mark style="background-color:#ff0">a</mark>', []],
    ["highlighted code", '<pre><span style="color:#708">let</span></pre>', []],
  ])("colours, once: %s", (_, html, notes) => expect(convert(html).notes).toEqual(notes));
});
