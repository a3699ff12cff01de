import type { SqlResult, SqlStatement } from "./sql-backend.ts";
import type { RowMode } from "./sql-request.ts";

type Cell = string | null;
const BOOL = 16;
const NUMBERS = new Set([21, 23, 26, 700, 701]);
const JSONS = new Set([114, 3802]);

/**
 * Raw text arrays, which the driver requests, are passed through; other clients get objects and JSON
 * values.
 */
export function shapeResult(result: SqlResult, { isArray, isRaw }: RowMode): SqlResult {
  if (isArray && isRaw) return result;
  const { fields } = result;
  const rows = (result.rows as Cell[][]).map((cells) => {
    const values = isRaw ? cells : cells.map((cell, i) => toJsonValue(cell, fields[i]!.dataTypeID));
    return isArray ? values : Object.fromEntries(values.map((value, i) => [fields[i]!.name, value]));
  });
  return { ...result, rowAsArray: isArray, rows };
}

function toJsonValue(cell: Cell, type: number): unknown {
  if (cell === null) return null;
  if (type === BOOL) return cell === "t";
  if (JSONS.has(type)) return JSON.parse(cell);
  if (!NUMBERS.has(type)) return cell;
  const number = Number(cell);
  return Number.isFinite(number) ? number : cell;
}

const SESSION_COMMANDS = new Set([
  "SET",
  "RESET",
  "DISCARD",
  "PREPARE",
  "DEALLOCATE",
  "LISTEN",
  "UNLISTEN",
  "DECLARE",
  "LOAD",
]);

/** Whether a statement may have left something behind in its session that the next request would see. */
export function changesSession({ query }: SqlStatement, { command }: SqlResult): boolean {
  if (SESSION_COMMANDS.has(command)) return true;
  if (!query.includes("set_config")) return false;
  const settings = query.match(/set_config\s*\(/gi)?.length ?? 0;
  const locals = query.match(/,\s*true\s*\)/gi)?.length ?? 0;
  return settings > locals;
}

/** "INSERT 0 3", "SELECT 2", "CREATE TABLE": the word, and the last number as the count. */
export function readTag(result: SqlResult, tag: string): void {
  const words = tag.split(" ");
  const count = Number(words.at(-1));
  result.command = words[0]!;
  if (words.length > 1 && Number.isInteger(count)) result.rowCount = count;
}
