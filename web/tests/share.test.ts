// What is offered for pages of others, as a browser completes it, and what a printed sheet says.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, type Running, run } from "./site.js";

let folder: string;
let running: Running;
let browser: Browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "centime-web-"));
  const configuration = join(folder, "centime.toml");
  writeFileSync(configuration, '[site]\nframe_ancestors = ["https://gazette.example"]\n');
  const at = ["--refresh", "never", "--listen", "127.0.0.1:0", "--config", configuration];
  running = await run("up", "--sample", ...at, "--database", `sqlite:${join(folder, "site.db")}`);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(path: string): Promise<Page> {
  const context = await browser.newContext({ locale: "fr-FR" });
  const page = await context.newPage();
  await page.goto(`${running.address}${path}`);
  return page;
}

describe("what is shared", () => {
  it("has the address of the site, also where the site does not know it, and is copied", async () => {
    const page = await open("/dashboard?from=2019&lang=fr");
    const written = `${running.address}/dashboard?from=2019&revision=1&lang=fr#result`;
    for (const id of ["#cite-result", "#bib-result", "#link-result"]) {
      const text = await page.locator(id).inputValue();
      assert.equal(text.split(written).length, 2, text);
    }
    const share = page.locator("details.share", { has: page.locator("#cite-result") });
    await share.locator("summary").click();
    await share.locator("button[data-copy='cite-result']").click();
    const told = await share.locator("[role='status']").first().textContent();
    const marked = await page.evaluate(() => getSelection()?.toString() ?? "");
    // A browser that may not copy marks the text for the reader.
    assert.ok(told === "Copié" || marked.includes("#result"), `${told} ${marked}`);
    await page.context().close();
  });

  it("is a frame in the size and the colours that were chosen", async () => {
    const page = await open("/dashboard?lang=fr");
    const code = page.locator("#frame-result");
    const at = `${running.address}/embed/dashboard/result?lang=fr`;
    assert.match(await code.inputValue(), /width="720" height="560"/);
    assert.ok((await code.inputValue()).includes(`src="${at}"`));
    const share = page.locator("details.share", { has: code });
    await share.locator("summary").click();
    await share.locator("select[name='size']").selectOption("360x520");
    await share.locator("select[name='theme']").selectOption("dark");
    assert.match(await code.inputValue(), /width="360" height="520"/);
    assert.ok((await code.inputValue()).includes(`src="${at}&amp;theme=dark"`));
    await share.locator("select[name='theme']").selectOption("");
    assert.ok((await code.inputValue()).includes(`src="${at}"`));
    await page.context().close();
  });

  it("is of the view that is shown, also on a printed sheet after another choice", async () => {
    const page = await open("/dashboard?lang=fr");
    const foot = () => page.evaluate(() => document.documentElement.dataset.foot ?? "");
    assert.ok((await foot()).includes(`${new URL(running.address).host}/dashboard`), await foot());
    await page.locator("#f-focus").selectOption("2021");
    await page.waitForURL(/focus=2021/);
    await page.locator("#answer", { hasText: "2021" }).waitFor();
    assert.match(await foot(), /focus=2021/);
    assert.match((await page.locator(".print-source").textContent()) ?? "", /focus=2021/);
    await page.context().close();
  });

  it("says what a word means when it has the focus, and no more after Escape", async () => {
    const page = await open("/analyses/operating-profitability?lang=fr");
    const word = page.locator("th .term__word").first();
    const meaning = page.locator("th .term__text").first();
    assert.equal(await meaning.isVisible(), false);
    await word.focus();
    assert.equal(await meaning.isVisible(), true);
    await page.keyboard.press("Escape");
    assert.equal(await meaning.isVisible(), false);
    await page.context().close();
  });
});
