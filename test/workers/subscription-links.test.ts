import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const CHANGES = `subscription Changes($where: JSON) {
  contentChanged(type: "article", where: $where) { event id entry { id ... on ArticleEntry { title price } } }
}`;
const LIST = `query List { articleList(sort: [price_ASC]) { id title price } }`;

/** What applications have in front of graphql-ws, as its makers' pages say to set it up. */
describe("a subscription by", () => {
  let tenant: Tenant;
  const url = `${inject("url")}/api/v3/graphql`;
  const ends: (() => unknown)[] = [];
  const socket = () => {
    const client = createClient({
      url: url.replace("http", "ws"),
      connectionParams: { authorization: `Bearer ${tenant.tokens.read}` },
    });
    ends.push(() => client.dispose());
    return client;
  };
  const headers = () => ({ authorization: `Bearer ${tenant.tokens.read}` });
  /** Publishes until something is told: the first may come before the subscription stands. */
  const publishUntil = async (told: () => boolean) => {
    for (let i = 1; !told() && i <= 50; i++) {
      await tenant.published("article", { title: `By ${i}`, price: i });
      await eventually(async () => told(), 500).catch(() => undefined);
    }
  };

  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });

  it("Apollo Client's GraphQLWsLink", async () => {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        new GraphQLWsLink(socket()),
        new HttpLink({ uri: url, headers: headers() }),
      ),
    });
    ends.push(() => client.stop());
    const results: any[] = [];
    const subscription = client
      .subscribe({ query: gql(CHANGES), variables: { where: { price: { gte: 1 } } } })
      .subscribe(({ data, error }) => results.push(error ?? data));
    await publishUntil(() => results.length > 0);
    const { event, entry } = results[0].contentChanged;
    expect([event, typeof entry.price]).toEqual(["entry.published", "number"]);
    const { data } = await client.query<any>({ query: gql(LIST) });
    expect(data.articleList.map((one: any) => one.id)).toContain(entry.id);
    subscription.unsubscribe();
  });

  it("urql's subscriptionExchange", async () => {
    const live = socket();
    const client = new Client({
      url,
      preferGetMethod: false,
      fetchOptions: { headers: headers() },
      exchanges: [
        cacheExchange,
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: (request) => ({
            subscribe: (sink) => ({
              unsubscribe: live.subscribe({ ...request, query: request.query ?? "" }, sink as never),
            }),
          }),
        }),
      ],
    });
    const results: any[] = [];
    const { unsubscribe } = client
      .subscription(CHANGES, { where: { price: { gte: 1 } } })
      .subscribe(({ data, error }) => results.push(error ?? data));
    await publishUntil(() => results.length > 0);
    expect(results[0].contentChanged).toMatchObject({
      event: "entry.published",
      entry: { price: expect.any(Number) },
    });
    const { data } = await client.query<any>(LIST, {}).toPromise();
    expect(data.articleList.length).toBeGreaterThan(0);
    unsubscribe();
  });
});
