import type { Cell } from "../../types/index.ts";

/**
 * A value as the side table holds it; short names because thousands travel as JSON. `x` is the element
 * of lists and blocks that it is in.
 */
export type FieldRow = { f: string; l: string; o: number; u?: string; x?: string } & Cell;
