// What pages of other sites may take, and what is said where a browser does not keep a session: in a real browser,
// because it is the browser that decides both.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launch, program, type Running, run } from "./site.js";

const HOST = "comptes.test";

const LINKS = `
[[site.links]]
fr = "Mentions légales et politique de confidentialité de la collectivité"
en = "Legal notice"
address = "https://www.ville.example/mentions-legales"

[[site.links]]
fr = "Accessibilité : partiellement conforme"
en = "Accessibility: partially compliant"
address = "/accessibilite"

[[site.links]]
fr = "Contact"
en = "Contact"
address = "mailto:comptes@ville.example"
`;

let folder: string;
let browser: Browser;
let open: Running;
let closed: Running;
let elsewhere: Server;
let town: string;
let token: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "centime-reuse-"));
  const config = join(folder, "centime.toml");
  writeFileSync(config, LINKS);
  const database = `sqlite:${join(folder, "sample.db")}`;
  const at = ["--config", config, "--listen", "127.0.0.1:0", "--database", database];
  open = await run("up", "--sample", "--refresh", "never", "--access", "public", ...at);
  closed = await run("serve", "--access", "token", ...at);
  const create = ["token", "create", "--role", "viewer", "--database", database];
  token = execFileSync(program(), create, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  elsewhere = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html; charset=utf-8");
    answer.end("<!doctype html><html lang=fr><title>Ville</title><p>Page de la ville");
  });
  await new Promise<void>((listening) => elsewhere.listen(0, "127.0.0.1", listening));
  town = `http://localhost:${(elsewhere.address() as AddressInfo).port}/`;
  browser = await launch(`--host-resolver-rules=MAP ${HOST} 127.0.0.1`);
});

after(async () => {
  await browser?.close();
  elsewhere?.close();
  await closed?.stop();
  await open?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function visit(address: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address);
  return { page, context };
}

/** How wide a picture is that the page shows; 0 where the browser refuses it. */
const picture = (page: Page, address: string) =>
  page.evaluate(
    (source) =>
      new Promise<number>((shown) => {
        const image = new Image();
        image.onload = () => shown(image.naturalWidth);
        image.onerror = () => shown(0);
        image.src = source;
        document.body.append(image);
      }),
    address,
  );

/** What a script of the page reads; `refused` where the browser does not let it. */
const read = (page: Page, address: string, options: RequestInit = {}) =>
  page.evaluate(
    async ([source, given]) => {
      try {
        const answer = await fetch(source, given);
        const tag = answer.headers.get("etag");
        return { status: answer.status, tag, text: await answer.text() };
      } catch {
        return "refused" as const;
      }
    },
    [address, options] as const,
  );

describe("a page of another site", () => {
  const pictures = [
    "/dashboard/result.svg",
    "/dashboard/result.png",
    "/analyses/yearly-result.svg",
    "/cards/dashboard/result.png",
  ];
  const data = [
    "/api/v1/analyses/yearly-result",
    "/api/v1/openapi.json",
    "/dashboard/result.csv",
    "/lines.json?year=2024",
  ];

  it("shows pictures and reads data where reading is open", async () => {
    const { page, context } = await visit(town);
    for (const path of pictures) {
      assert.ok((await picture(page, open.address + path)) > 100, path);
    }
    for (const path of data) {
      const answer = await read(page, open.address + path);
      assert.ok(answer !== "refused" && answer.status === 200, path);
      assert.ok(answer.text.length > 100, path);
    }
    const path = "/api/v1/analyses/yearly-result";
    const first = await read(page, open.address + path);
    assert.ok(first !== "refused" && first.tag, "the tag can be read");
    const headers = { "if-none-match": first.tag };
    const same = await read(page, open.address + path, { headers, cache: "no-store" });
    assert.ok(same !== "refused" && same.status === 304);
    const wrong = await read(page, `${open.address}/api/v1/lines?yaer=1`);
    assert.ok(wrong !== "refused" && wrong.status === 400 && wrong.text.includes("yaer"));
    await context.close();
  });

  it("reads no page, sends no token and changes nothing", async () => {
    const { page, context } = await visit(town);
    for (const path of ["/", "/lines", "/login", "/admin", "/embed/dashboard/result"]) {
      assert.equal(await read(page, open.address + path), "refused", path);
    }
    const path = `${open.address}/api/v1/bodies`;
    const headers = { authorization: `Bearer ${token}` };
    assert.equal(await read(page, path, { headers }), "refused");
    assert.equal(await read(page, path, { credentials: "include" }), "refused");
    const runs = `${open.address}/api/v1/runs`;
    const json = { "content-type": "application/json" };
    for (const options of [
      { method: "POST", headers: json, body: "{}" },
      { method: "POST" },
      { method: "DELETE" },
    ]) {
      assert.equal(await read(page, runs, options), "refused");
    }
    await context.close();
  });

  it("gets nothing where a token is needed", async () => {
    const { page, context } = await visit(town);
    for (const path of pictures) {
      assert.equal(await picture(page, closed.address + path), 0, path);
    }
    for (const path of data) {
      assert.equal(await read(page, closed.address + path), "refused", path);
    }
    await context.close();
  });
});

describe("a session", () => {
  const paste = async (page: Page) => {
    await page.locator("#f-token").fill(token);
    await page.locator("#f-token").press("Enter");
  };

  it("is kept on this machine", async () => {
    const { page, context } = await visit(`${closed.address}/lines?year=2024&lang=en`);
    assert.equal(await page.getByText("This connection is not encrypted").count(), 0);
    await paste(page);
    await page.waitForURL((address) => address.pathname === "/lines");
    assert.match(page.url(), /year=2024/);
    await context.close();
  });

  it("that is not kept over HTTP from elsewhere is explained, before and after", async () => {
    const far = closed.address.replace("127.0.0.1", HOST);
    const { page, context } = await visit(`${far}/lines?lang=en`);
    await page.getByText("This connection is not encrypted").waitFor();
    assert.equal(await page.getByText("Your session was not kept").count(), 0);
    await paste(page);
    await page.getByText("Your session was not kept").waitFor();
    assert.equal((await context.cookies()).filter((it) => it.name.includes("centime")).length, 0);
    assert.ok(!(await page.content()).includes(token));
    assert.ok(!page.url().includes(token));
    await context.close();
  });
});

describe("the links of the operator", () => {
  for (const [width, lang] of [
    [360, "fr"],
    [1280, "fr"],
    [360, "en"],
  ] as const) {
    it(`fit and are reached by keyboard at ${width} px (${lang})`, async () => {
      const context = await browser.newContext({ viewport: { width, height: 740 } });
      const page = await context.newPage();
      await page.goto(`${open.address}/analyses?lang=${lang}`);
      const links = page.locator(".site-footer__links a");
      assert.equal(await links.count(), 3);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0);
      await links.first().focus();
      for (const address of ["/accessibilite", "mailto:comptes@ville.example"]) {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate(() => document.activeElement?.getAttribute("href"));
        assert.equal(focused, address);
      }
      const box = await links.first().boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width);
      await context.close();
    });
  }
});
