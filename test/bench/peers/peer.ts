import { readFileSync } from "node:fs";
import { z } from "zod";
import { adapters } from "./adapters.ts";

/** A running product with a `post` type and at least 2,000 published posts. */
const peerSchema = z.strictObject({
  name: z.string(),
  adapter: z.enum(Object.keys(adapters) as [keyof typeof adapters]),
  url: z.url(),
  /** The Authorization header of creates. */
  authorization: z.string(),
  /** The one of reads; left out where everybody may read published posts. */
  readAuthorization: z.string().optional(),
  /** The id of the author that new posts refer to. */
  author: z.union([z.string(), z.int()]),
  /** What the product calls the type, where it gives it an id. */
  collection: z.string().optional(),
  /** The server's first processes; those that they start are counted too. */
  pids: z.array(z.int()).min(1),
  /** The Postgres database whose connections are counted; left out where the server contains its database. */
  database: z.string().optional(),
});
export type Peer = z.infer<typeof peerSchema>;

export const readPeers = (file: string): Peer[] =>
  z.strictObject({ peers: z.array(peerSchema).min(1) }).parse(JSON.parse(readFileSync(file, "utf8"))).peers;
