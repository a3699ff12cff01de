import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Described } from "./describe-operation.ts";
import type { ApiDocument } from "./document.ts";
import type { JsonSchema } from "./json-schema.ts";
import { inline, prose, namedTable, schemaTable, schemaWords } from "./page-schema.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
export type Shown = { method: string; path: string; operation: Described };
type Parameter = { name: string; in: string; required: boolean; description?: string; schema: JsonSchema };
type Media = { schema: JsonSchema; example?: unknown };
type Response = { description: string; content?: { "application/json"?: Media } };

/** One operation: its input, an example command, and its responses. */
export function showOperation(
  { method, path, operation }: Shown,
  document: ApiDocument,
  origin: string,
): Html {
  const parameters = (operation.parameters ?? []).map((one) => resolve<Parameter>(document, one));
  const { "application/json": body, "multipart/form-data": form } = (operation.requestBody?.["content"] ??
    {}) as Record<string, Media | undefined>;
  const responses = Object.entries(operation.responses).map(
    ([status, one]) => [status, resolve<Response>(document, one)] as const,
  );
  const { summary } = operation;
  const command = operation["x-codeSamples"][0]!.source.replaceAll("$FLOW_URL", origin);
  const answer = responses.find(([status, one]) => status < "3" && one.content)?.[1].content?.[
    "application/json"
  ];
  return html`<article aria-labelledby="${operation.operationId}">
    <h2 id="${operation.operationId}">${operation.summary}</h2>
    <p class="route"><span class="m">${method}</span> <code>/api/v3${path}</code></p>
    ${prose(operation.description)} ${parameters.length === 0 ? "" : parameterTable(parameters, summary)}
    ${
      body
        ? html`<h3>Body</h3>
            ${schemaTable(body.schema, `Body of “${summary}”`) ?? html`<p>${schemaWords(body.schema)}</p>`}`
        : ""
    }
    ${
      form
        ? html`<h3>Or a form (<code>multipart/form-data</code>)</h3>
            ${schemaTable(form.schema, `Form of “${summary}”`)}`
        : ""
    }
    <h3>Example</h3>
    ${code(command, `Command for “${summary}”`)}
    ${answer?.example === undefined ? "" : code(JSON.stringify(answer.example, null, 2), `Answer to “${summary}”`)}
    <h3>Answers</h3>
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

/** Code that is scrolled sideways, by keyboard too. */
export const code = (text: string, label: string): Html =>
  html`<pre tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>`;

function parameterTable(parameters: Parameter[], summary: string): Html {
  const rows = parameters.map((one) => ({
    name: one.name,
    isRequired: one.required === true,
    cells: [one.in, schemaWords(one.schema), inline(one.description ?? "")],
  }));
  return html`<h3>Parameters</h3>
    ${namedTable(`Parameters of “${summary}”`, ["In", "Value", "Meaning"], rows)}`;
}

function resolve<T>(document: ApiDocument, node: JsonSchema): T {
  const ref = node["$ref"];
  if (typeof ref !== "string") return node as T;
  const [, , group, name] = ref.split("/") as [string, string, string, string];
  return (document.components as Record<string, Record<string, unknown>>)[group]![name] as T;
}
