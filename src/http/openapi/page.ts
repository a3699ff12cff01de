import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { sha256Base64 } from "../../core/base64.ts";
import { METHODS } from "../../core/operation.ts";
import type { Described } from "./describe-operation.ts";
import type { ApiDocument } from "./document.ts";
import type { JsonSchema } from "./json-schema.ts";
import { inline, schemaTable, schemaWords } from "./page-schema.ts";
import { STYLE } from "./page-style.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
type Shown = { method: string; path: string; operation: Described };
type Parameter = { name: string; in: string; required: boolean; description?: string; schema: JsonSchema };
type Media = { schema: JsonSchema; example?: unknown };
type Response = { description: string; content?: { "application/json"?: Media } };

/**
 * The API document as one page for people: no script, nothing from elsewhere, and a policy that allows neither. Commands
 * show `origin`.
 */
export async function renderPage(
  document: ApiDocument,
  origin: string,
): Promise<{ html: string; policy: string }> {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): Shown[] => {
      const operation = item[method];
      return operation ? [{ method, path, operation }] : [];
    }),
  );
  const sections = document.tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ operation }) => operation.tags[0] === tag.name),
  }));
  const schemas = Object.entries(document.components.schemas);
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>FlowCMS API</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <nav aria-label="Operations">
          <p class="brand"><a href="#main">FlowCMS API</a></p>
          ${sections.map(
            (section) =>
              html`<p><a href="#${anchor(section.name)}">${section.name}</a></p>
                <ul>
                  ${section.operations.map(
                    ({ operation, method }) =>
                      html`<li>
                        <a href="#${operation.operationId}"
                          ><span class="m ${method}">${method}</span> ${operation.summary}</a
                        >
                      </li>`,
                  )}
                </ul>`,
          )}
          <p><a href="#schemas">Schemas</a></p>
        </nav>
        <main id="main">
          <h1>FlowCMS API</h1>
          ${prose(String(document.info["description"]))}
          <p>
            Base address: <code>${origin}/api/v3</code>. Machines read
            <a href="/api/v3/openapi.json">openapi.json</a>; with a token it describes your own content types.
          </p>
          <pre><code>export FLOW_TOKEN=flow_…</code></pre>
          ${sections.map((section) => showSection(section, document, origin))}
          <section aria-labelledby="schemas">
            <h2 id="schemas">Schemas</h2>
            ${schemas.map(
              ([name, schema]) =>
                html`<section class="schema" aria-labelledby="schema-${name}">
                  <h3 id="schema-${name}">${name}</h3>
                  ${schema["description"] === undefined ? "" : prose(String(schema["description"]))}
                  ${schemaTable(schema) ?? html`<p>${schemaWords(schema)}</p>`}
                </section>`,
            )}
          </section>
        </main>
      </body>
    </html>`;
  return { html: String(page), policy: await policyOf(STYLE) };
}

function showSection(
  section: { name: string; description: string; operations: Shown[] },
  document: ApiDocument,
  origin: string,
): Html {
  const id = anchor(section.name);
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${section.name}</h2>
    ${prose(section.description)} ${section.operations.map((shown) => showOperation(shown, document, origin))}
  </section>`;
}

function showOperation({ method, path, operation }: Shown, document: ApiDocument, origin: string): Html {
  const parameters = (operation.parameters ?? []).map((one) => resolve<Parameter>(document, one));
  const { "application/json": body, "multipart/form-data": form } = (operation.requestBody?.["content"] ??
    {}) as Record<string, Media | undefined>;
  const responses = Object.entries(operation.responses).map(
    ([status, one]) => [status, resolve<Response>(document, one)] as const,
  );
  const command = operation["x-codeSamples"][0]!.source.replaceAll("$FLOW_URL", origin);
  const answer = responses.find(([status, one]) => status < "3" && one.content)?.[1].content?.[
    "application/json"
  ];
  return html`<article aria-labelledby="${operation.operationId}">
    <h3 id="${operation.operationId}">${operation.summary}</h3>
    <p class="route"><span class="m ${method}">${method}</span> <code>/api/v3${path}</code></p>
    ${prose(operation.description)} ${parameters.length === 0 ? "" : parameterTable(parameters)}
    ${
      body
        ? html`<h4>Body</h4>
            ${schemaTable(body.schema) ?? html`<p>${schemaWords(body.schema)}</p>`}`
        : ""
    }
    ${
      form
        ? html`<h4>Or a form (<code>multipart/form-data</code>)</h4>
            ${schemaTable(form.schema)}`
        : ""
    }
    <h4>Example</h4>
    <pre><code>${command}</code></pre>
    ${answer?.example === undefined ? "" : html`<pre><code>${JSON.stringify(answer.example, null, 2)}</code></pre>`}
    <h4>Answers</h4>
    <dl>
      ${responses.map(
        ([status, one]) =>
          html`<dt>${status === "default" ? "500" : status}</dt>
            <dd>
              ${inline(one.description)}
              ${one.content?.["application/json"] ? schemaWords(one.content["application/json"].schema) : ""}
            </dd>`,
      )}
    </dl>
  </article>`;
}

function parameterTable(parameters: Parameter[]): Html {
  return html`<h4>Parameters</h4>
    <div class="wide" tabindex="0" role="region" aria-label="Parameters">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">In</th>
            <th scope="col">Value</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${parameters.map(
            (one) =>
              html`<tr>
                <th scope="row"><code>${one.name}</code>${one.required ? html` <em>required</em>` : ""}</th>
                <td>${one.in}</td>
                <td>${schemaWords(one.schema)}</td>
                <td>${inline(one.description ?? "")}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function resolve<T>(document: ApiDocument, node: JsonSchema): T {
  const ref = node["$ref"];
  if (typeof ref !== "string") return node as T;
  const [, , group, name] = ref.split("/") as [string, string, string, string];
  return (document.components as Record<string, Record<string, unknown>>)[group]![name] as T;
}

const anchor = (name: string) => `section-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;

const prose = (text: string): Html => html`${text.split("\n\n").map((part) => html`<p>${inline(part)}</p>`)}`;

/** Nothing may be loaded or run; the one style sheet is known by its hash. */
async function policyOf(style: string): Promise<string> {
  const hash = await sha256Base64(style);
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
