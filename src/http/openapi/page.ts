import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { sha256Base64 } from "../../core/base64.ts";
import { METHODS } from "../../core/operation.ts";
import type { ApiDocument } from "./document.ts";
import { code, showOperation, type Shown } from "./page-operation.ts";
import { prose, SCHEMAS_PAGE, schemaTable, schemaWords } from "./page-schema.ts";
import { STYLE } from "./page-style.ts";

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
type Section = { name: string; description: string; page: string; operations: Shown[] };
type Page = { title: string; body: Html };

/**
 * A page of the API document for people: without `name` what there is, else the operations of one
 * tag, or `schemas`. Undefined when there is no such page. No script, nothing from elsewhere, and a
 * policy that allows neither. Commands show `origin`.
 */
export async function renderPage(
  document: ApiDocument,
  origin: string,
  name?: string,
): Promise<{ html: string; policy: string } | undefined> {
  const sections = sectionsOf(document);
  const section = sections.find(({ page }) => page === name);
  const page = pageOf(document, origin, sections, section, name);
  if (!page) return undefined;
  const whole = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title}</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <nav aria-label="Pages">
          <p class="brand"><a href="/docs" ${current(name === undefined)}>FlowCMS API</a></p>
          <ul>
            ${sections.map((one) => navigation(one, one === section))}
            <li><a href="/docs/${SCHEMAS_PAGE}" ${current(name === SCHEMAS_PAGE)}>Schemas</a></li>
          </ul>
        </nav>
        <main id="main">${page.body}</main>
      </body>
    </html>`;
  // The indentation of the templates; texts hold no "<", and examples in <pre> none either.
  return { html: String(whole).replace(/^[ \t]+</gm, "<"), policy: await policyOf(STYLE) };
}

/** The names of all pages but the first. */
export const pageNames = (document: ApiDocument): string[] => [
  ...document.tags.map(({ name }) => slugOf(name)),
  SCHEMAS_PAGE,
];

function sectionsOf(document: ApiDocument): Section[] {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): Shown[] => {
      const operation = item[method];
      return operation ? [{ method, path, operation }] : [];
    }),
  );
  return document.tags.map((tag) => ({
    ...tag,
    page: slugOf(tag.name),
    operations: operations.filter(({ operation }) => operation.tags[0] === tag.name),
  }));
}

function pageOf(
  document: ApiDocument,
  origin: string,
  sections: Section[],
  section: Section | undefined,
  name: string | undefined,
): Page | undefined {
  if (name === undefined) return { title: "FlowCMS API", body: overview(document, origin, sections) };
  if (name === SCHEMAS_PAGE) return { title: "Schemas · FlowCMS API", body: schemasBody(document) };
  if (!section) return undefined;
  const body = html`<h1>${section.name}</h1>
    ${prose(section.description)} ${section.operations.map((shown) => showOperation(shown, document, origin))}`;
  return { title: `${section.name} · FlowCMS API`, body };
}

/** The other pages by name, and the contents of the current one. */
function navigation({ name, page, operations }: Section, isShown: boolean): Html {
  return html`<li>
    <a href="/docs/${page}" ${current(isShown)}>${name}</a>
    ${
      isShown
        ? html`<ul>
            ${operations.map(
              ({ operation, method }) =>
                html`<li>
                  <a href="#${operation.operationId}">${badge(method)} ${operation.summary}</a>
                </li>`,
            )}
          </ul>`
        : ""
    }
  </li>`;
}

/** All operations by name, so that links from outside need not know the page. */
function overview(document: ApiDocument, origin: string, sections: Section[]): Html {
  return html`<h1>FlowCMS API</h1>
    ${prose(String(document.info["description"]))}
    <p>
      Base address: <code>${origin}/api/v3</code>. Machines read
      <a href="/api/v3/openapi.json">openapi.json</a>; with a token it describes your own content types.
    </p>
    ${code("export FLOW_TOKEN=flow_…", "Before the examples")}
    ${sections.map(
      ({ name, page, description, operations }) =>
        html`<h2 id="section-${page}"><a href="/docs/${page}">${name}</a></h2>
          ${prose(description)}
          <ul class="operations">
            ${operations.map(
              ({ operation, method, path }) =>
                html`<li id="${operation.operationId}">
                  ${badge(method)}
                  <a href="/docs/${page}#${operation.operationId}">${operation.summary}</a>
                  <code>${path}</code>
                </li>`,
            )}
          </ul>`,
    )}`;
}

function schemasBody(document: ApiDocument): Html {
  return html`<h1>Schemas</h1>
    ${Object.entries(document.components.schemas).map(
      ([name, schema]) =>
        html`<article class="schema" aria-labelledby="schema-${name}">
          <h2 id="schema-${name}">${name}</h2>
          ${schema["description"] === undefined ? "" : prose(String(schema["description"]))}
          ${schemaTable(schema, `Properties of ${name}`) ?? html`<p>${schemaWords(schema)}</p>`}
        </article>`,
    )}`;
}

const badge = (method: string): Html => html`<span class="m">${method}</span>`;
const current = (isShown: boolean) => raw(isShown ? 'aria-current="page"' : "");
const slugOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** Nothing may be loaded or run; the one style sheet is known by its hash. */
async function policyOf(style: string): Promise<string> {
  const hash = await sha256Base64(style);
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
