/**
 * Whether somebody would rather read a page than JSON: a browser that opens an address, and nobody who
 * takes anything.
 */
export function wantsHtml({ headers }: Request): boolean {
  const accept = headers.get("accept");
  if (!accept?.includes("text/html")) return false;
  const weightOf = (type: string) => {
    const range = accept.split(",").find((one) => one.split(";")[0]!.trim().toLowerCase() === type);
    return range === undefined ? 0 : Number(/;\s*q=([\d.]+)/i.exec(range)?.[1] ?? 1);
  };
  const ofHtml = weightOf("text/html");
  return ofHtml > 0 && ofHtml >= weightOf("application/json");
}
