import { expect, it } from "vitest";
import { CATALOGUE } from "../../domain/reach/webhooks/operations.ts";
import { createDocument } from "./document.ts";
import { GROUPS } from "./groups.ts";
import { exampleOf, payloadSchema } from "./webhooks.ts";

it("describes every event with a schema, and an example that fits it", () => {
  const names = Object.keys(CATALOGUE) as (keyof typeof CATALOGUE)[];
  const document = createDocument(GROUPS);
  expect(Object.keys(document.webhooks).toSorted()).toEqual(names.toSorted());
  const ids = Object.values(document.webhooks).map(
    (one) => (one as { post: { operationId: string } }).post.operationId,
  );
  expect(new Set(ids).size).toBe(names.length);
  for (const name of names)
    expect(payloadSchema(name).strict().safeParse(exampleOf(name)).error, name).toBeUndefined();
});
