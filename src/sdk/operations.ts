import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { pathOf } from "./path.ts";

/** A GraphQL document that is run by its name. */
export type Operation = { name: string; document: string; updated_at: string; updated_by: string };

/** Registered GraphQL documents, which `graphql({ documentId: name })` runs. */
export type Operations = {
  list(options?: CallOptions): Promise<Operation[]>;
  /** Registers a document, or puts it in place of the one that has the name. */
  put(name: string, document: string, options?: CallOptions): Promise<Operation>;
  delete(name: string, options?: CallOptions): Promise<void>;
};

export const operationsOf = (ask: Ask): Operations => ({
  list: async (options) => dataOf(await ask("GET", pathOf("operations"), {}, options)),
  put: async (name, document, options) =>
    dataOf(await ask("PUT", pathOf("operations", name), { body: { document } }, options)),
  delete: async (name, options) => void (await ask("DELETE", pathOf("operations", name), {}, options)),
});
