import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The rooms that each room may look into. */
const ARROWS: Record<string, string[]> = {
  core: [],
  db: ["core"],
  platform: ["core", "db"],
  domain: ["core", "db"],
  http: ["core", "db", "platform", "domain"],
  sdk: [],
  cli: ["sdk"],
  dev: ["core", "db", "platform", "domain", "http", "sdk"],
};
/**
 * The wings of the domain, each for the Worker that it is named after or for all; those that each may
 * look into.
 */
const WINGS: Record<string, string[]> = {
  tenant: [],
  identity: ["tenant"],
  media: ["tenant"],
  content: ["tenant", "media"],
  reach: ["tenant", "media", "content"],
};
/** The files of a slice that others may import: its index from other slices, its operations from src/http. */
const ENTRANCES = ["index.ts", "operations.ts", "routes.ts"];
/**
 * Rooms of a slice in their order: each may use those before it, by their index, and the files that
 * stand beside them.
 */
const ROOMS: Record<string, string[]> = {
  "content/entries": ["query", "model", "read", "write", "versions"],
};
const MAX_LINES = 400;
const MAX_WORKER_LINES = 80;

const walk = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
const files = ["src", "workers", "test"]
  .flatMap((folder) => walk(join(ROOT, folder)))
  .filter((path) => path.endsWith(".ts"));
const importsOf = (path: string) =>
  [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, to]) =>
    relative(ROOT, join(dirname(path), to!)),
  );

describe("the house", () => {
  it("has no room but those it was planned with", () => {
    expect(readdirSync(join(ROOT, "src")).sort()).toEqual(Object.keys(ARROWS).sort());
    expect(readdirSync(join(ROOT, "src/domain")).sort()).toEqual(Object.keys(WINGS).sort());
  });

  it("keeps its arrows", () => {
    const broken: string[] = [];
    for (const path of files.filter(
      (one) => one.startsWith(join(ROOT, "src")) && !one.endsWith(".test.ts"),
    )) {
      const from = relative(ROOT, path);
      const [, room, wing, slice] = from.split("/") as [string, string, string, string];
      for (const to of importsOf(path)) {
        const [top, toRoom, toWing, toSlice, toFile] = to.split("/") as [string, string, ...string[]];
        if (top !== "src") {
          if (!to.endsWith("package.json")) broken.push(`${from} → ${to}`);
        } else if (toRoom !== room) {
          if (!ARROWS[room]!.includes(toRoom)) broken.push(`${from} → ${to}`);
          if (toRoom === "domain" && !ENTRANCES.includes(toFile!))
            broken.push(`${from} → ${to} (not the slice's entrance)`);
        } else if (room === "domain" && (toWing !== wing || toSlice !== slice)) {
          if (toWing !== wing && !WINGS[wing]!.includes(toWing!)) broken.push(`${from} → ${to}`);
          if (toFile !== "index.ts") broken.push(`${from} → ${to} (not the slice's index)`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it("keeps the rooms of a slice apart", () => {
    const broken: string[] = [];
    for (const [slice, rooms] of Object.entries(ROOMS)) {
      const folder = join(ROOT, "src/domain", slice);
      const folders = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
      expect(folders.sort()).toEqual(rooms.toSorted());
      const inside = files.filter((path) => path.startsWith(`${folder}/`) && !path.endsWith(".test.ts"));
      for (const path of inside) {
        const [from, mine] = [relative(ROOT, path), relative(folder, path).split("/")[0]!];
        for (const to of importsOf(path).filter((one) => one.startsWith(`src/domain/${slice}/`))) {
          const [room, file] = to.split("/").slice(4) as [string, string | undefined];
          if (file === undefined || room === mine) continue;
          const isAfter = rooms.includes(mine) && rooms.indexOf(room) > rooms.indexOf(mine);
          if (isAfter || file !== "index.ts") broken.push(`${from} → ${to}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  it("goes in no circles, of files and of slices", () => {
    const sources = files.filter((path) => path.startsWith(join(ROOT, "src")));
    const imports = new Map(sources.map((path) => [relative(ROOT, path), importsOf(path)]));
    expect(circlesIn(imports)).toEqual([]);
    const sliceOf = (path: string) => path.split("/").slice(2, 4).join("/");
    const isDomain = (path: string) => path.startsWith("src/domain/") && !path.endsWith(".test.ts");
    const slices = new Map<string, string[]>();
    for (const [path, to] of imports)
      if (isDomain(path))
        slices.set(sliceOf(path), [
          ...(slices.get(sliceOf(path)) ?? []),
          ...to.filter(isDomain).map(sliceOf),
        ]);
    expect(slices.size).toBeGreaterThan(15);
    expect(circlesIn(slices)).toEqual([]);
  });

  it("lets nobody but the workbench import the workbench", () => {
    const guests = files.filter(
      (path) => !relative(ROOT, path).startsWith("src/dev") && !relative(ROOT, path).startsWith("test"),
    );
    expect(guests.filter((path) => importsOf(path).some((to) => to.startsWith("src/dev")))).toEqual([]);
  });

  it("has no file that nobody can read in one go", () => {
    const written = files.filter((path) => !path.includes("/generated/"));
    const long = written.map(
      (path) => [relative(ROOT, path), readFileSync(path, "utf8").split("\n").length - 1] as const,
    );
    expect(
      long.filter(([path, lines]) => lines > (path.startsWith("workers/") ? MAX_WORKER_LINES : MAX_LINES)),
    ).toEqual([]);
  });

  it("guards every verb: permission before anything else", () => {
    const unguarded: string[] = [];
    for (const path of files.filter((one) => one.includes("/src/domain/") && !one.endsWith(".test.ts"))) {
      const text = readFileSync(path, "utf8");
      const slice = relative(ROOT, path).split("/").slice(2, 4).join("/");
      const front = slice in ROOMS ? join(ROOT, "src/domain", slice) : dirname(path);
      const index = join(front, "index.ts");
      const offered = existsSync(index) ? readFileSync(index, "utf8") : "";
      for (const [, name, body] of text.matchAll(
        /export (?:async )?function (\w+)\(\s*ctx: Context,[^{]*?\binput: [\s\S]*?\)(?:: [^\n]*)? \{\n([\s\S]*?)\n\}/g,
      )) {
        if (
          new RegExp(`\\b${name}\\b`).test(offered) &&
          !/require(?:Permission|Read)\(ctx/.test(body!.split("\n").slice(0, 2).join("\n")) &&
          !/(put|create)\w+\(ctx/i.test(body!)
        )
          unguarded.push(`${relative(ROOT, path)}: ${name}`);
      }
    }
    expect(unguarded).toEqual([]);
  });

  it("says nothing of the machine it was written on", () => {
    const told = files.filter((path) => /\/(?:work|farm)\/[a-z]/.test(readFileSync(path, "utf8")));
    expect(told.map((path) => relative(ROOT, path))).toEqual([]);
  });
});

/**
 * The files that import one another, types included: Tarjan's strongly connected components of more
 * than one.
 */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const mine = order.size;
    let lowest = mine;
    order.set(file, mine);
    open.push(file);
    for (const to of imports.get(file)!.filter((one) => imports.has(one)))
      if (!order.has(to)) lowest = Math.min(lowest, visit(to));
      else if (open.includes(to)) lowest = Math.min(lowest, order.get(to)!);
    if (lowest === mine) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return lowest;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return circles.sort();
}
