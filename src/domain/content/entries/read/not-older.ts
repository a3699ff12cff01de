import { AppError } from "../../../../core/errors.ts";
import { withinASecond } from "../../../../core/within-a-second.ts";

/**
 * Reads an entry until it is at a version, for a second at most. Throws PRECONDITION_FAILED when it is
 * older then, and what the last read threw when it threw.
 */
export async function notOlder<T extends { item: string }>(
  minVersion: number | undefined,
  read: () => Promise<T>,
): Promise<T> {
  if (minVersion === undefined) return read();
  const shown = await withinASecond(async (isLast) => {
    const found = await read().catch((error: unknown) => {
      const isMissing = error instanceof AppError && error.code === "NOT_FOUND";
      if (isLast || !isMissing) throw error;
      return undefined;
    });
    const version = found && (JSON.parse(found.item) as { version: number }).version;
    if (found && version! >= minVersion) return found;
    if (isLast) throw tooOld(version!, minVersion);
    return undefined;
  });
  return shown!;
}

const tooOld = (version: number, minVersion: number) =>
  new AppError(
    "PRECONDITION_FAILED",
    "content/not-visible-yet",
    `The entry is at version ${version}, not at ${minVersion} or newer: try again.`,
    {
      details: [{ path: "min_version", message: `is newer than ${version}`, current_version: version }],
      headers: { "retry-after": "1" },
    },
  );
