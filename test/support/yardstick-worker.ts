import * as graphql from "graphql";
import * as zod from "zod";

/** Loads a known amount of library code: what other Workers' start-up is compared with, in the same run. */
export default { fetch: () => Response.json([Object.keys(graphql).length, Object.keys(zod).length]) };
