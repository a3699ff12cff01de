import { sha256Base64 } from "../../core/base64.ts";

const CDN = "https://cdn.jsdelivr.net/npm";

/** Files of other people, pinned by version and checksum. */
const SCRIPTS = [
  [
    "react@18.3.1/umd/react.production.min.js",
    "DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
  ],
  [
    "react-dom@18.3.1/umd/react-dom.production.min.js",
    "gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
  ],
  ["graphiql@4.1.2/dist/index.umd.js", "9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B"],
] as const;
const STYLE = [
  "graphiql@4.1.2/dist/style.css",
  "1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr",
] as const;

const OWN_STYLE = `html, body { margin: 0; height: 100%; font: 15px/1.5 system-ui, sans-serif }
body { display: flex; flex-direction: column }
form { display: flex; gap: .75rem; align-items: center; padding: .5rem 1rem; border-bottom: 1px solid #ccc }
input { flex: 1; max-width: 40rem; padding: .3rem .5rem; font: inherit }
#graphiql { flex: 1; min-height: 0 }
#graphiql > p { padding: 1rem }`;

/** The token stays in this tab; it is sent to this server only. */
const OWN_SCRIPT = `const KEY = "flow-token";
const field = document.querySelector("input");
const place = document.querySelector("#graphiql");
const fetcher = async (params, options) => {
  const response = await fetch("/api/v3/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", authorization: "Bearer " + field.value, ...options?.headers },
    body: JSON.stringify(params),
  });
  return response.json();
};
if (window.GraphiQL) {
  const root = ReactDOM.createRoot(place);
  let round = 0;
  const show = () => root.render(React.createElement(GraphiQL, { fetcher, key: ++round, defaultEditorToolsVisibility: true, shouldPersistHeaders: false }));
  field.value = sessionStorage.getItem(KEY) ?? "";
  document.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, field.value.trim());
    show();
  });
  if (field.value) show();
  else place.querySelector("p").textContent = "GraphiQL asks for the schema as soon as there is a token.";
} else place.querySelector("p").textContent = "GraphiQL comes from cdn.jsdelivr.net, which this browser cannot reach. The endpoint is POST /api/v3/graphql.";`;

/** GraphiQL for this server's `/api/v3/graphql`, with the policy that lets it run. */
export async function renderGraphiql(): Promise<{ html: string; policy: string }> {
  const hash = await sha256Base64(OWN_SCRIPT);
  const scripts = SCRIPTS.map(
    ([path, sum]) =>
      `<script src="${CDN}/${path}" integrity="sha384-${sum}" crossorigin="anonymous"></script>`,
  ).join("\n");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>GraphiQL · FlowCMS</title>
<link rel="stylesheet" href="${CDN}/${STYLE[0]}" integrity="sha384-${STYLE[1]}" crossorigin="anonymous">
<style>${OWN_STYLE}</style>
</head>
<body>
<form><label for="token">API token</label><input id="token" type="password" autocomplete="off" placeholder="flow_read_…" required><button>Use</button></form>
<main id="graphiql"><p>Loading GraphiQL …</p></main>
${scripts}
<script>${OWN_SCRIPT}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src ${CDN}/ 'sha256-${hash}'`,
    `style-src ${CDN}/ 'unsafe-inline'`,
    "font-src data:",
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return { html, policy };
}
