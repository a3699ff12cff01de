import * as z from "zod";

export const Ticket = z.object({
  ticket: z.string().describe("For `connection_init`: `{ ticket }`. It is valid once."),
  expires_at: z.iso.datetime().describe("A minute from now."),
});
export type Ticket = z.infer<typeof Ticket>;
