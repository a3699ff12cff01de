import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { killStarted, npmStart as start } from "../support/npm-start.ts";
import { eventually } from "../support/tenant.ts";

afterEach(killStarted);

describe("npm start", () => {
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
});
