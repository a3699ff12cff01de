import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const PLACES = [
  process.env["CHROMIUM_PATH"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where a Chromium is; throws where one is required. */
export function findChromium(): string | undefined {
  const path = PLACES.find((one) => one !== undefined && existsSync(one));
  if (path === undefined && process.env["CI"])
    throw new Error("A Chromium is needed here: set CHROMIUM_PATH.");
  if (path === undefined)
    console.warn("\n*** SKIPPED: no Chromium was found; nothing was tried in a browser in this run. ***\n");
  return path;
}

/** A browser without a window. */
export const openBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
