import type { OperationFacts } from "../../core/operation.ts";

/** The example of an operation as a command for a shell where FLOW_URL and FLOW_TOKEN are set. */
export function curlExample({ method, path, permission, body, example }: OperationFacts): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    (example.params?.[name] ?? name).split("/").map(encodeURIComponent).join("/"),
  );
  const query = Object.entries(example.query ?? {})
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  const url = `"$FLOW_URL/api/v3${filled}${query === "" ? "" : `?${query}`}"`;
  const verb = method === "get" ? "" : ` -X ${method.toUpperCase()}`;
  const lines = [`curl -g${verb} ${url}`];
  if (permission) lines.push(`-H "Authorization: Bearer $FLOW_TOKEN"`);
  for (const [name, value] of Object.entries(example.headers ?? {}))
    lines.push(`-H ${quote(`${name}: ${value}`)}`);
  if (body && example.request !== undefined)
    lines.push(`-H "Content-Type: application/json"`, `-d ${quote(JSON.stringify(example.request))}`);
  return lines.join(" \\\n  ");
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
