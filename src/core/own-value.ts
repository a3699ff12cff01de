/**
 * The value under a name that somebody chose; never what every object has by itself, such as
 * `constructor`.
 */
export const ownValue = <T>(values: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;
