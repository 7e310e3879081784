// What a person sees, in a real browser, on the sample edition.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { after, before, describe, it } from "node:test";
import type axe from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { type Site, start } from "./site.js";

const axeSource: string = createRequire(import.meta.url)("axe-core").source;

const ANALYSES = [
  "yearly-result",
  "exceptional-charges",
  "operating-profitability",
  "expense-by-category",
  "expense-by-harmonised-category",
  "financial-return",
  "reconciliation",
  "completeness",
];

const PAGES = [
  "/",
  "/dashboard",
  "/dashboard?side=revenue&unit=share",
  "/dashboard?grouping=harmonised&category=personnel&basis=naive",
  "/embed/dashboard/flow",
  "/analyses",
  ...ANALYSES.map((name) => `/analyses/${name}`),
  ...ANALYSES.map((name) => `/analyses/${name}?basis=naive`),
  "/lines",
  "/lines?year=2018&counted=missing",
  "/lines?q=aucune+ligne+ne+dit+cela",
  "/lines/1",
  "/quality",
  "/nowhere",
];

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };

let site: Site;

before(async () => {
  site = await start();
});

after(async () => {
  await site?.close();
});

async function open(
  path: string,
  options: Parameters<Site["browser"]["newContext"]>[0] = {},
): Promise<{ page: Page; context: BrowserContext }> {
  const context = await site.browser.newContext({ locale: "fr-FR", viewport: DESKTOP, ...options });
  const page = await context.newPage();
  await page.goto(site.address + path);
  return { page, context };
}

// What is wrong with a page for those who see, hear or point otherwise.
async function defects(page: Page): Promise<string[]> {
  const results = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
  );
  return results.violations.map(
    (violation) =>
      `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`,
  );
}

describe("every page", { concurrency: availableParallelism() }, () => {
  for (const path of PAGES) {
    it(`${path} has no accessibility defect, in both languages and colour schemes`, async () => {
      // Each scheme is once the one that the page is opened in.
      for (const [lang, ...schemes] of [
        ["fr", "light", "dark"],
        ["en", "dark", "light"],
      ] as const) {
        const address = `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`;
        const [colorScheme, other] = schemes;
        // Without motion, the colours of a scheme are there at once.
        const { page, context } = await open(address, { colorScheme, reducedMotion: "reduce" });
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await page.evaluate(axeSource);
        assert.deepEqual(await defects(page), [], `${address} ${colorScheme}`);
        await page.emulateMedia({ colorScheme: other });
        assert.deepEqual(await defects(page), [], `${address} ${other}`);
        await context.close();
      }
    });

    it(`${path} fits a phone and says that the data are a sample`, async () => {
      const { page, context } = await open(path, { viewport: PHONE });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0);
      assert.ok(
        await page
          .getByText(/[Dd]onnées d’exemple/)
          .first()
          .isVisible(),
      );
      await context.close();
    });
  }
});

describe("the figures", () => {
  it("lead from the home page to the source record", async () => {
    const { page, context } = await open("/");
    assert.match(await page.locator("main").innerText(), /−231\s139\s220,49/);
    await page.goto(`${site.address}/analyses/yearly-result`);
    await page.locator("table a[href*='/lines?']").first().click();
    await page.waitForURL(/\/lines\?/);
    await page.locator("td a[href^='/lines/']").first().click();
    await page.waitForURL(/\/lines\/\d+/);
    assert.match(await page.locator("pre").innerText(), /"montant_en_eur":/);
    await context.close();
  });

  it("of charges once exceptional lead to the lines that hold them", async () => {
    const { page, context } = await open("/analyses/exceptional-charges");
    const row = page.locator("tr", { has: page.locator("th", { hasText: "2024" }) }).first();
    await row.getByRole("link", { name: /358\s240\s485,01/ }).click();
    await page.waitForURL(/successor=exact/);
    assert.equal(await page.locator("tbody tr").count(), 3);
    await context.close();
  });

  it("are not given for a year that is incomplete", async () => {
    const { page, context } = await open("/analyses/yearly-result");
    const row = page.locator("tr", { has: page.locator("th", { hasText: "2018" }) }).first();
    const text = await row.innerText();
    assert.match(text, /incomplet/i);
    assert.match(text, /364\s903\s240,45/);
    await context.close();
  });

  it("stand beside the naive ones, which are wrong by billions", async () => {
    const { page, context } = await open("/analyses/yearly-result?basis=naive");
    const text = await page.locator("main").innerText();
    assert.match(text, /−4\s921\s386\s637,46/);
    assert.match(text, /−231\s139\s220,49/);
    await context.close();
  });
});

