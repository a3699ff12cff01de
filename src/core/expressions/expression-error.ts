/** Why an expression cannot be used, or not with these values: in words that never contain a value. */
export class ExpressionError extends Error {
  /** A name that is none of the valid ones. */
  readonly named: { written: string; valid: () => Iterable<string> } | undefined;

  constructor(message: string, named?: { written: string; valid: () => Iterable<string> }) {
    super(message);
    this.named = named;
  }
}

/** The expression needs a value that is not there. */
export class NoValue extends ExpressionError {
  constructor() {
    super("needs a value that is missing");
  }
}

/** The expression takes more steps than it may. */
export class TooManySteps extends ExpressionError {
  constructor() {
    super("takes too many steps");
  }
}
