import type { Value } from "./values.ts";
import { ExpressionError, TooManySteps } from "./expression-error.ts";

/** Characters of a text, and elements of a list, that an expression may make. */
const MAX_TEXT = 200_000;
const MAX_LIST = 10_000;

/**
 * What evaluations may take together, in steps: one for each part of an expression each time that it is
 * evaluated, and more for what takes longer the larger a value is. The same values always take the same.
 */
export class Budget {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  get left(): number {
    return this.#left;
  }

  /** Throws TooManySteps when there are not as many left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TooManySteps();
  }

  /** Text is looked through quickly: 32 characters in a step. */
  spendText(...texts: string[]): void {
    for (const { length } of texts) this.spend(1 + (length >> 5));
  }

  /** A value that is written out: what is in it several times is written as often. */
  spendValue(value: Value): void {
    this.spend(1);
    if (typeof value === "string") this.spendText(value);
    else if (Array.isArray(value)) for (const one of value) this.spendValue(one);
    else if (value instanceof Map) for (const one of value.values()) this.spendValue(one);
  }

  /** A text that was made; throws when it is too long. */
  made(text: string): string {
    if (text.length > MAX_TEXT) throw new ExpressionError("makes a text that is too long");
    this.spendText(text);
    return text;
  }

  /** A list that was made; throws when it is too long. */
  madeList<T>(list: T[]): T[] {
    if (list.length > MAX_LIST) throw new ExpressionError("makes a list that is too long");
    this.spend(list.length);
    return list;
  }
}
