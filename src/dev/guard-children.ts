import { execFileSync, spawn } from "node:child_process";

/**
 * Ends workerd when this process is killed without a chance to do it: a shell waits for the end of a
 * pipe that only this process holds. Call again after workerd was restarted.
 */
export function guardWorkerd(): { release(): void } {
  if (process.platform === "win32") return { release() {} };
  const pids = workerdChildren();
  const script = `cat >/dev/null; kill -9 ${pids.join(" ")} 2>/dev/null`;
  const guard = spawn("sh", ["-c", script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  guard.unref();
  return {
    release() {
      guard.kill("SIGKILL");
    },
  };
}

function workerdChildren(): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [pid, parent, command] = line.trim().split(/\s+/);
    return Number(parent) === process.pid && command?.includes("workerd") ? [Number(pid)] : [];
  });
}
