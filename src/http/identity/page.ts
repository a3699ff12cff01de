import { html, raw } from "hono/html";
import { sha256Base64 } from "../../core/base64.ts";
import type { Site } from "../../core/identity-context.ts";

type Html = ReturnType<typeof html>;
export type Page = {
  title: string;
  body: Html;
  status?: number;
  /** Another allowed form target: the origin of a client that a consent redirects to. */
  leadsTo?: string;
  /** Whether the page uses passkeys: the only script there is. */
  hasPasskeys?: boolean;
  headers?: Record<string, string>;
};

const STYLE = `
:root{--fg:#1b1f24;--muted:#59636e;--bg:#f4f6f8;--card:#fff;--line:#b9c1ca;--link:#0b57b0;--bad:#a3121f}
@media (prefers-color-scheme:dark){:root{--fg:#e6e9ed;--muted:#a3adb8;--bg:#14171a;--card:#1e2327;--line:#4a525a;--link:#86b9ff;--bad:#ff9b9b}}
*{box-sizing:border-box}
body{margin:0;color:var(--fg);background:var(--bg);font:1rem/1.5 system-ui,sans-serif}
main{max-width:27rem;margin:3rem auto;padding:2rem;background:var(--card);border-radius:.6rem}
main.wide{max-width:46rem}
header{text-align:center;margin-top:2rem;color:var(--muted)}
h1{font-size:1.4rem;margin:0 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
label{display:block;margin:.9rem 0 .25rem;font-weight:600}
input{width:100%;padding:.55rem .65rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:.35rem}
button{margin-top:1.1rem;padding:.6rem 1rem;font:inherit;font-weight:600;border:1px solid var(--link);border-radius:.35rem;background:var(--link);color:var(--card);cursor:pointer}
form.whole button{width:100%}
button.quiet{background:transparent;color:var(--link)}
button.small{margin:0;padding:.25rem .6rem;font-size:.9rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.hint{color:var(--muted);font-size:.92rem}
.wrong{border-left:4px solid var(--bad);padding:.4rem .8rem;margin:0 0 1rem}
.done{border-left:4px solid var(--link);padding:.4rem .8rem;margin:0 0 1rem}
ul.plain{list-style:none;padding:0}
ul.plain li{display:flex;gap:1rem;justify-content:space-between;align-items:center;padding:.5rem 0;border-bottom:1px solid var(--line)}
code{font:.95em ui-monospace,monospace;overflow-wrap:anywhere}
svg.qr{display:block;max-width:100%;height:auto;margin:1rem 0}
ul.codes{columns:2;font:1.05rem ui-monospace,monospace}
`;

/** A page of IDENTITY: no script except for passkeys, no framing, no caching. */
export async function showPage(
  site: Pick<Site, "issuer" | "prefix" | "tenantName">,
  page: Page,
): Promise<Response> {
  const styleHash = await sha256Base64(STYLE);
  const origin = page.hasPasskeys ? new URL(site.issuer).origin : "";
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "img-src 'self' data:",
    ...(page.hasPasskeys ? [`script-src ${origin}`, `connect-src ${origin}`] : []),
    `form-action 'self'${page.leadsTo ? ` ${page.leadsTo}` : ""}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");
  const document = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" href="data:," />
        <title>${page.title} · ${site.tenantName}</title>
        ${raw(`<style>${STYLE}</style>`)}
        ${page.hasPasskeys ? html`<script type="module" src="${site.prefix}/passkeys/script.js"></script>` : ""}
      </head>
      <body>
        <header>${site.tenantName}</header>
        <main>
          <h1>${page.title}</h1>
          ${page.body}
        </main>
      </body>
    </html>`;
  return new Response(document as unknown as string, {
    status: page.status ?? 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy,
      "cache-control": "no-store",
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      ...page.headers,
    },
  });
}

/** What went wrong, where screen readers say it at once. */
export const wrong = (message: string | undefined): Html | string =>
  message === undefined ? "" : html`<p class="wrong" role="alert">${message}</p>`;

/** What was done. */
export const done = (message: string | undefined): Html | string =>
  message === undefined ? "" : html`<p class="done" role="status">${message}</p>`;

type Field = {
  name: string;
  /** By default the name; another where the page has two fields of one name. */
  id?: string;
  label: string;
  type?: string;
  value?: string | undefined;
  autocomplete?: string;
  hint?: string;
  isOptional?: boolean;
};

/** A labelled input. */
export function field({
  name,
  id = name,
  label,
  type = "text",
  value,
  autocomplete = "off",
  hint,
  isOptional,
}: Field): Html {
  const describedBy = hint === undefined ? "" : html`aria-describedby="${id}-hint"`;
  return html`<label for="${id}">${label}</label>
    <input
      id="${id}"
      name="${name}"
      type="${type}"
      value="${value ?? ""}"
      autocomplete="${autocomplete}"
      ${describedBy}
      ${isOptional ? "" : "required"}
    />
    ${hint === undefined ? "" : html`<p class="hint" id="${id}-hint">${hint}</p>`}`;
}

export const hidden = (name: string, value: string | undefined): Html | string =>
  value === undefined || value === "" ? "" : html`<input type="hidden" name="${name}" value="${value}" />`;

export { html };
