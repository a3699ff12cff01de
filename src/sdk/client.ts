import { assetsOf, type Assets } from "./assets.ts";
import type { CallOptions, ClientOptions } from "./call.ts";
import { contentOf } from "./content.ts";
import type { ContentApi } from "./content-api.ts";
import { componentsOf, type Components } from "./generated/components.ts";
import { typesOf, type Types } from "./generated/types.ts";
import { auditOf, type Audit } from "./generated/audit.ts";
import { environmentsOf, type Environments } from "./environments.ts";
import { runGraphql, type GraphqlDocument } from "./graphql.ts";
import { liveSocket } from "./live-socket.ts";
import { subscribeTo, type SubscribeOptions, type Subscription } from "./subscribe.ts";
import { keysOf, type Keys } from "./generated/keys.ts";
import { notificationsOf, type Notifications } from "./generated/notifications.ts";
import { receiptsOf, type Receipts } from "./generated/receipts.ts";
import { operationsOf, type Operations } from "./generated/operations.ts";
import { reviewOf, type ReviewApi } from "./generated/review.ts";
import { realtimeOf, type Realtime } from "./generated/realtime.ts";
import { schedulesOf, type Schedules } from "./generated/schedules.ts";
import type { AnySchema, SchemaShape } from "./schema.ts";
import { sender } from "./send.ts";
import { tokensOf, type Tokens } from "./generated/tokens.ts";
import { trashOf, type Trash } from "./trash.ts";

/**
 * FlowCMS over HTTP, in browsers, Node, Workers and Deno. With the `Schema` that `flow types` writes,
 * everything that is asked and answered is checked.
 *
 * @example
 * const flow = new Client<Schema>({ url: "https://cms.example.com", apiKey: "flow_read_…" });
 * const { data } = await flow.content.list("blog_post", { sort: ["-published_at"], limit: 10 });
 */
export class Client<S extends SchemaShape = AnySchema> {
  readonly content: ContentApi<S>;
  readonly components: Components;
  readonly types: Types;
  readonly assets: Assets;
  readonly environments: Environments;
  readonly tokens: Tokens;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly operations: Operations;
  readonly schedules: Schedules;
  readonly trash: Trash<S>;
  readonly review: ReviewApi<S>;
  readonly notifications: Notifications;
  readonly receipts: Receipts;
  readonly realtime: Realtime;
  /**
   * Runs a GraphQL document, or by `{ documentId }` a registered one; its first error is thrown as a
   * FlowError.
   */
  readonly graphql: <T = Record<string, unknown>>(
    document: GraphqlDocument,
    variables?: Record<string, unknown>,
    options?: CallOptions,
  ) => Promise<T>;
  /**
   * Subscribes by GraphQL, over one WebSocket for all. It connects again by itself, and resumes.
   *
   * @example
   * for await (const { contentChanged } of flow.subscribe(document)) show(contentChanged);
   */
  readonly subscribe: <T = Record<string, any>>(
    document: string,
    variables?: Record<string, unknown>,
    options?: SubscribeOptions,
  ) => Subscription<T>;

  constructor(options: ClientOptions) {
    const ask = sender(options);
    this.content = contentOf(ask);
    this.components = componentsOf(ask);
    this.types = typesOf(ask);
    this.assets = assetsOf(ask, options);
    this.environments = environmentsOf(ask, options);
    this.tokens = tokensOf(ask);
    this.keys = keysOf(ask);
    this.audit = auditOf(ask);
    this.operations = operationsOf(ask);
    this.schedules = schedulesOf(ask);
    this.trash = trashOf(ask);
    this.review = reviewOf(ask);
    this.notifications = notificationsOf(ask);
    this.receipts = receiptsOf(ask);
    this.realtime = realtimeOf(ask);
    const socket = liveSocket(options);
    this.subscribe = (document, variables = {}, more = {}) => subscribeTo(socket, document, variables, more);
    this.graphql = (document, variables = {}, call) => runGraphql(ask, document, variables, call);
  }
}
