import { FlowError } from "../sdk/index.ts";

/** What was asked for; undefined when FlowCMS says that it is not there. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof FlowError && error.status === 404) return undefined;
    throw error;
  }
}
