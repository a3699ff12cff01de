import { join } from "node:path";
import { writeSdk } from "./sdk-modules.ts";

// Writes the halves of the client that are made of the declared operations: `npm run generate`.
writeSdk(join(import.meta.dirname, "../../sdk/generated"));
