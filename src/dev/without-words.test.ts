import { expect, it } from "vitest";
import { withoutWords } from "./without-words.ts";

it("takes descriptions off schemas, however they are chained, and leaves the rest as it is", () => {
  const text = `const A = z
    .string()
    .max(5)
    .describe("Such as \`a\`: (b).")
    .optional();
  const B = z.object({ a: A.describe(words("x")), description: z.string() });`;
  const bare = withoutWords("src/domain/x/schemas.ts", text);
  expect(bare.replace(/\s+/g, "")).toBe(
    "constA=z.string().max(5).optional();constB=z.object({a:A,description:z.string()});",
  );
});

it("takes words and examples off declared operations, but no schema that is called like them", () => {
  const text = `export const ops = { description: "All of it.", operations: [operation({
    path: "/x", summary: "Do x", description: \`Long \${words}\`, query: z.object({ description: z.string() }),
    example: { params: { id: "x" } }, run: (ctx) => x(ctx) })] };`;
  expect(withoutWords("src/domain/x/operations-writing.ts", text).replace(/\s+/g, "")).toBe(
    'exportconstops={description:"",operations:[operation({path:"/x",summary:"",description:"",query:z.object({description:z.string()}),example:{},run:(ctx)=>x(ctx)})]};',
  );
});
