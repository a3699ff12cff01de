/**
 * Whose answers Delivery serves, and in which media type. All of it is part of the cache key; `scope`
 * is a class of permission, never a user.
 */
export type DeliveryProps = {
  tenant: string;
  environment: string;
  scope: "published";
  generation: number;
  accept: string;
};

/** The execution context with the loopback to this Worker's own entrypoints. */
export type GatewayExecution = ExecutionContext & {
  exports: {
    Delivery(options: { props: DeliveryProps }): {
      fetch(request: Request): Promise<Response>;
      purge(tags: string[]): Promise<boolean>;
    };
  };
};
