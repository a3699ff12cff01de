export { createTicket, expireTickets, redeemTicket } from "./tickets.ts";
