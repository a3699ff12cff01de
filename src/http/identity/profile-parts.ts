import type { IdentityContext } from "../../core/identity-context.ts";
import type { Person } from "../../domain/identity/people/index.ts";
import { pathOf } from "./forms.ts";
import { field, html } from "./page.ts";

/** Who a person is to others: their name and their address. */
export function profilePart(ctx: IdentityContext, person: Person) {
  return html`<h2>Name</h2>
    <form method="post" action="${pathOf(ctx, "/account/name")}">
      ${field({ name: "name", label: "Your name", value: person.name, autocomplete: "name", isOptional: true })}
      <button class="quiet">Change the name</button>
    </form>
    <h2>Email address</h2>
    <form method="post" action="${pathOf(ctx, "/account/email")}">
      ${field({ name: "email", label: "New email address", type: "email", autocomplete: "email", hint: "An email with a link goes there; until the link is used, nothing changes." })}
      ${passwordField(person, "email-password")}
      <button class="quiet">Change the address</button>
    </form>`;
}

/** The form to delete the account. */
export function deletePart(ctx: IdentityContext, person: Person) {
  return html`<h2>Delete the account</h2>
    <form method="post" action="${pathOf(ctx, "/account/delete")}">
      <p class="hint">
        You leave every tenant, and your name, address, password, passkeys and authenticator app are taken
        away. What you wrote stays. This cannot be undone.
      </p>
      ${field({ name: "email", id: "delete-email", label: "Your email address, to confirm", type: "email" })}
      ${passwordField(person, "delete-password")}
      <button class="quiet">Delete the account</button>
    </form>`;
}

/** Asks for the password; without one, the sign-in must be recent. */
const passwordField = ({ hasPassword }: Person, id: string) =>
  hasPassword
    ? field({
        name: "current",
        id,
        label: "Your password",
        type: "password",
        autocomplete: "current-password",
      })
    : "";
