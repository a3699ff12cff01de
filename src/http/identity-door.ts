/**
 * What IDENTITY is asked for: the REST API, SCIM, or its pages and protocols. Each is an app of its
 * own there.
 */
export type IdentityDoor = "api" | "scim" | "pages";

/** The host that stands for a door: unlike a path, nothing that a client sends is in it. */
export const hostOfDoor = (door: IdentityDoor): string => `${door}.identity`;
