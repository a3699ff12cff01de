import type { Client } from "flowcms/client";
import type { Offer, Schema } from "./schema.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_isSame: Same<A, B>): void => {};

/** Never runs: what the compiler accepts and refuses here is the test. */
export async function typedValues(flow: Client<Schema>): Promise<void> {
  const { data } = await flow.content.list("offer", {
    filter: {
      weight: { gte: "0.5" },
      price: { amount: { lt: 10 }, currency: "EUR" },
      opens: "09:30",
      valid: { contains: "2026-01-31" },
      shown: { to: { exists: false } },
      ages: { overlaps: { from: 3 } },
      stars: [4, 5],
      sizes: { gt: 3 },
      days: { in: ["2026-01-31"] },
      places: { near: "52.5,13.4,5" },
    },
    sort: ["price", "-price.amount", "valid.to", "opens", "state:options", "weight:nulls_first"],
    facets: ["price.currency", "weight", "stars"],
  });
  for (const offer of data) {
    same<typeof offer.price, Offer["price"]>(true);
    const amount: string = offer.price.amount;
    same<Offer["price"]["currency"], "EUR" | "JPY">(true);
    const to: string | null | undefined = offer.valid?.to;
    const from: number | null | undefined = offer.ages?.from;
    same<Offer["stars"], 5 | 4 | null>(true);
    void [amount, to, from];
  }
  await flow.content.aggregate("offer", {
    group_by: ["price.currency"],
    sum: ["price.amount", "weight"],
    max: ["opens", "valid.to"],
  });
  await flow.content.create("offer", {
    weight: "1.250",
    price: { amount: "12.50", currency: "EUR" },
    opens: "09:30",
    valid: { from: "2026-01-31" },
    stars: 4,
    sizes: [38, 40],
  });
  // @ts-expect-error an exact decimal is a string
  await flow.content.create("offer", { weight: 1.25 });
  // @ts-expect-error not one of its currencies
  await flow.content.create("offer", { price: { amount: "1", currency: "USD" } });
  // @ts-expect-error not one of its options
  await flow.content.create("offer", { stars: 3 });
  // @ts-expect-error no such part
  await flow.content.list("offer", { filter: { price: { sum: "1" } } });
  // @ts-expect-error a price is no number
  await flow.content.list("offer", { filter: { price: 12 } });
  // @ts-expect-error no such part
  await flow.content.list("offer", { sort: ["price.sum"] });
  // @ts-expect-error days are not added up
  await flow.content.aggregate("offer", { sum: ["valid.to"] });
}
