import type { StoragePort } from "../core/context.ts";
import { AppError } from "../core/errors.ts";

/** Files in an R2 bucket; without one every use is UNAVAILABLE and names the setting. */
export function assetStorage(bucket: R2Bucket | undefined): StoragePort {
  const opened = (): R2Bucket => {
    if (bucket) return bucket;
    throw new AppError(
      "UNAVAILABLE",
      "assets/no-storage",
      "There is no bucket for files: create it with `wrangler r2 bucket create flow-assets` and bind it as ASSETS.",
    );
  };
  return {
    async put(key, bytes, contentType) {
      // The key has the hash of the file: an existing object is identical.
      await opened().put(key, bytes, { httpMetadata: { contentType }, onlyIf: { etagDoesNotMatch: "*" } });
    },
    has: async (key) => (await opened().head(key)) !== null,
    delete: (keys) => opened().delete(keys),
    async get(key, range) {
      const object = await opened().get(key, range ? { range } : {});
      if (!object || !("body" in object)) return undefined;
      return { body: object.body, size: object.size };
    },
  };
}
