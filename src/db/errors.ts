import type { WorkKind } from "../core/context.ts";
import { AppError, invalid } from "../core/errors.ts";
import { WORK_KINDS } from "./work-kinds.ts";

type PostgresError = { code?: string | null; constraint?: string; detail?: string; column?: string };

/** The state in which `cms_expect` refuses a transaction. */
export const EXPECTATION_FAILED = "CM001";
/** The state in which a transaction is refused because its idempotency key was used by another request. */
export const KEY_USED = "CM002";
/** The state in which `cms_afford` refuses a query. */
const TOO_COSTLY = "CM003";
/** The state in which a writer is refused while a change of definitions is being made. */
const WRITERS_HELD = "CM004";

/**
 * States of a server that takes nobody in now, for whatever reason: connection lost (08), login
 * refused (28), no such database (3D), not accepting connections (55000), out of resources (53),
 * shutting down (57P).
 */
const NOT_TO_BE_HAD = /^(?:08|28|3D|53|57P|55000$)/;

/** By constraint; `path` is what of the input is taken, where that has one name. */
const CONFLICTS = new Map<string, [reason: string, message: string, path?: string]>([
  [
    "entry_fields_unique_value",
    ["content/not-unique", "Another entry has just taken a value that must be unique."],
  ],
  ["entries_pkey", ["content/id-taken", "An entry with this id exists already.", "id"]],
  ["content_types_pkey", ["types/id-taken", "A content type with this id exists already.", "id"]],
  ["tenants_slug_key", ["tenants/slug-taken", "A tenant with this slug exists already.", "slug"]],
  ["tenant_domains_pkey", ["domains/taken", "Another tenant is at this host."]],
  ["domains_pkey", ["domains/known", "The tenant has this domain already."]],
  ["verified_domains_pkey", ["domains/taken", "Another tenant has verified this domain."]],
  ["teams_tenant_id_name_key", ["members/team-name-taken", "A team of this name exists already.", "name"]],
  [
    "people_tenant_id_email_key",
    ["identity/email-taken", "There is an account for this address already: sign in with it.", "email"],
  ],
  ["members_external_id", ["scim/external-id-taken", "Another user has this externalId."]],
  ["teams_external_id", ["scim/external-id-taken", "Another group has this externalId."]],
  ["assets_pkey", ["assets/id-taken", "An asset with this id exists already.", "id"]],
  ["policies_pkey", ["access/policy-id-taken", "A policy with this id exists already.", "id"]],
  [
    "policies_name_key",
    ["access/policy-name-taken", "A policy of this name exists already: choose another.", "name"],
  ],
  [
    "roles_name_key",
    ["access/role-name-taken", "A role of this name exists already: choose another.", "name"],
  ],
  [
    "signing_keys_pkey",
    ["access/kid-taken", "A key with this kid was registered before: choose another kid.", "kid"],
  ],
]);

/** SQLSTATE and constraint of a database error, whichever way the driver nested it. */
export function postgresError(error: unknown): PostgresError | undefined {
  const inner = (error as { cause?: unknown })?.cause ?? error;
  return typeof inner === "object" && inner !== null && "code" in inner
    ? (inner as PostgresError)
    : undefined;
}

/**
 * What `cms_expect` was given to say when it refused the transaction that `error` is about; else
 * undefined.
 */
export function expectationDetail(error: unknown): string | undefined {
  const { code, detail } = postgresError((error as { cause?: unknown }).cause) ?? {};
  return code === EXPECTATION_FAILED ? detail : undefined;
}

/**
 * Whether running the same transaction again may succeed: serialization failure, deadlock, lock not
 * available.
 */
export function isRetryable(error: unknown): boolean {
  return ["40001", "40P01", "55P03"].includes(postgresError(error)?.code ?? "");
}

/** Whether writers wait for a change of definitions: it will be through in a moment. */
export const isHeld = (error: unknown): boolean => postgresError(error)?.code === WRITERS_HELD;

/**
 * A database error as the error a caller may see: by SQLSTATE and constraint name, never by its
 * words. `kind` is the work that was done, where it has a limit of its own.
 */
export function toAppError(error: unknown, kind?: WorkKind): AppError {
  if (error instanceof AppError) return error;
  const { code, constraint, detail } = postgresError(error) ?? {};
  switch (code) {
    case "23505": {
      const [reason, message, path] = CONFLICTS.get(constraint ?? "") ?? [
        "db/not-unique",
        "The value exists already.",
      ];
      const details = path === undefined ? [] : [{ path, message: "is taken" }];
      return new AppError("CONFLICT", reason, message, { cause: error, details });
    }
    case "23503":
    case "23514":
    case "23502":
    case "22001":
      return new AppError("INVALID", "db/check-failed", "The database rejected the values.", {
        cause: error,
      });
    case "22P02":
    case "22P05":
    case "22021":
    case "22003":
    case "22007":
    case "22008":
      return new AppError("INVALID", "db/bad-value", "A value has the wrong format.", {
        status: 400,
        cause: error,
      });
    case EXPECTATION_FAILED:
    case KEY_USED:
      return new AppError("CONFLICT", "db/expectation-failed", "The data changed concurrently: try again.", {
        cause: error,
      });
    case "42501":
      return new AppError("FORBIDDEN", "db/forbidden", "The database rejected this.", { cause: error });
    case "40001":
    case "40P01":
    case "55P03":
      return unavailable("db/contended", "Too many writers touched the same rows: try again.", error);
    case WRITERS_HELD:
      return unavailable("types/changing", "The content types are being changed: try again.", error);
    case TOO_COSTLY:
      return tooCostly(detail, error);
    case "57014":
      return tooSlow(kind, error);
    case undefined:
    case null:
      return unavailable("db/unreachable", "The database cannot be reached: try again.", error);
    default:
      if (NOT_TO_BE_HAD.test(code))
        return unavailable("db/unreachable", "The database cannot be reached: try again.", error);
      return new AppError("INTERNAL", "db/failed", "The database could not do this.", { cause: error });
  }
}

/** Whether a retry may succeed; a request that itself takes too long will fail again. */
export const isPassing = ({ code, reason }: AppError): boolean =>
  code === "UNAVAILABLE" && reason !== "db/busy" && !reason.endsWith("-timeout");

function tooSlow(kind: WorkKind | undefined, cause: unknown): AppError {
  if (!kind) return unavailable("db/busy", "The database is busy: try again.", cause);
  const { timeoutMs, advice } = WORK_KINDS[kind];
  return unavailable(
    WORK_KINDS[kind].reason,
    `The database took longer than ${timeoutMs / 1000} seconds, the limit for this kind of request (${kind}). ${advice}`,
    cause,
  );
}

function tooCostly(detail: string | undefined, cause: unknown): AppError {
  const { asked, most } = JSON.parse(detail ?? "{}") as { asked?: string; most?: number };
  const message =
    `${asked} would be evaluated for every entry, and the type has more than the ${most} that this query may scan.  ` +
    "Indexed are: q for words; eq, in, gt, gte, lt and lte that are combined with and; an id, a slug or a unique value; the datetimes of an entry.";
  const error = invalid(
    "content/too-costly",
    message,
    [{ path: (asked ?? "filter").split(" ")[0]!, message }],
    400,
  );
  error.cause = cause;
  return error;
}

function unavailable(reason: string, message: string, cause: unknown): AppError {
  return new AppError("UNAVAILABLE", reason, message, { headers: { "retry-after": "1" }, cause });
}
