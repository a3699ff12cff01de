export { createClient, deleteClient, listClients, renewSecret, updateClient } from "./clients.ts";
export { listIssuerKeys, rotateIssuerKeys } from "./issuer-keys.ts";
