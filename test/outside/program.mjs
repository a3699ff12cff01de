import { Client, FlowError } from "flowcms/client";

const flow = new Client({ url: process.env.FLOW_URL, apiKey: process.env.FLOW_TOKEN });
const made = await flow.content.create("author", { name: "Outside" });
const published = await flow.content.publish(made.id, { version: made.version });
const { data } = await flow.content.list("author", { filter: { name: "Outside" } });
const refused = await flow.content.get("author", "nobody").catch((error) => error);
console.log(
  JSON.stringify({
    node: process.versions.node,
    status: published.status,
    names: data.map((author) => author.name),
    refused: refused instanceof FlowError && refused.reason,
  }),
);
