import { decodeBase32, encodeBase32, isId } from "./ids.ts";
import { SCOPES, type Scope } from "./permissions.ts";

/** The parts of an API token `flow_<kind>_<id>_<secret>`; its id names both the tenant and the token. */
export type ParsedToken = { kind: Scope; tenantId: string; tokenId: string; secret: string };

const SHAPE =
  /^flow_(read|write|admin|sso_admin)_([0-7][0-9a-hjkmnp-tv-z]{25})([0-7][0-9a-hjkmnp-tv-z]{25})_([0-9a-hjkmnp-tv-z]{32})$/;

/** Writes a token. `secret` is 32 characters of base 32 (160 bits) from `newTokenSecret`. */
export function formatToken({ kind, tenantId, tokenId, secret }: ParsedToken): string {
  return `flow_${kind}_${encodeBase32(uuidToBytes(tenantId))}${tokenId.slice(4)}_${secret}`;
}

/**
 * Reads a token's parts; undefined when it is not one of ours. It proves nothing: compare `hashSecret`
 * next.
 */
export function parseToken(raw: string): ParsedToken | undefined {
  const match = SHAPE.exec(raw);
  if (!match) return undefined;
  const [, kind, tenant, token, secret] = match as unknown as [string, string, string, string, string];
  const tokenId = `tok_${token}`;
  if (!SCOPES.includes(kind as Scope) || !isId("tok", tokenId)) return undefined;
  return { kind: kind as Scope, tenantId: bytesToUuid(decodeBase32(tenant)), tokenId, secret };
}

const TICKET = /^flow_ticket_([0-7][0-9a-hjkmnp-tv-z]{25})_([0-9a-hjkmnp-tv-z]{32})$/;

/** Writes a ticket, which names its tenant as a token does. */
export const formatTicket = (tenantId: string, secret: string): string =>
  `flow_ticket_${encodeBase32(uuidToBytes(tenantId))}_${secret}`;

/** Reads a ticket's parts; undefined when it is not one of ours. */
export function parseTicket(raw: string): { tenantId: string; secret: string } | undefined {
  const [, tenant, secret] = TICKET.exec(raw) ?? [];
  return tenant === undefined ? undefined : { tenantId: bytesToUuid(decodeBase32(tenant)), secret: secret! };
}

/** 160 random bits as 32 characters of base 32. */
export function newTokenSecret(): string {
  return encodeBase32(crypto.getRandomValues(new Uint8Array(20)));
}

/** SHA-256 of a token's secret, as 64 hexadecimal characters: what the database and the snapshot hold. */
export async function hashSecret(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return [...new Uint8Array(digest)].map((byte) => (byte + 256).toString(16).slice(1)).join("");
}

/** Compares two strings of equal length without stopping at the first difference. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function uuidToBytes(uuid: string): Uint8Array {
  const hex = uuid.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

function bytesToUuid(bytes: Uint8Array): string {
  const hex = [...bytes].map((byte) => (byte + 256).toString(16).slice(1)).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
