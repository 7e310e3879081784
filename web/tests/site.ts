// Starts the program on the sample edition, and a browser to look at it.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

export interface Site {
  address: string;
  /** Where the same program serves many public bodies. */
  bodies: string;
  /** A token of somebody who manages tokens. */
  token: string;
  browser: Browser;
  close(): Promise<void>;
}

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function findBrowser(): string {
  const named = process.env.CENTIME_TEST_BROWSER;
  if (named) return named;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of BROWSERS) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  throw new Error(
    `no browser found (${BROWSERS.join(", ")}): install Chromium, or name one in CENTIME_TEST_BROWSER`,
  );
}

export function program(): string {
  const path = process.env.CENTIME_BINARY;
  if (!path) throw new Error("CENTIME_BINARY must name the program: run `make test`");
  return path;
}

// What the program says on standard error once it serves.
function said(child: ChildProcess, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = said.match(wanted);
      if (found?.[1]) resolve(found[1]);
    });
    child.on("exit", (code) => reject(new Error(`the program ended (${code}): ${said}`)));
    child.on("error", reject);
  });
}

/** A browser, with flags of its own beside the usual ones. A proxy of the machine knows no site of ours. */
export function launch(...flags: string[]): Promise<Browser> {
  const usual = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const args = ["--no-proxy-server", ...usual, ...flags];
  return chromium.launch({ executablePath: findBrowser(), args });
}

/** The program while it serves. */
export interface Running {
  address: string;
  stop(): Promise<void>;
}

/** Runs the program until it is stopped; resolves once it serves. */
export async function run(...args: string[]): Promise<Running> {
  const child = spawn(program(), args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    address: await said(child, /Centime is at (http:\S+) /),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

export async function start(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "centime-web-"));
  const database = `sqlite:${join(folder, "sample.db")}`;
  const children: ChildProcess[] = [];
  const run = (...args: string[]) => {
    const child = spawn(program(), args, { stdio: ["ignore", "ignore", "pipe"] });
    children.push(child);
    return child;
  };
  const serve = (of: string[], into: string) => {
    const at = ["--refresh", "never", "--listen", "127.0.0.1:0", "--database", into];
    return said(run("up", ...of, ...at), /Centime is at (http:\S+) /);
  };
  const address = await serve(["--sample"], database);
  const portal = await said(
    run("portal-sim", "--bodies", "3", "--listen", "127.0.0.1:0"),
    /(http:\/\/127\.0\.0\.1:\d+)/,
  );
  const bodies = await serve(["--portal", portal], `sqlite:${join(folder, "bodies.db")}`);
  const create = ["token", "create", "--role", "admin", "--database", database];
  const token = execFileSync(program(), create, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  const browser = await launch();
  return {
    address,
    bodies,
    token,
    browser,
    async close() {
      await browser.close();
      for (const child of children) {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGTERM");
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
