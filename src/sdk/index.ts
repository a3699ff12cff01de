export { Client } from "./client.ts";
export { FlowError, type ErrorDetail, type RateLimit } from "./errors.ts";
export type { IncludeOptions } from "./query.ts";
export type { MoveTo, OnReference, PublishOptions, UnpublishOptions } from "./publish-options.ts";
export type { CallOptions, ClientOptions, Outcome, ReadBytes, ResponseFacts } from "./call.ts";
export type { AssetFacts, Assets, FileBytes, IncludedAsset } from "./assets.ts";
export type { Audit } from "./generated/audit.ts";
export type { BulkAnswer, BulkItem, BulkOperation } from "./bulk.ts";
export type { ContentApi, DeleteQuery, Moved, ReferenceTo, WriteQuery } from "./content-api.ts";
export type { Components } from "./generated/components.ts";
export type { Types } from "./generated/types.ts";
export type { Cursor, CursorPage, ListOf } from "./cursor-list.ts";
export type { Environments } from "./environments.ts";
export type {
  Clock,
  DateRange,
  DatetimeRange,
  Day,
  Decimal,
  Json,
  JsonValue,
  Location,
  LongText,
  Media,
  Moment,
  Money,
  NumberRange,
  Reference,
  RichText,
  RichTextMark,
  RichTextNode,
} from "./field-values.ts";
export type { Filter, SortKey } from "./filter.ts";
export type { GraphqlDocument } from "./graphql.ts";
export type { Keys } from "./generated/keys.ts";
export type { Notifications } from "./generated/notifications.ts";
export type { Receipts } from "./generated/receipts.ts";
export type {
  Alias,
  Asset,
  AuditRecord,
  Comment,
  Component,
  ComponentDefinition,
  ContentType,
  Environment,
  EntryVersion,
  EnvironmentChange,
  LeftOut,
  NewComment,
  NewEnvironment,
  NewKey,
  NewToken,
  Notification,
  Receipt,
  Schedule,
  Standing,
  Ticket,
  Token,
  TrashedEntry,
  TypeDefinition,
  WriteNote,
} from "./generated/shapes.ts";
export type {
  Can,
  FieldDefinition,
  FieldType,
  GraphqlSettings,
  Locale,
  MadeKey,
  MadeToken,
  Operation,
  PublicJwk,
  Review,
  ScheduleState,
  Scope,
  TrustedKey,
} from "./names.ts";
export type { Operations } from "./generated/operations.ts";
export type {
  Aggregate,
  AggregateQuery,
  ListQuery,
  Page,
  Pagination,
  Perspective,
  ViewQuery,
} from "./query.ts";
export type { SubscribeOptions, Subscription } from "./subscribe.ts";
export type { Realtime } from "./generated/realtime.ts";
export type { ReviewApi } from "./generated/review.ts";
export type { Schedules } from "./generated/schedules.ts";
export type { NewSchedule } from "./new-schedule.ts";
export type { AnySchema, Entry, EntryFacts, SchemaShape } from "./schema.ts";
export type { Tokens } from "./generated/tokens.ts";
export type { Trash } from "./trash.ts";
export type { Difference, Restored, Unpublished, Versions } from "./versions.ts";
export type { EntryInput, EntryOf, RichTextForm, Unavailable, View } from "./view.ts";
