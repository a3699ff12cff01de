import { sql, type SQL } from "drizzle-orm";
import { Kind, parse, type GraphQLError } from "graphql";
import type { Context, Row } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";
import { OperationName, type NewOperation, type RegisteredOperation } from "./schemas.ts";

const MAX_OPERATIONS = 2000;
const COLUMNS = sql`operation.name, operation.document, cms_iso(operation.updated_at), operation.updated_by`;

/** The environment's registered operations by name, without a page: at most 2,000. */
export async function listOperations(ctx: Context): Promise<RegisteredOperation[]> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from graphql_operations operation where ${inEnvironment(ctx, "operation")}
      order by operation.name`,
  );
  return rows.map(present);
}

/** The document of that name; undefined when none is registered. */
export async function readOperation(ctx: Context, input: { name: string }): Promise<string | undefined> {
  requirePermission(ctx, "content:read");
  if (!OperationName.safeParse(input.name).success) return undefined;
  const { rows } = await ctx.db.read(
    sql`select operation.document from graphql_operations operation where ${inEnvironment(ctx, "operation")}
      and operation.name = ${input.name}`,
  );
  return rows[0]?.[0] as string | undefined;
}

/** Registers a document, or replaces what has the name; readers see the new one within a second. */
export async function putOperation(
  ctx: Context,
  input: NewOperation & { name: string },
): Promise<RegisteredOperation> {
  const name = parseInput(OperationName, input.name, "operations/invalid", "The name is not valid.");
  const { document } = input;
  checkDocument(document);
  const { results } = await ctx.db.run([
    sql`with counted as (select count(*) as total from graphql_operations operation
      where ${inEnvironment(ctx, "operation")} and operation.name <> ${name}),
      saved as (insert into graphql_operations as operation (tenant_id, environment_id, name, document,
        updated_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${name}, ${document}, ${ctx.actor.id}
        from counted where total < ${MAX_OPERATIONS}
        on conflict (tenant_id, environment_id, name) do update
        set document = excluded.document, updated_at = now(), updated_by = excluded.updated_by
        returning operation.*),
      ${newSchemaVersion(ctx)}, ${recordOf(ctx, "operation.saved")}
      select (select id::text from event_row), ${COLUMNS} from saved operation`,
  ]);
  const row = results[0]![0];
  if (!row)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "operations/too-many",
      `An environment has at most ${MAX_OPERATIONS} registered operations.`,
    );
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return present(row.slice(1));
}

/** Takes a registered operation away; NOT_FOUND `operations/not-found`. */
export async function deleteOperation(ctx: Context, input: { name: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (delete from graphql_operations operation where ${inEnvironment(ctx, "operation")}
      and operation.name = ${input.name} returning operation.*),
      ${newSchemaVersion(ctx)}, ${recordOf(ctx, "operation.deleted")}
      select id::text from event_row`,
  ]);
  const row = results[0]![0];
  if (!row) throw notFound("operations/not-found", `There is no operation "${input.name.slice(0, 200)}".`);
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
}

/** What isolates remember of operations is theirs for one schema version. */
function newSchemaVersion(ctx: Context): SQL {
  return sql`renewed as (update environments set schema_version = schema_version + 1
    where tenant_id = ${ctx.tenantId}::uuid
    and id = ${ctx.environmentId}::uuid and exists (select 1 from saved))`;
}

function recordOf(ctx: Context, event: "operation.saved" | "operation.deleted"): SQL {
  return record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'operation:' || saved.name`,
    payload: sql`jsonb_build_object('name', saved.name)`,
  });
}

function checkDocument(text: string): void {
  const say = (message: string) =>
    invalid("operations/invalid", "The document is not valid.", [{ path: "document", message }]);
  let operations: number;
  try {
    const { definitions } = parse(text, { maxTokens: 4000 });
    operations = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION).length;
  } catch (error) {
    throw say((error as GraphQLError).message);
  }
  if (operations === 0) throw say("has no operation");
}

function present([name, document, updatedAt, updatedBy]: Row): RegisteredOperation {
  return {
    name: name as string,
    document: document as string,
    updated_at: updatedAt as string,
    updated_by: updatedBy as string,
  };
}
