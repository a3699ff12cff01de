import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const NOT_PURGED = `select count(*) as n from kept where not exists (select 1 from purges, json_each(kept.tags) tag
  where purges.tag = tag.value and purges.at >= kept.asked_at)`;

/** How many answers an installation keeps on the disk that nothing has purged. */
export function keptOnDisk(dataDir: string): number {
  const folder = join(dataDir, "workers/do/flowcms-gateway-KeptAnswers");
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  return files.reduce((sum, name) => {
    const database = new DatabaseSync(join(folder, name), { readOnly: true });
    try {
      const row = database.prepare(NOT_PURGED).get() as { n: number };
      return sum + row.n;
    } finally {
      database.close();
    }
  }, 0);
}
