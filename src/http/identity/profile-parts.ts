import type { IdentityContext } from "../../core/identity-context.ts";
import type { Person } from "../../domain/people/index.ts";
import { pathOf } from "./forms.ts";
import { field, html } from "./page.ts";

/** Who a person is to others: their name. */
export function profilePart(ctx: IdentityContext, person: Person) {
  return html`<h2>Name</h2>
    <form method="post" action="${pathOf(ctx, "/account/name")}">
      ${field({ name: "name", label: "Your name", value: person.name, autocomplete: "name", isOptional: true })}
      <button class="quiet">Change the name</button>
    </form>`;
}
