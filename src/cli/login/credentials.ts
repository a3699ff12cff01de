import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * What a login by browser gave: an access token that is renewed by the refresh token. `expiresAt` in
 * milliseconds since 1970.
 */
export type Login = { issuer: string; accessToken: string; refreshToken: string; expiresAt: number };

/** A token of the API, or a login by browser. */
export type Credentials = {
  url: string;
  token?: string | undefined;
  login?: Login | undefined;
  environment?: string | undefined;
};

/** The file of the login: `flow/credentials.json` in $XDG_CONFIG_HOME or ~/.config. */
export const credentialsPath = (): string =>
  join(process.env["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "flow", "credentials.json");

/** The stored login, if any. */
export function readCredentials(): Credentials | undefined {
  const path = credentialsPath();
  if (!existsSync(path)) return undefined;
  try {
    const { url, token, login, environment } = JSON.parse(readFileSync(path, "utf8")) as Credentials;
    return { url, token, login, environment };
  } catch (error) {
    throw new Error(`${path} cannot be read; \`flow logout\` removes it`, { cause: error });
  }
}

/** Keeps a login in a file that only its owner can read. */
export function saveCredentials(credentials: Credentials): string {
  const path = credentialsPath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, path);
  return path;
}

/** Forgets the login; whether there was one. */
export function removeCredentials(): boolean {
  const path = credentialsPath();
  const isThere = existsSync(path);
  rmSync(path, { force: true });
  return isThere;
}
