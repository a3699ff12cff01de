import { sql } from "drizzle-orm";
import * as z from "zod";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { PlainName } from "../../../core/plain-name.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { asPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import type { Person } from "./sessions.ts";
import { requireOwnSession } from "./sign-in-policy.ts";

export const PersonName = PlainName;
const Named = z.object({ name: PersonName });

/** Reads a person's name. Throws INVALID `identity/invalid-name`. */
export const parsePersonName = (name: string): string =>
  parseInput(Named, { name }, "identity/invalid-name", "A name is one line of 200 characters or fewer.").name;

/**
 * Changes the name of who is signed in, here and in every tenant of theirs but those whose identity
 * provider says the name. Throws INVALID `identity/invalid-name`.
 */
export async function renamePerson(
  ctx: IdentityContext,
  person: Person,
  input: { name: string },
): Promise<void> {
  requireOwnSession(person);
  const name = parsePersonName(input.name);
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with renamed as (update people set name = ${name} where id = ${person.id} and name <> ${name}
      returning id as person_id, name),
      known as (update members member set name = renamed.name from renamed
        where member.person_id = renamed.person_id and member.source not in ('sso', 'scim')),
      ${recordPerson(ctx, { event: "person.renamed", from: sql`renamed`, person: sql`renamed.person_id` })}
      select ${eventRows}`,
  ]);
  pokeAll(ctx, results[1]![0]![0]);
}
