import { setTimeout as wait } from "node:timers/promises";
import type { Credentials, Login } from "./credentials.ts";
import { saveCredentials } from "./credentials.ts";

const CLIENT = "flow-cli";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const SCOPE = "read write admin offline_access";
/** An access token this close to its end is exchanged before it is used. */
const MARGIN_MS = 30_000;

type Tokens = { access_token: string; refresh_token: string; expires_in: number };
type Refusal = { error: string; error_description?: string };
type Device = {
  device_code: string;
  user_code: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
};

/** Where the tenant's pages are: at the address itself, or below it for one of several tenants. */
export const issuerOf = (url: string, tenant: string | undefined): string =>
  `${url.replace(/(?<!\/)\/+$/, "")}${tenant === undefined ? "" : `/t/${tenant}`}`;

/**
 * Signs this machine in with a browser (RFC 8628). `show` tells the person the URL and the code to
 * compare.
 */
export async function loginByBrowser(issuer: string, show: (line: string) => void): Promise<Login> {
  const device = await ask<Device>(`${issuer}/oauth/device`, { client_id: CLIENT, scope: SCOPE });
  show(`Open ${device.verification_uri_complete}\nand check that it shows the code ${device.user_code}.`);
  const until = Date.now() + device.expires_in * 1000;
  let seconds = device.interval;
  for (;;) {
    await wait(seconds * 1000);
    try {
      const form = { client_id: CLIENT, grant_type: DEVICE_GRANT, device_code: device.device_code };
      return loginOf(issuer, await ask<Tokens>(`${issuer}/oauth/token`, form));
    } catch (error) {
      const word = error instanceof OAuthRefusal ? error.word : "";
      if (word === "slow_down") seconds += 5;
      else if (word !== "authorization_pending") throw error;
      if (Date.now() > until)
        throw new Error("The login was not confirmed in time: start again.", { cause: error });
    }
  }
}

/** The access token of a browser login, refreshed and stored when it is about to expire. */
export async function freshToken(credentials: Credentials & { login: Login }): Promise<string> {
  const { login } = credentials;
  if (login.expiresAt - MARGIN_MS > Date.now()) return login.accessToken;
  const form = { client_id: CLIENT, grant_type: "refresh_token", refresh_token: login.refreshToken };
  try {
    credentials.login = loginOf(login.issuer, await ask<Tokens>(`${login.issuer}/oauth/token`, form));
  } catch (error) {
    if (!(error instanceof OAuthRefusal) || error.word !== "invalid_grant") throw error;
    throw new Error("The login has ended: `flow login --browser` again.", { cause: error });
  }
  saveCredentials(credentials);
  return credentials.login.accessToken;
}

/** Ends a login by browser where it was made; nothing happens when it has ended already. */
export async function endLogin({ issuer, refreshToken }: Login): Promise<void> {
  await ask(`${issuer}/oauth/revoke`, { client_id: CLIENT, token: refreshToken });
}

class OAuthRefusal extends Error {
  readonly word: string;
  constructor({ error, error_description: description }: Refusal) {
    super(description ?? error);
    this.word = error;
  }
}

const loginOf = (issuer: string, tokens: Tokens): Login => ({
  issuer,
  accessToken: tokens.access_token,
  refreshToken: tokens.refresh_token,
  expiresAt: Date.now() + tokens.expires_in * 1000,
});

async function ask<T>(url: string, form: Record<string, string>): Promise<T> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) }).catch(
    (cause: unknown) => {
      throw new Error(`${new URL(url).origin} cannot be reached.`, { cause });
    },
  );
  const text = await response.text();
  const body = (text.startsWith("{") ? JSON.parse(text) : {}) as T & Partial<Refusal>;
  if (response.ok) return body;
  if (typeof body.error === "string") throw new OAuthRefusal(body as Refusal);
  throw new Error(`${url} answered ${response.status}: is --tenant right?`);
}
