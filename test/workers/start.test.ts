import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { killStarted, npmStart as start } from "../support/npm-start.ts";
import { eventually } from "../support/tenant.ts";

afterEach(killStarted);

describe("npm start", { timeout: 240_000 }, () => {
  it("brings a demonstration up, keeps what was acknowledged through kill -9, and refuses a second start", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "flow-start-"));
    const first = start(cwd, 0);
    const { url, tokens } = await first.ready;
    expect(JSON.parse(readFileSync(join(cwd, ".flow/dev.json"), "utf8"))).toMatchObject({
      url,
      tenant: "demo",
      tokens,
    });
    const headers = { authorization: `Bearer ${tokens.write}` };
    const posts = (await (await fetch(`${url}/v3/content/blog_post`, { headers })).json()) as {
      data: unknown[];
    };
    expect(posts.data.length).toBeGreaterThan(2);

    const second = start(cwd, 0);
    expect(await second.ended).toMatchObject({ code: 1, err: expect.stringContaining("already") });

    const made = await fetch(`${url}/v3/content/blog_post`, {
      method: "POST",
      headers,
      body: JSON.stringify({ title: "Kept", slug: "kept" }),
    });
    expect(made.status).toBe(201);
    first.child.kill("SIGKILL");
    await first.ended;
    await eventually(async () => (await fetch(`${url}/healthz`).catch(() => undefined)) === undefined);

    const third = start(cwd, Number(new URL(url).port));
    const again = await third.ready;
    expect(again).toMatchObject({ url, tokens });
    expect((await fetch(`${url}/v3/content/blog_post/kept?perspective=draft`, { headers })).status).toBe(200);
    third.child.kill("SIGINT");
    expect((await third.ended).code).toBe(0);
  });

  it("says that a port is taken, and what an option must be", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "flow-start-"));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect(await start(cwd, port).ended).toMatchObject({
      code: 1,
      err: expect.stringContaining(`Port ${port} is taken`),
    });
    server.close();
    expect(await start(cwd, 99_999).ended).toMatchObject({ code: 2, err: expect.stringContaining("--port") });
  });

  it("starts a killed workerd again under load, and ends when it dies too often", async () => {
    const flow = start(mkdtempSync(join(tmpdir(), "flow-start-")), 0);
    const { url, tokens } = await flow.ready;
    const headers = { authorization: `Bearer ${tokens.read}` };
    const ask = () =>
      fetch(`${url}/v3/content/blog_post?limit=1`, { headers }).then(
        async (response) => (await response.arrayBuffer(), response.status),
        () => "no connection",
      );
    const answers = new Map<number | string, number>();
    const over = new AbortController();
    const work = async () => {
      while (!over.signal.aborted) {
        const answer = await ask();
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (answer !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const load = Array.from({ length: 4 }, work);
    for (let round = 1; round <= 2; round++) {
      const before = answers.get(200) ?? 0;
      await eventually(async () => (answers.get(200) ?? 0) > before + 10);
      killWorkerd(flow.child.pid!);
      await eventually(async () => flow.written().includes(`(${round} of 5 within a minute)`));
      await eventually(async () => (await ask()) === 200);
    }
    over.abort();
    await Promise.all(load);
    expect([...answers.keys()].filter((answer) => ![200, 503, "no connection"].includes(answer))).toEqual([]);
    for (let round = 3; round <= 6; round++) {
      killWorkerd(flow.child.pid!);
      if (round < 6) await eventually(async () => flow.written().includes(`(${round} of 5 within a minute)`));
    }
    expect(await flow.ended).toMatchObject({ code: 1, err: expect.stringContaining("not started again") });
  });
});

function killWorkerd(parent: number): void {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).split("\n");
  for (const line of lines) {
    const [pid, ppid, command] = line.trim().split(/\s+/);
    if (Number(ppid) === parent && command?.includes("workerd")) process.kill(Number(pid), "SIGKILL");
  }
}
