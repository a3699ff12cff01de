export {
  createConnection,
  deleteConnection,
  getConnection,
  listConnections,
  updateConnection,
} from "./connections.ts";
