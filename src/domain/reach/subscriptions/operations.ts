import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { Ticket } from "./schemas.ts";
import { createTicket } from "./tickets.ts";

const operation = declares<Context>("realtime/bad-query");

export const realtimeOperations: OperationGroup<Operation<Context>> = {
  tag: "Subscriptions",
  description:
    "Subscriptions are GraphQL over a WebSocket (`graphql-transport-ws`) or server-sent events at `/api/v3/graphql`. A page signs in with a ticket, which its server gets for it.",
  schemas: { Ticket },
  operations: [
    operation({
      method: "post",
      path: "/realtime/tickets",
      operationId: "createTicket",
      summary: "Create a ticket for subscriptions",
      description:
        "Signs in one connection within a minute, with what this token may do in this environment; the connection ends when the token does.",
      permission: "content:read",
      answer: Ticket,
      statuses: [201],
      example: {
        response: { ticket: "flow_ticket_…", expires_at: "2026-01-31T09:31:00.000Z" },
      },
      secret: "ticket",
      sdk: { call: "realtime.createTicket" },
      run: (ctx) => createTicket(ctx),
    }),
  ],
};
