import { AppError } from "../../../core/errors.ts";
import type { Site } from "../../../core/identity-context.ts";
import { plainLine } from "../../../core/plain-name.ts";
import type { EmailKind, Mail } from "./send-email.ts";

export type Written = {
  kind: EmailKind;
  to: string;
  subject: string;
  lines: string[];
  link?: { text: string; url: string };
};

/** An email as plain text and as HTML that says the same. */
export function write({ kind, to, subject, lines, link }: Written): Mail {
  const paragraphs = lines.map((line) => `<p>${escape(line)}</p>`);
  const button = link ? [`<p><a href="${escape(link.url)}">${escape(link.text)}</a></p>`] : [];
  return {
    kind,
    to,
    subject,
    text: [...lines.slice(0, 1), ...(link ? [`${link.text}:\n${link.url}`] : []), ...lines.slice(1)].join(
      "\n\n",
    ),
    html: [...paragraphs.slice(0, 1), ...button, ...paragraphs.slice(1)].join("\n"),
  };
}

/**
 * The base URL of links in emails: never a tenant's own host, since that tenant could read their tokens.
 * Throws UNAVAILABLE `identity/no-public-url` when it is unknown; call this before anything reveals
 * whether an account exists.
 */
export function requireHome({ home }: Pick<Site, "home">): string {
  if (home !== null) return home;
  throw new AppError(
    "UNAVAILABLE",
    "identity/no-public-url",
    "No email can be sent from this host: the operator must set PUBLIC_URL, the base URL of links in emails.",
  );
}

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const until = (minutes: number) =>
  minutes >= 120 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`;
const MAX_NAME = 40;
/**
 * A name that somebody chose, as an email shows it: short, quoted, on one line, and nothing that a
 * reader's program makes a link of.
 */
export const named = (name: string) =>
  `“${plainLine(name.replaceAll(/:\/\/|[“”"]/g, " ").replaceAll(/\.(?=[\p{L}\d])/gu, ". "), MAX_NAME)}”`;
const NOT_YOU = "If this was not you, you need not do anything.";

export const passwordResetEmail = (site: Site, to: string, token: string, minutes: number): Mail =>
  write({
    kind: "asked",
    to,
    subject: "Choose a new password",
    lines: [
      `Somebody asked for a new password for ${to} at ${named(site.tenantName)}.`,
      `The link works once, for ${until(minutes)}.`,
      NOT_YOU,
    ],
    link: { text: "Choose a new password", url: `${requireHome(site)}/reset/confirm?token=${token}` },
  });

export const magicLinkEmail = (site: Site, to: string, token: string, minutes: number): Mail =>
  write({
    kind: "asked",
    to,
    subject: `Sign in to ${named(site.tenantName)}`,
    lines: ["You asked for a link to sign in.", `It works once, for ${until(minutes)}.`, NOT_YOU],
    link: { text: "Sign in", url: `${requireHome(site)}/sign-in/link/confirm?token=${token}` },
  });

export const verificationEmail = (site: Site, to: string, token: string, minutes: number): Mail =>
  write({
    kind: "asked",
    to,
    subject: "Confirm your email address",
    lines: [`Is ${to} yours?`, `The link works once, for ${until(minutes)}.`, NOT_YOU],
    link: { text: "Confirm the address", url: `${requireHome(site)}/verify?token=${token}` },
  });

export const invitationEmail = (site: Site, to: string, token: string, from: string): Mail =>
  write({
    kind: "invitation",
    to,
    subject: `${named(from)} invites you to ${named(site.tenantName)}`,
    lines: [
      `${named(from)} invites you to work on ${named(site.tenantName)} with FlowCMS.`,
      "The invitation is valid for 7 days.",
    ],
    link: { text: "Accept the invitation", url: `${requireHome(site)}/invitation?token=${token}` },
  });

export const newAddressEmail = (site: Site, to: string, token: string, minutes: number, from: string): Mail =>
  write({
    kind: "asked",
    to,
    subject: "Confirm your new email address",
    lines: [
      `The owner of the account ${from} at ${named(site.tenantName)} wants to change its email address to ${to}.`,
      `The link works once, for ${until(minutes)}, while you are signed in to that account.`,
      NOT_YOU,
    ],
    link: { text: "Change the address", url: `${requireHome(site)}/account/email/confirm?token=${token}` },
  });

export const addressTakenEmail = (site: Site, to: string): Mail =>
  write({
    kind: "asked",
    to,
    subject: "You have an account already",
    lines: [
      `Somebody wants ${to} to be the address of another account at ${named(site.tenantName)}. It is the address of an account already, and stays so.`,
      "If this was you, sign in with this address, or delete this account before you use its address for another.",
      NOT_YOU,
    ],
  });

export const codesGuessedEmail = (site: Site, to: string): Mail =>
  write({
    kind: "notice",
    to,
    subject: "Somebody is guessing your sign-in codes",
    lines: [
      `Ten wrong codes were entered for ${to} at ${named(site.tenantName)} after the right password, or after a link that was sent to you. No code is accepted for 15 minutes.`,
      `If this was not you, somebody knows your password: choose a new one at once${site.home === null ? "." : `: ${site.home}/reset`}`,
    ],
  });

export const addressChangeRequestedEmail = (site: Site, to: string, wanted: string): Mail =>
  write({
    kind: "notice",
    to,
    subject: "A change of your email address was requested",
    lines: [
      `Somebody who is signed in to your account at ${named(site.tenantName)} wants to change its address from ${to} to ${wanted}. Nothing changes until the new address is confirmed.`,
      `If this was not you, choose a new password at once, and the change cannot be made: ${requireHome(site)}/reset`,
    ],
  });

export const addressChangedEmail = (site: Site, to: string, now: string): Mail =>
  write({
    kind: "notice",
    to,
    subject: "Your email address was changed",
    lines: [
      `The address of your account at ${named(site.tenantName)} was changed from ${to} to ${now} just now.`,
      "Links in older emails no longer work. If this was not you, contact the tenant's administrator at once.",
    ],
  });

export const accountDeletedEmail = (site: Site, to: string): Mail =>
  write({
    kind: "notice",
    to,
    subject: "Your account is deleted",
    lines: [
      `The account of ${to} at ${named(site.tenantName)} was deleted just now, in every tenant it belonged to.`,
      "Its content remains, without its name. If this was not you, contact the tenant's administrator at once.",
    ],
  });

export const passwordChangedEmail = (site: Site, to: string): Mail =>
  write({
    kind: "notice",
    to,
    subject: "Your password was changed",
    lines: [
      `The password of ${to} at ${named(site.tenantName)} was changed just now, and every other session was ended.`,
      `If this was not you, choose a new one at once${site.home === null ? "." : `: ${site.home}/reset`}`,
    ],
  });
