// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { pathOf } from "../path.ts";
import type { RegisteredOperation } from "./shapes.ts";

export type Operations = {
  /** List registered operations. By name, 2,000 at most. */
  list(options?: CallOptions): Promise<RegisteredOperation[]>;
  /** Register an operation. Or replace the one that has the name. */
  put(name: string, document: string, options?: CallOptions): Promise<RegisteredOperation>;
  /** Delete a registered operation. Clients that send its name are answered that there is none. */
  delete(name: string, options?: CallOptions): Promise<void>;
};

export const operationsOf = (ask: Ask): Operations => ({
  list: async (options) => dataOf(await ask("GET", pathOf("operations"), {}, options)),
  put: async (name, document, options) =>
    dataOf(await ask("PUT", pathOf("operations", name), { body: { document } }, options)),
  delete: async (name, options) => void (await ask("DELETE", pathOf("operations", name), {}, options)),
});
