export { Client } from "./client.ts";
export { FlowError, type ErrorDetail } from "./errors.ts";
export type { CallOptions, ClientOptions, Outcome, ReadBytes, ResponseFacts, WriteNote } from "./call.ts";
export type { Asset, AssetFacts, Assets, FileBytes, IncludedAsset } from "./assets.ts";
export type { Audit, AuditRecord } from "./audit.ts";
export type { BulkAnswer, BulkItem, BulkOperation } from "./bulk.ts";
export type {
  ContentApi,
  DeleteQuery,
  OnReference,
  PublishOptions,
  ReferenceTo,
  UnpublishOptions,
  WriteQuery,
} from "./content-api.ts";
export type {
  ContentType,
  FieldDefinition,
  FieldType,
  PutTypeQuery,
  Review,
  TypeDefinition,
  Types,
} from "./content-types.ts";
export type { Cursor, CursorPage, ListOf } from "./cursor-list.ts";
export type {
  Alias,
  Environment,
  EnvironmentChange,
  Environments,
  GraphqlSettings,
  Locale,
  NewEnvironment,
} from "./environments.ts";
export type {
  Day,
  Json,
  JsonValue,
  Location,
  LongText,
  Media,
  Moment,
  Reference,
  RichText,
  RichTextNode,
} from "./field-values.ts";
export type { Filter, SortKey } from "./filter.ts";
export type { GraphqlDocument } from "./graphql.ts";
export type { Keys, MadeKey, NewKey, PublicJwk, TrustedKey } from "./keys.ts";
export type { Notifications } from "./generated/notifications.ts";
export type { Comment, NewComment, Notification, Standing } from "./generated/types.ts";
export type { Operation, Operations } from "./operations.ts";
export type {
  Aggregate,
  AggregateQuery,
  ListQuery,
  Page,
  Pagination,
  Perspective,
  ViewQuery,
} from "./query.ts";
export type { ReviewApi } from "./generated/review.ts";
export type { NewSchedule, Schedule, ScheduleQuery, Schedules, ScheduleState } from "./schedules.ts";
export type { AnySchema, Entry, EntryFacts, SchemaShape } from "./schema.ts";
export type { MadeToken, NewToken, Scope, Token, Tokens } from "./tokens.ts";
export type { Trash, TrashedEntry } from "./trash.ts";
export type { Difference, EntryVersion, LeftOut, Restored, Unpublished, Versions } from "./versions.ts";
export type { EntryInput, EntryOf, RichTextForm, Unavailable, View } from "./view.ts";
