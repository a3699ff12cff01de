import { toBase64 } from "../../../../core/base64.ts";
import { invalid } from "../../../../core/errors.ts";
import { fromPem } from "./certificate.ts";
import { BINDING, NS, RSA_SHA256 } from "./names.ts";
import { escapeXml } from "./xml.ts";

const MAX_RELAY_STATE_BYTES = 80;

export type AuthnRequestInput = {
  entityId: string;
  acsUrl: string;
  /** The identity provider's single sign-on address for the redirect binding. */
  ssoUrl: string;
  /** PKCS #8, PEM. */
  signingKey: string;
  relayState?: string;
  nameIdFormat?: string;
  forceAuthn?: boolean;
  now?: number;
};

/**
 * Makes a signed AuthnRequest: the address to send the browser to, and the id to expect back in
 * `InResponseTo`.
 *
 * @example const { url, id } = await createAuthnRequest({ entityId, acsUrl, ssoUrl, signingKey, relayState: "a1b2" })
 */
export async function createAuthnRequest(input: AuthnRequestInput): Promise<{ url: string; id: string }> {
  const { relayState } = input;
  if (relayState !== undefined && new TextEncoder().encode(relayState).length > MAX_RELAY_STATE_BYTES)
    throw invalid("sso/saml-relay-state", `RelayState must be at most ${MAX_RELAY_STATE_BYTES} bytes.`);
  const id = `_${Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => (byte + 256).toString(16).slice(1)).join("")}`;
  const signed = [
    `SAMLRequest=${encodeURIComponent(await deflate(authnRequestXml(id, input)))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(RSA_SHA256)}`,
  ].join("&");
  const key = await crypto.subtle.importKey(
    "pkcs8",
    fromPem(input.signingKey),
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, new TextEncoder().encode(signed));
  const joint = input.ssoUrl.includes("?") ? "&" : "?";
  return {
    url: `${input.ssoUrl}${joint}${signed}&Signature=${encodeURIComponent(toBase64(new Uint8Array(signature)))}`,
    id,
  };
}

function authnRequestXml(id: string, input: AuthnRequestInput): string {
  const at = new Date(input.now ?? Date.now()).toISOString();
  const format = input.nameIdFormat ? ` Format="${escapeXml(input.nameIdFormat)}"` : "";
  return (
    `<samlp:AuthnRequest xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${id}" Version="2.0"` +
    ` IssueInstant="${at}" Destination="${escapeXml(input.ssoUrl)}"${input.forceAuthn ? ' ForceAuthn="true"' : ""}` +
    ` ProtocolBinding="${BINDING.post}" AssertionConsumerServiceURL="${escapeXml(input.acsUrl)}">` +
    `<saml:Issuer>${escapeXml(input.entityId)}</saml:Issuer>` +
    `<samlp:NameIDPolicy${format} AllowCreate="true"/></samlp:AuthnRequest>`
  );
}

async function deflate(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return toBase64(new Uint8Array(await new Response(stream).arrayBuffer()));
}
