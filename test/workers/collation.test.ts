import { expect, it } from "vitest";
import { newTenant } from "../support/tenant.ts";

const WORDS = [
  "zebra",
  "Äpfel",
  "apple",
  "Banana",
  "Zoo",
  "éclair",
  "echo",
  "äpfel",
  "10",
  "Apple",
  "öl",
  "Ober",
];
const SORTED = [
  "10",
  "äpfel",
  "Äpfel",
  "apple",
  "Apple",
  "Banana",
  "echo",
  "éclair",
  "Ober",
  "öl",
  "zebra",
  "Zoo",
];

it("texts are sorted as people sort them, page by page, in both perspectives and by GraphQL; equality stays exact", async () => {
  const tenant = await newTenant();
  await tenant.put("/types/word", {
    id: "word",
    name: "Word",
    fields: [{ id: "text", type: "short_text", unique: true }],
  });
  for (const text of WORDS) await tenant.published("word", { text });
  for (const perspective of ["published", "draft"])
    for (const sort of ["text", "-text"]) {
      const found: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const after = cursor === "" ? "" : `&cursor=${cursor}`;
        const page = await tenant.get(
          `/content/word?perspective=${perspective}&sort=${sort}&limit=5${after}`,
        );
        expect(page.status, page.text).toBe(200);
        found.push(...page.body.data.map((one: { text: string }) => one.text));
        cursor = page.body.pagination.next_cursor;
      }
      expect(found).toEqual(sort === "text" ? SORTED : SORTED.toReversed());
    }
  const { body } = await tenant.post("/graphql", {
    query: "{ wordList(sort: [text_ASC], limit: 50) { text } }",
  });
  expect(body.data.wordList.map((one: { text: string }) => one.text)).toEqual(SORTED);
  expect((await tenant.get("/content/word?filter[text][eq]=apple")).body.data).toHaveLength(1);
  expect((await tenant.post("/content/word", { text: "APPLE" })).status).toBe(201);
  expect((await tenant.post("/content/word", { text: "apple" })).status).toBe(409);
});
