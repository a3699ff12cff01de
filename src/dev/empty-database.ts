import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { ROOT } from "./build.ts";

/**
 * What initdb and the migrations of that day make, packed: making it takes thirty times the work of
 * unpacking it, and over 1 GB of memory. Later migrations are applied to it as to any database.
 */
const FILE = join(import.meta.dirname, "empty-database.br");
/** Of one run, not of the database. */
const LEFT_OUT = new Set(["postmaster.pid", "postmaster.opts"]);

type Header = {
  pglite: string;
  /** Hashes of the migrations by their names. */
  migrations: Record<string, string>;
  entries: { path: string; bytes: number | null }[];
};
const REPACK = "`node src/dev/pack-empty-database.ts` packs it again";

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const manifest = join(dirname(entry), "../package.json");
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

function migrationHashes(): Record<string, string> {
  const folder = join(ROOT, "migrations");
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex"),
    ]),
  );
}

/** Writes an empty database into `dataDir`, a folder that is not there yet. */
export function unpackEmptyDatabase(dataDir: string): void {
  const packed = brotliDecompressSync(readFileSync(FILE));
  const end = packed.indexOf(0);
  const { pglite, migrations, entries } = JSON.parse(packed.subarray(0, end).toString()) as Header;
  if (pglite !== pgliteVersion()) throw new Error(`The packed database is PGlite ${pglite}'s: ${REPACK}.`);
  const current = migrationHashes();
  for (const [name, hash] of Object.entries(migrations))
    if (current[name] !== hash) throw new Error(`The packed database has another ${name}: ${REPACK}.`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(dataDir, 0o700);
  let at = end + 1;
  for (const { path, bytes } of entries) {
    if (bytes === null) mkdirSync(join(dataDir, path), { mode: 0o700 });
    else writeFileSync(join(dataDir, path), packed.subarray(at, (at += bytes)), { mode: 0o600 });
  }
}

/** Packs a database that was closed; answers the packed size. */
export function packEmptyDatabase(dataDir: string): number {
  const entries: Header["entries"] = [];
  const contents: Buffer[] = [];
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (LEFT_OUT.has(name)) continue;
      const isFolder = statSync(path).isDirectory();
      const content = isFolder ? null : readFileSync(path);
      entries.push({ path: relative(dataDir, path), bytes: content?.length ?? null });
      if (content) contents.push(content);
      else visit(path);
    }
  };
  visit(dataDir);
  const header: Header = { pglite: pgliteVersion(), migrations: migrationHashes(), entries };
  const packed = brotliCompressSync(
    Buffer.concat([Buffer.from(`${JSON.stringify(header)}\0`), ...contents]),
    {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
    },
  );
  writeFileSync(FILE, packed);
  return packed.length;
}
