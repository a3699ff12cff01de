import { AppError } from "../../core/errors.ts";
import type { Door, Email } from "../../core/identity-context.ts";

type Letter = { to: string; subject: string; lines: string[]; link?: { text: string; url: string } };

/** A letter as plain text and as HTML that says the same. */
function write({ to, subject, lines, link }: Letter): Email {
  const paragraphs = lines.map((line) => `<p>${escape(line)}</p>`);
  const button = link ? [`<p><a href="${escape(link.url)}">${escape(link.text)}</a></p>`] : [];
  return {
    to,
    subject,
    text: [...lines.slice(0, 1), ...(link ? [`${link.text}:\n${link.url}`] : []), ...lines.slice(1)].join(
      "\n\n",
    ),
    html: [...paragraphs.slice(0, 1), ...button, ...paragraphs.slice(1)].join("\n"),
  };
}

/**
 * Where the links of letters lead: never to a tenant's own host, whose tenant would read what they prove. Throws UNAVAILABLE
 * `identity/no-public-url` where that is not known; who sends a letter asks before anything tells whether there is an account.
 */
export function requireHome({ home }: Pick<Door, "home">): string {
  if (home !== null) return home;
  throw new AppError(
    "UNAVAILABLE",
    "identity/no-public-url",
    "No letter can be sent from this host: whoever runs FlowCMS has to set PUBLIC_URL, the address that letters lead to.",
  );
}

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const until = (minutes: number) =>
  minutes >= 120 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`;
const NOT_YOU = "If this was not you, you need not do anything.";

export const resetLetter = (door: Door, to: string, token: string, minutes: number): Email =>
  write({
    to,
    subject: "Choose a new password",
    lines: [
      `Somebody asked for a new password for ${to} at ${door.tenantName}.`,
      `The link works once, for ${until(minutes)}.`,
      NOT_YOU,
    ],
    link: { text: "Choose a new password", url: `${requireHome(door)}/reset/confirm?token=${token}` },
  });

export const magicLetter = (door: Door, to: string, token: string, minutes: number): Email =>
  write({
    to,
    subject: `Sign in to ${door.tenantName}`,
    lines: ["You asked for a link to sign in.", `It works once, for ${until(minutes)}.`, NOT_YOU],
    link: { text: "Sign in", url: `${requireHome(door)}/sign-in/link/confirm?token=${token}` },
  });

export const verifyLetter = (door: Door, to: string, token: string, minutes: number): Email =>
  write({
    to,
    subject: "Confirm your e-mail address",
    lines: [`Is ${to} yours?`, `The link works once, for ${until(minutes)}.`, NOT_YOU],
    link: { text: "Confirm the address", url: `${requireHome(door)}/verify?token=${token}` },
  });

export const invitationLetter = (door: Door, to: string, token: string, from: string): Email =>
  write({
    to,
    subject: `${from} invites you to ${door.tenantName}`,
    lines: [
      `${from} invites you to work on ${door.tenantName} with FlowCMS.`,
      "The invitation holds for 7 days.",
    ],
    link: { text: "Accept the invitation", url: `${requireHome(door)}/invitation?token=${token}` },
  });

export const newAddressLetter = (
  door: Door,
  to: string,
  token: string,
  minutes: number,
  from: string,
): Email =>
  write({
    to,
    subject: "Confirm your new e-mail address",
    lines: [
      `Whoever has the account ${from} at ${door.tenantName} wants ${to} to be its address.`,
      `The link works once, for ${until(minutes)}, for who is signed in to that account.`,
      NOT_YOU,
    ],
    link: { text: "Change the address", url: `${requireHome(door)}/account/email/confirm?token=${token}` },
  });

export const addressTakenLetter = (door: Door, to: string): Email =>
  write({
    to,
    subject: "You have an account already",
    lines: [
      `Somebody wants ${to} to be the address of another account at ${door.tenantName}. It is the address of an account already, and stays so.`,
      "If this was you, sign in with this address, or delete this account before you give its address to another.",
      NOT_YOU,
    ],
  });

export const codesGuessedLetter = (door: Door, to: string): Email =>
  write({
    to,
    subject: "Somebody guesses your sign-in codes",
    lines: [
      `Ten wrong codes were given for ${to} at ${door.tenantName} after the right password, or after a link that was sent to you. No code is taken for a quarter of an hour.`,
      `If this was not you, somebody knows your password: choose a new one at once${door.home === null ? "." : `: ${door.home}/reset`}`,
    ],
  });

export const addressChangeAskedLetter = (door: Door, to: string, wanted: string): Email =>
  write({
    to,
    subject: "A new e-mail address was asked for",
    lines: [
      `Somebody who is signed in to your account at ${door.tenantName} wants its address to be ${wanted} in place of ${to}. Until a letter to that address is answered, nothing changes.`,
      `If this was not you, choose a new password at once, and the change cannot be made: ${requireHome(door)}/reset`,
    ],
  });

export const addressChangedLetter = (door: Door, to: string, now: string): Email =>
  write({
    to,
    subject: "Your e-mail address was changed",
    lines: [
      `The address of your account at ${door.tenantName} was changed from ${to} to ${now} just now.`,
      "Links in older letters work no more. If this was not you, tell whoever runs the tenant at once.",
    ],
  });

export const accountDeletedLetter = (door: Door, to: string): Email =>
  write({
    to,
    subject: "Your account is deleted",
    lines: [
      `The account of ${to} at ${door.tenantName} was deleted just now, in every tenant it belonged to.`,
      "What it wrote stays where it is, without its name. If this was not you, tell whoever runs the tenant at once.",
    ],
  });

export const passwordChangedLetter = (door: Door, to: string): Email =>
  write({
    to,
    subject: "Your password was changed",
    lines: [
      `The password of ${to} at ${door.tenantName} was changed just now, and every other session was ended.`,
      `If this was not you, choose a new one at once${door.home === null ? "." : `: ${door.home}/reset`}`,
    ],
  });
