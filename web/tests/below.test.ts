// The site below a path of its host: nothing that a browser asks for by itself lies outside.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launch, type Running, run } from "./site.js";

const PATH = "/ville/comptes";

let folder: string;
let running: Running;
let browser: Browser;

// As behind a proxy that passes the path on.
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "centime-web-"));
  const configuration = join(folder, "centime.toml");
  writeFileSync(configuration, `[site]\npublic_address = "https://town.example${PATH}"\n`);
  const at = ["--refresh", "never", "--listen", "127.0.0.1:0", "--config", configuration];
  running = await run("up", "--sample", ...at, "--database", `sqlite:${join(folder, "site.db")}`);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("below a path", () => {
  it("draws charts, exchanges views in place and follows links without leaving", async () => {
    const context = await browser.newContext({ locale: "fr-FR" });
    const page = await context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    page.on("response", (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));

    await page.goto(`${running.address}${PATH}/`);
    await page.locator(".site-nav").getByRole("link", { name: "Tableau de bord" }).click();
    await page.waitForURL(`**${PATH}/dashboard`);
    await page.evaluate(() => {
      (window as unknown as { same: boolean }).same = true;
    });
    // A chart asks for what it is drawn from, and for the script that draws it.
    await page.locator("#chart-result .chart__plot").hover();
    await page.locator("#chart-result .chart__plot--live svg").waitFor();
    // A filter and a link of a view exchange the view in place.
    await page.locator("#f-side").selectOption("expense");
    await page.waitForURL(/side=expense/);
    await page.locator(".chips a.chip").first().click();
    await page.waitForURL((address) => !address.search.includes("side="));
    assert.equal(new URL(page.url()).pathname, `${PATH}/dashboard`);
    assert.ok(await page.evaluate(() => (window as unknown as { same: boolean }).same));
    assert.ok(await page.evaluate(() => document.fonts.check("16px 'Source Sans 3'")));

    await page.locator(".lang-switch").getByRole("link", { name: "EN" }).click();
    await page.waitForURL(/lang=en/);
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie?.name, cookie?.value, cookie?.path], ["lang", "en", PATH]);
    await page.locator(".wordmark").click();
    await page.waitForURL(`**${PATH}/`);

    const outside = asked.filter((path) => !path.startsWith(`${PATH}/`));
    assert.deepEqual(outside, []);
    for (const needed of ["/assets/charts.js", "/assets/site.css", "/dashboard/result.option"]) {
      assert.ok(asked.includes(PATH + needed), needed);
    }
    assert.ok(asked.some((path) => path.endsWith(".woff2")));
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