describe("without JavaScript", () => {
  it("lines can be filtered, sorted and paged", async () => {
    const { page, context } = await open("/lines", { javaScriptEnabled: false });
    await page.getByLabel("Exercice", { exact: true }).selectOption("2018");
    await page.getByLabel("Texte du libellé").fill("impots");
    await page.getByRole("button", { name: "Filtrer" }).click();
    await page.waitForURL(/year=2018/);
    const rows = page.locator("tbody tr");
    assert.equal(await rows.count(), 2);
    for (const text of await rows.allInnerTexts()) assert.match(text, /imp[oô]ts/i);

    await page.goto(`${site.address}/lines`);
    await page.getByRole("link", { name: /^Montant/ }).click();
    await page.waitForURL(/sort=amount/);
    await page.goto(`${site.address}/lines?page=2`);
    assert.equal(await page.locator("[aria-current='page']", { hasText: "2" }).count(), 1);
    await context.close();
  });

  it("the language is chosen with a link and kept", async () => {
    const { page, context } = await open("/quality", { javaScriptEnabled: false });
    await page.locator("a[hreflang='en']").first().click();
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.goto(`${site.address}/lines`);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await context.close();
  });

  it("a view of the dashboard is chosen with a form, and every chart is drawn", async () => {
    const { page, context } = await open("/dashboard", { javaScriptEnabled: false });
    assert.equal(await page.locator("svg.drawing").count(), 9);
    await page.getByLabel("Côté").selectOption("expense");
    await page.getByLabel("Unité").selectOption("percent");
    await page.getByRole("button", { name: "Afficher" }).click();
    await page.waitForURL(/side=expense/);
    assert.equal(await page.locator("svg.drawing").count(), 4);
    assert.match(await page.locator("main").innerText(), /en pourcentage des produits/);
    await page.locator("#categories summary").click();
    await page.locator("#categories td a").first().click();
    await page.waitForURL(/category=/);
    assert.match(await page.locator(".breadcrumb").innerText(), /Charges/);
    await context.close();
  });

  it("no script and no style runs but the site's own", async () => {
    const { page, context } = await open("/");
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    for (const path of PAGES.filter((path) => path !== "/nowhere")) {
      await page.goto(site.address + path);
    }
    assert.deepEqual(complaints, []);
    assert.equal(await page.locator("script:not([src^='/assets/'])").count(), 0);
    await context.close();
  });
});

