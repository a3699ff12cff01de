import { AppError } from "../../../../core/errors.ts";

const POLL_MS = 100;
const MAX_WAIT_MS = 1000;

/**
 * Reads an entry until it is at a version, for a second at most. Throws PRECONDITION_FAILED when it is
 * older then, and what the last read threw when it threw.
 */
export async function notOlder<T extends { item: string }>(
  minVersion: number | undefined,
  read: () => Promise<T>,
): Promise<T> {
  if (minVersion === undefined) return read();
  for (let waited = 0; ; waited += POLL_MS) {
    const isLast = waited >= MAX_WAIT_MS;
    const found = await read().catch((error: unknown) => {
      const isMissing = error instanceof AppError && error.code === "NOT_FOUND";
      if (isLast || !isMissing) throw error;
      return undefined;
    });
    const version = found && (JSON.parse(found.item) as { version: number }).version;
    if (found && version! >= minVersion) return found;
    if (isLast) throw tooOld(version!, minVersion);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
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
