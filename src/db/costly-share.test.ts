import { expect, it } from "vitest";
import { withinShare } from "./costly-share.ts";

it("a tenant's slow reads run two at a time, others' meanwhile, and one that is known to be quick at once", async () => {
  let most = 0;
  let now = 0;
  const held: (() => void)[] = [];
  const read = (tenant: string, subject = "notes") =>
    withinShare(tenant, { subject, trials: 1 }, async () => {
      most = Math.max(most, ++now);
      await new Promise<void>((done) => held.push(done));
      now--;
      return "done";
    });
  const first = [read("a"), read("a")];
  const late = await read("a").catch((error: unknown) => error);
  expect(late).toMatchObject({
    code: "RATE_LIMITED",
    reason: "db/costly-share",
    headers: { "retry-after": "2" },
  });
  const other = read("b");
  await expect.poll(() => held.length).toBe(3);
  for (const done of held.splice(0)) done();
  expect(await Promise.all([...first, other])).toEqual(["done", "done", "done"]);
  expect(most).toBe(3);
  // Once it is known to be quick, it does not wait for a turn.
  const quick = () => withinShare("c", { subject: "notes", trials: 1 }, () => Promise.resolve("done"));
  await quick();
  const slow = [read("c", "other"), read("c", "other")];
  await expect.poll(() => held.length).toBe(2);
  expect(await Promise.all(Array.from({ length: 20 }, quick))).toHaveLength(20);
  for (const done of held.splice(0)) done();
  await Promise.all(slow);
});