describe("the dashboard", () => {
  it("exchanges views in place, and goes back and forward", async () => {
    const { page, context } = await open("/dashboard");
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.evaluate(() => {
      (window as unknown as { same: boolean }).same = true;
    });
    await page.getByLabel("Poste", { exact: true }).selectOption({ index: 1 });
    await page.waitForURL(/category=/);
    await page.locator(".breadcrumb [aria-current]", { hasText: "Charges" }).waitFor();
    await page.locator(".chart__plot--live svg").first().waitFor();
    await page.goBack();
    await page.locator("#chart-flow").waitFor();
    assert.equal(new URL(page.url()).search, "");
    await page.goForward();
    await page.locator("#chart-flow").waitFor({ state: "detached" });
    assert.match(page.url(), /category=/);
    assert.ok(await page.evaluate(() => (window as unknown as { same: boolean }).same));
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it("tells the figures of a year to the pointer, and looks at the year that is clicked", async () => {
    const { page, context } = await open("/dashboard");
    const place = page.locator("#chart-result .chart__plot");
    await place.hover();
    await page.locator("#chart-result .chart__plot--live svg").waitFor();
    const box = await place.boundingBox();
    assert.ok(box);
    const [x, y] = [box.x + box.width * 0.55, box.y + box.height * 0.35];
    await page.mouse.move(x - 5, y);
    await page.mouse.move(x, y);
    const tip = page.locator("#chart-result .tip");
    await tip.waitFor();
    assert.match(await tip.innerText(), /2020[\s\S]*−236\s859\s054,06/);
    await page.mouse.click(x, y);
    await page.waitForURL(/focus=2020/);
    await page.getByText("Des produits au résultat, 2020").first().waitFor();
    await context.close();
  });

  it("is read and followed with the keyboard", async () => {
    const { page, context } = await open("/dashboard");
    await page.locator("#chart-steps .chart__plot").focus();
    await page.locator("#chart-steps .chart__plot--live svg").waitFor();
    await page.keyboard.press("ArrowRight");
    const live = page.locator("#chart-steps [aria-live]");
    await page.waitForFunction(
      () => document.querySelector("#chart-steps [aria-live]")?.textContent,
    );
    assert.match((await live.textContent()) ?? "", /Produits.*8\s038\s748\s464,40/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForURL(/category=/);
    await context.close();
  });

  it("shows a part of the years by buttons and keys", async () => {
    const { page, context } = await open("/dashboard");
    const place = page.locator("#chart-result .chart__plot");
    await place.focus();
    await page.locator("#chart-result .chart__plot--live svg").waitFor();
    const years = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("#chart-result svg text")]
          .map((text) => text.textContent ?? "")
          .filter((text) => /^20\d\d$/.test(text)),
      );
    const all = await years();
    assert.equal(all.length, 9);
    const shown = async (expected: (count: number) => boolean) => {
      for (let tries = 0; tries < 100 && !expected((await years()).length); tries += 1) {
        await page.waitForTimeout(50);
      }
      assert.ok(expected((await years()).length), `${await years()}`);
    };
    await page.getByRole("button", { name: "Montrer moins d’années" }).first().click();
    await shown((count) => count < 9);
    await place.focus();
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    await shown((count) => count >= 2 && count <= 3);
    // The years that are told with the arrow keys come into view.
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("#chart-result svg text")].some(
        (text) => text.textContent === "2016",
      ),
    );
    await page.keyboard.press("0");
    await shown((count) => count === 9);
    await context.close();
  });

  it("gives each chart as rows and as a picture", async () => {
    const rows = await (await fetch(`${site.address}/dashboard/steps.json?focus=2024`)).json();
    const last = (rows as Record<string, unknown>[]).at(-1);
    assert.deepEqual([last?.step, last?.amount], ["result", "-231139220.49"]);
    const svg = await fetch(`${site.address}/dashboard/flow.svg`);
    assert.match(await svg.text(), /^<svg [^>]*role="img"/);
    const png = await fetch(`${site.address}/dashboard/result.png`);
    assert.equal(png.headers.get("content-type"), "image/png");
    assert.match(png.headers.get("content-disposition") ?? "", /dashboard-result-r1-sample\.png/);
  });
});

describe("with the keyboard", () => {
  it("the first stop skips to the content", async () => {
    const { page, context } = await open("/");
    await page.keyboard.press("Tab");
    const focused = page.locator(":focus");
    assert.match((await focused.getAttribute("href")) ?? "", /^#/);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "MAIN");
    await context.close();
  });

  it("every link and field shows where the focus is", async () => {
    const { page, context } = await open("/lines");
    for (let stop = 0; stop < 25; stop += 1) {
      await page.keyboard.press("Tab");
      const outlined = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement ?? document.body);
        return style.outlineStyle !== "none" || style.boxShadow !== "none";
      });
      assert.ok(outlined, `stop ${stop}`);
    }
    await context.close();
  });
});

describe("downloads", () => {
  it("give the figures as exact decimals", async () => {
    const answer = await fetch(`${site.address}/analyses/reconciliation.json`);
    const rows = (await answer.json()) as Record<string, unknown>[];
    assert.equal(rows.length, 9);
    const last = rows.find((row) => row.fiscal_year === 2024);
    assert.deepEqual(
      [last?.leaf_result, last?.published_result, last?.naive_result, last?.difference],
      ["-231139220.49", "-231139220.49", "-4921386637.46", "0.00"],
    );
    const incomplete = rows.find((row) => row.fiscal_year === 2018);
    assert.equal(incomplete?.leaf_result, null);
    assert.equal((incomplete?.missing_lines as string[] | undefined)?.length, 25);
    assert.match(answer.headers.get("content-disposition") ?? "", /sample/);
  });
});
