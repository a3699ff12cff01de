import { existsSync, readFileSync } from "node:fs";
import { Client } from "flowcms/client";
import { defineConfig } from "vite";

/** What `npm start` of FlowCMS writes down in its folder. */
const DEV = "../../.flow/dev.json";

function settings(): { url: string; apiKey: string } {
  const { FLOW_URL, FLOW_TOKEN } = process.env;
  if (FLOW_URL && FLOW_TOKEN) return { url: FLOW_URL, apiKey: FLOW_TOKEN };
  if (!existsSync(DEV)) throw new Error("Run `npm start` of FlowCMS first, or set FLOW_URL and FLOW_TOKEN.");
  const dev = JSON.parse(readFileSync(DEV, "utf8")) as { url: string; tokens: { read: string } };
  return { url: dev.url, apiKey: dev.tokens.read };
}

/** What the page asks its own server, which has the token. */
const answers: Record<string, (flow: Client) => Promise<unknown>> = {
  "/posts.json": async (flow) => (await flow.content.list("blog_post", { sort: ["-published_at"] })).data,
  "/ticket.json": (flow) => flow.realtime.createTicket(),
};

export default defineConfig({
  define: { FLOW_URL: JSON.stringify(settings().url) },
  plugins: [
    {
      name: "answers",
      configureServer({ middlewares }) {
        middlewares.use((request, response, next) => {
          const answer = answers[request.url ?? ""];
          if (!answer) return next();
          answer(new Client(settings())).then(
            (body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body)),
            (error: Error) => response.writeHead(502).end(error.message),
          );
        });
      },
    },
  ],
});
