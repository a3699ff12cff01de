import { FlowError } from "../sdk/index.ts";

/** The result, or undefined when FlowCMS answers 404. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof FlowError && error.status === 404) return undefined;
    throw error;
  }
}
