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
  "witness",
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
  "/statement",
  "/statement?unit=meur",
  "/statement/m57-personnel",
  "/years",
  "/years/2023",
  "/years/2023?since=2019",
  "/years/2018",
  "/search",
  "/search?q=salaires",
  "/search?q=aucune+ligne+ne+dit+cela",
  "/lines",
  "/lines?year=2018&counted=missing",
  "/lines?q=aucune+ligne+ne+dit+cela",
  "/lines/1",
  "/lines?yaer=2024",
  "/dashboard?category=x",
  "/embed/dashboard/flow?category=x",
  "/quality?revision=9",
  "/quality",
  "/report",
  "/api/v1",
  "/tools",
  "/glossary",
  "/login",
  "/nowhere",
];

/** Pages that another visitor or another site has. */
const OTHERS = ["/admin", "of many bodies"] as const;

const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 900 };
const WIDE = { width: 1440, height: 900 };

let site: Site;

before(async () => {
  site = await start();
});

after(async () => {
  await site?.close();
});

type Options = Parameters<Site["browser"]["newContext"]>[0];

async function open(
  path: string,
  options: Options = {},
): Promise<{ page: Page; context: BrowserContext }> {
  const context = await site.browser.newContext({ locale: "fr-FR", viewport: DESKTOP, ...options });
  const page = await context.newPage();
  await page.goto(site.address + path);
  return { page, context };
}

/** A page that is not for everybody, or not of the sample edition. */
async function openOther(
  which: (typeof OTHERS)[number],
  lang: string,
  options: Options = {},
): Promise<{ page: Page; context: BrowserContext }> {
  if (which !== "/admin") {
    const context = await site.browser.newContext({ viewport: DESKTOP, ...options });
    const page = await context.newPage();
    await page.goto(`${site.bodies}/?lang=${lang}`);
    assert.equal(await page.locator("tbody tr").count(), 3);
    return { page, context };
  }
  const opened = await open(`/login?lang=${lang}`, options);
  await opened.page.locator("#f-token").fill(site.token);
  await opened.page.locator("#f-token").press("Enter");
  await opened.page.waitForURL((address) => address.pathname !== "/login");
  await opened.page.goto(`${site.address}/admin?lang=${lang}`);
  await opened.page.locator("#t-tokens").waitFor();
  return opened;
}

/** Pages that say why there is nothing to show. */
const WITHOUT_FIGURES = ["/embed/dashboard/flow?category=x", "/quality?revision=9"];

/** Pages whose status is that of an error. */
const REFUSED = [...WITHOUT_FIGURES, "/dashboard?category=x", "/nowhere"];

/** What the browser complains of from now on. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
}

const overflowOf = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Opens all that is folded: tables, filters and menus. It runs in the page. */
function unfold(): void {
  for (const details of document.querySelectorAll("details")) details.open = true;
}

/** A mark of a drawing: what it is, and its edges in pixels from those of the drawing. */
type Mark = [what: string, ...edges: number[]];

/** The texts, areas and lines of a drawing. It runs in the page. */
function marksOf(selector: string): Mark[] {
  const svg = document.querySelector(selector) as SVGSVGElement;
  const frame = svg.getBoundingClientRect();
  const marks: Mark[] = [];
  for (const element of svg.querySelectorAll<SVGGraphicsElement>("text, path, rect, circle")) {
    const box = element.getBoundingClientRect();
    const [left, top] = [box.left - frame.left, box.top - frame.top];
    if (element.matches("text")) {
      // Lines of a name are one text there and several here, and letters are taller than they look.
      const middle = [left + box.width / 2, top + box.height / 2];
      marks.push([`text ${element.textContent?.trim()}`, ...middle]);
      continue;
    }
    const [fill, stroke] = ["fill", "stroke"].map((name) => element.getAttribute(name) ?? "none");
    if (box.width + box.height === 0) continue;
    if (fill?.startsWith("var(")) {
      marks.push([`area ${fill}`, left, top, left + box.width, top + box.height]);
    } else if (stroke?.startsWith("var(")) {
      marks.push([`line ${stroke}`, left, top, left + box.width, top + box.height]);
    }
  }
  return marks;
}

/** The marks that another drawing does not have within two pixels. */
function unmatched(marks: Mark[], others: Mark[], by: string): string[] {
  const left = [...others];
  const alone: string[] = [];
  for (const [what, ...edges] of marks) {
    const found = left.findIndex(
      ([other, ...places]) =>
        other === what && places.every((place, at) => Math.abs(place - (edges[at] ?? 0)) <= 2),
    );
    if (found < 0) alone.push(`${by} alone: ${what} ${edges.map(Math.round)}`);
    else left.splice(found, 1);
  }
  return alone;
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
    it(`${path} has no accessibility defect, in both languages, colour schemes and widths`, async () => {
      // Each scheme is once the one that the page is opened in, and once that in which all of it is unfolded.
      for (const [lang, viewport, ...schemes] of [
        ["fr", WIDE, "light", "dark"],
        ["en", PHONE, "dark", "light"],
      ] as const) {
        const address = `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`;
        const [colorScheme, other] = schemes;
        // Without motion, the colours of a scheme are there at once.
        const options = { viewport, colorScheme, reducedMotion: "reduce" } as const;
        const { page, context } = await open(address, options);
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await page.evaluate(axeSource);
        assert.deepEqual(await defects(page), [], `${address} ${colorScheme}`);
        await page.emulateMedia({ colorScheme: other });
        await page.evaluate(unfold);
        assert.deepEqual(await defects(page), [], `${address} ${other}, unfolded`);
        await context.close();
      }
    });

    it(`${path} fits a phone and a desk, and says that the data are a sample`, async () => {
      const { page, context } = await open(path, { viewport: WIDE });
      assert.equal(await overflowOf(page), 0);
      for (const width of [PHONE.width, 320]) {
        await page.setViewportSize({ ...PHONE, width });
        assert.equal(await overflowOf(page), 0, `${width}`);
      }
      await page.evaluate(unfold);
      assert.equal(await overflowOf(page), 0, "unfolded");
      const mark = page.getByText(/[Dd]onnées d’exemple/).first();
      assert.equal(await mark.isVisible(), !WITHOUT_FIGURES.includes(path));
      await context.close();
    });
  }
});

describe("pages of other visitors and sites", { concurrency: availableParallelism() }, () => {
  for (const which of OTHERS) {
    it(`${which} has no accessibility defect, and fits a phone and a desk`, async () => {
      for (const [lang, colorScheme] of [
        ["fr", "light"],
        ["en", "dark"],
      ] as const) {
        const options = { colorScheme, reducedMotion: "reduce" } as const;
        const { page, context } = await openOther(which, lang, options);
        const complaints = complaintsOf(page);
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await page.evaluate(axeSource);
        assert.deepEqual(await defects(page), [], `${lang} ${colorScheme}`);
        for (const viewport of [PHONE, WIDE]) {
          await page.setViewportSize(viewport);
          assert.equal(await overflowOf(page), 0);
        }
        assert.deepEqual(complaints, []);
        await context.close();
      }
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
    await row.getByRole("link", { name: /354\s181\s273,11/ }).click();
    await page.waitForURL(/successor=exact/);
    const amounts = await page.locator("tbody td.num").allInnerTexts();
    const centimes = amounts
      .filter((cell) => /,\d\d$/.test(cell.trim()))
      .map((amount) => Number(amount.replace(/[^0-9−]/g, "")));
    assert.equal(centimes.length, 2);
    assert.equal(
      centimes.reduce((sum, amount) => sum + amount, 0),
      35_418_127_311,
    );
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

  it("a phone answers whether there was a surplus, and what grew since another year", async () => {
    const options = { javaScriptEnabled: false, viewport: PHONE };
    const { page, context } = await open("/years/2023", options);
    const lead = page.locator(".lead").first();
    assert.match(await lead.innerText(), /En 2023, les produits ont dépassé les charges de 325,3/);
    for (const place of [lead, ...(await page.locator(".ledger dd").all()).slice(0, 3)]) {
      const box = await place.boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= PHONE.width, JSON.stringify(box));
    }
    await page.getByLabel("Comparer avec").selectOption("2019");
    await page.getByRole("button", { name: "Comparer" }).click();
    await page.waitForURL(/since=2019/);
    const main = await page.locator("main").innerText();
    assert.match(main, /De 2019 à 2023, les charges ont/);
    assert.match(main, /Parmi les charges, la plus forte hausse est celle de/);
    await context.close();
  });

  it("the search in the header leads to a line", async () => {
    const options = { javaScriptEnabled: false, viewport: PHONE };
    const { page, context } = await open("/quality", options);
    await page.locator("#site-q").fill("salaires");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/search\?q=salaires/);
    assert.ok((await page.locator("mark").count()) > 0);
    await page.locator(".hit__name").first().click();
    await page.waitForURL(/\/statement\//);
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
    assert.equal(await page.locator("svg.drawing").count(), 8);
    await page.getByLabel("Produits ou charges").selectOption("expense");
    await page.locator("#more-filters > summary").click();
    await page.getByLabel("Unité").selectOption("percent");
    await page.getByRole("button", { name: "Afficher" }).click();
    await page.waitForURL(/side=expense/);
    assert.equal(await page.locator("svg.drawing").count(), 3);
    // What few readers choose is unfolded where it is chosen.
    assert.equal(await page.locator("#more-filters[open]").count(), 1);
    assert.match(await page.locator("main").innerText(), /en pourcentage des produits/);
    await page.locator("#rows-categories > summary").click();
    await page.locator("#categories td a").first().click();
    await page.waitForURL(/category=/);
    assert.match(await page.locator(".breadcrumb").innerText(), /Charges/);
    await context.close();
  });

  it("no script and no style runs but the site's own", async () => {
    const { page, context } = await open("/");
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    // The browser notes each status of an error, too.
    for (const path of PAGES.filter((path) => !REFUSED.includes(path))) {
      await page.goto(site.address + path);
    }
    assert.deepEqual(complaints, []);
    assert.equal(await page.locator("script:not([src^='/assets/'])").count(), 0);
    await context.close();
  });
});

/** Every filter of the dashboard, with another value than the usual one. */
const FILTERS = [
  ["from", "De", "2019"],
  ["to", "À", "2022"],
  ["side", "Produits ou charges", "revenue"],
  ["activity", "Partie du compte", "financial"],
  ["grouping", "Nomenclature", "harmonised"],
  ["category", "Poste", "CHARGES FINANCIÈRES"],
  ["focus", "Exercice étudié", "2021"],
  ["against", "Comparé à", "2020"],
  ["basis", "Mode de calcul", "naive"],
  ["unit", "Unité", "percent"],
] as const;

describe("every filter", { concurrency: availableParallelism() }, () => {
  const shown = (page: Page) => page.locator(".panels").innerText();
  const openRows = async (page: Page) => {
    const closed = page.locator(
      ".menu--table:not([open]) > summary, #more-filters:not([open]) > summary",
    );
    while ((await closed.count()) > 0) await closed.first().click();
  };

  for (const [name, label, value] of FILTERS) {
    for (const javaScriptEnabled of [true, false]) {
      it(`${name} changes the view ${javaScriptEnabled ? "in place" : "without JavaScript"}`, async () => {
        const { page, context } = await open("/dashboard", { javaScriptEnabled });
        const complaints = complaintsOf(page);
        const chip = page.locator(".chip", { hasText: new RegExp(`^${label}\\s:`) });
        const chosen = () => page.locator(`#f-${name} option[selected]`).getAttribute("value");
        await openRows(page);
        const before = await shown(page);
        await page.getByLabel(label, { exact: true }).selectOption(value);
        if (!javaScriptEnabled) await page.getByRole("button", { name: "Afficher" }).click();
        await page.waitForURL((address) => address.searchParams.get(name) === value);
        await chip.waitFor();
        assert.equal(await page.getByLabel(label, { exact: true }).inputValue(), value);
        // The rows under the charts are those of the view, and so are the files.
        await openRows(page);
        assert.notEqual(await shown(page), before);
        const file = await page.locator(".downloads a").first().getAttribute("href");
        assert.equal(new URL(file ?? "", site.address).searchParams.get(name), value);
        const drawings = page.locator(
          javaScriptEnabled ? ".chart__plot--live svg" : ".chart__plot svg.drawing",
        );
        await drawings.first().waitFor();

        await page.goBack();
        await page.waitForURL((address) => address.search === "");
        await chip.waitFor({ state: "detached" });
        assert.notEqual(await chosen(), value);
        await page.goForward();
        await chip.waitFor();
        assert.equal(await chosen(), value);
        await chip.click();
        await page.waitForURL((address) => !address.searchParams.has(name));
        assert.deepEqual(complaints, []);
        await context.close();
      });
    }
  }
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
    await page.locator("#more-filters > summary").click();
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
    const live = page.locator("#chart-steps .chart__plot [aria-live]");
    await page.waitForFunction(
      () => document.querySelector("#chart-steps .chart__plot [aria-live]")?.textContent,
    );
    assert.match((await live.textContent()) ?? "", /Produits.*8\s038\s748\s464,40/);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForURL(/category=/);
    // The focus is where it was, or where the reader goes on from.
    await page.locator(".breadcrumb [aria-current]", { hasText: /./ }).waitFor();
    await page.waitForFunction(() => document.activeElement?.closest("main"));
    await context.close();
  });

  it("keeps the focus and says what another view shows", async () => {
    const { page, context } = await open("/dashboard");
    const plot = page.locator("#chart-result .chart__plot");
    await plot.focus();
    await page.locator("#chart-result .chart__plot--live svg").waitFor();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForURL(/focus=2016/);
    await page.waitForFunction(() => document.activeElement?.closest("#chart-result"));
    const told = page.locator("#told");
    await page.waitForFunction(() => document.querySelector("#told")?.textContent);
    assert.match((await told.textContent()) ?? "", /Exercice 2016.*Résultat.*8 graphiques/s);
    await page.locator("#y-2023").focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/focus=2023/);
    await page.locator("#y-2023:focus[aria-current]").waitFor();
    await page.waitForFunction(() =>
      /2023/.test(document.querySelector("#told")?.textContent ?? ""),
    );
    await context.close();
  });

  it("has no defect with every menu and table open", async () => {
    for (const [viewport, colorScheme] of [
      [PHONE, "dark"],
      [WIDE, "light"],
    ] as const) {
      const { page, context } = await open("/dashboard", {
        viewport,
        colorScheme,
        reducedMotion: "reduce",
      });
      const closed = page.locator("main details:not([open]) > summary");
      while ((await closed.count()) > 0) await closed.first().click();
      await page.evaluate(axeSource);
      assert.deepEqual(await defects(page), [], colorScheme);
      assert.equal(await overflowOf(page), 0);
      await context.close();
    }
  });

  it("is in the colours that a reader chooses, whatever the system prefers", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page, context } = await open("/dashboard?side=expense", {
        colorScheme: "light",
        javaScriptEnabled,
      });
      const paper = () =>
        page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const light = await paper();
      const sheet = page.locator("html");
      await sheet.evaluate((root) => root.setAttribute("data-kept", "yes"));
      const choice = page.locator(".theme-switch a", { hasText: "Sombre" });
      await choice.click();
      await page.locator("html[data-theme='dark']").waitFor();
      await page.locator(".theme-switch a[aria-current]", { hasText: "Sombre" }).waitFor();
      assert.match(page.url(), /side=expense/);
      // Where scripts run, the page is the same one, and so is the focus.
      assert.equal((await sheet.getAttribute("data-kept")) === "yes", javaScriptEnabled);
      if (javaScriptEnabled) {
        const focused = await page.evaluate(() => document.activeElement?.textContent);
        assert.equal(focused, "Sombre");
      }
      const dark = await paper();
      assert.notEqual(dark, light);
      // It is remembered, and paper stays white.
      await page.goto(`${site.address}/lines`);
      assert.equal(await paper(), dark);
      await page.emulateMedia({ media: "print" });
      assert.equal(await paper(), "rgb(255, 255, 255)");
      await page.emulateMedia({ media: "screen", colorScheme: "dark" });
      await page.goto(`${site.address}/lines?theme=light`);
      assert.equal(await paper(), light);
      await page.goto(`${site.address}/lines?theme=system`);
      assert.equal(await paper(), dark);
      await context.close();
    }
  });

  it("answers to the pointer in colours that its address asks for, too", async () => {
    const { page, context } = await open("/dashboard?theme=dark");
    const complaints = complaintsOf(page);
    await page.locator("#chart-steps .chart__plot").hover();
    await page.locator("#chart-steps .chart__plot--live").waitFor();
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it("answers a phone without scripts: was there a surplus, what grew most and why", async () => {
    for (const [lang, surplus, grew] of [
      [
        "fr",
        /En 2023, les produits ont dépassé les charges de 325,3/,
        /Parmi les charges, la plus forte hausse est celle de «.* hausse des charges/,
      ],
      [
        "en",
        /In 2023, revenue exceeded expenses by €325\.3/,
        /[Oo]f the rise in expense|rise in expense/,
      ],
    ] as const) {
      for (const width of [PHONE.width, 320]) {
        const { page, context } = await open(`/dashboard?focus=2023&against=2019&lang=${lang}`, {
          javaScriptEnabled: false,
          viewport: { width, height: PHONE.height },
        });
        const brief = page.locator(".brief");
        const said = await brief.innerText();
        assert.match(said, surplus);
        assert.match(said, grew);
        for (const place of [...(await page.locator(".figure__amount").all()), brief]) {
          const box = await place.boundingBox();
          assert.ok(box && box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
        }
        assert.equal(await overflowOf(page), 0);
        await context.close();
      }
    }
  });

  it("shows a part of the years by buttons and keys", async () => {
    const { page, context } = await open("/dashboard");
    const place = page.locator("#chart-result .chart__plot");
    await place.focus();
    await page.locator("#chart-result .chart__plot--live svg").waitFor();
    const years = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("#chart-result .chart__plot svg text")]
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
      [...document.querySelectorAll("#chart-result .chart__plot svg text")].some(
        (text) => text.textContent === "2016",
      ),
    );
    await page.keyboard.press("0");
    await shown((count) => count === 9);
    await context.close();
  });

  it("goes into what is clicked: a legend entry, a bar, a stream", async () => {
    const { page, context } = await open("/dashboard");
    const complaints = complaintsOf(page);
    await page.locator("#chart-categories .legend a").first().click();
    await page.waitForURL(/category=/);
    await page.locator(".breadcrumb [aria-current]", { hasText: "Charges" }).waitFor();
    await page.goBack();

    await page.locator("#chart-changes .chart__plot").hover();
    await page.locator("#chart-changes .chart__plot--live svg").waitFor();
    await page.locator("#chart-changes svg path[fill='var(--signal)']").first().click();
    // A line leads to its records.
    await page.waitForURL(/\/lines\?/);
    await page.goto(`${site.address}/dashboard`);

    await page.locator("#chart-flow .chart__plot").hover();
    await page.locator("#chart-flow .chart__plot--live svg").waitFor();
    await page.locator("#chart-flow svg path[fill='var(--chart-1)']").first().click();
    await page.waitForURL(/\/lines\?/);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it("leads from a block to its lines, to the source record, and back", async () => {
    const { page, context } = await open("/dashboard");
    await page.locator("#rows-categories > summary").click();
    await page.locator("#categories td a", { hasText: "Charges de fonctionnement" }).click();
    await page.waitForURL(/category=/);
    const amount = page.locator("#categories td.num a").last();
    const figure = (await amount.innerText()).replace(/\s/g, "");
    await amount.click();
    await page.waitForURL(/\/lines\?/);
    const row = page.locator("tbody tr");
    assert.equal(await row.count(), 1);
    assert.ok((await row.innerText()).replace(/\s/g, "").includes(figure), figure);
    await row.locator("td a[href^='/lines/']").first().click();
    await page.waitForURL(/\/lines\/\d+/);
    const record = JSON.parse(await page.locator("pre").first().innerText());
    const published = Number(record.montant_en_eur).toFixed(2).replace(".", ",");
    assert.equal(published.replace("-", "−"), figure);

    await page.goBack();
    await page.goBack();
    await page.waitForURL(/category=/);
    await page.locator(".breadcrumb a").last().click();
    // A category is one of its side.
    await page.waitForURL(
      (address) => address.pathname === "/dashboard" && address.search === "?side=expense",
    );
    await context.close();
  });

  it("says official labels in French, with a gloss for English readers only", async () => {
    const official = "Charges de fonctionnement";
    const gloss = "Operating expense";
    for (const viewport of [DESKTOP, PHONE]) {
      const { page, context } = await open("/dashboard?lang=en", { viewport });
      const whole = `${official} (${gloss})`;
      assert.ok((await page.locator("#chart-categories .legend").innerText()).includes(whole));
      const shown = async (name: string) =>
        (await page.locator(`#chart-${name} svg:visible`).allTextContents()).join(" ");
      assert.ok((await shown("steps")).includes(gloss));
      // A narrow drawing has the amount between the name and what it means.
      assert.match(await shown("flow"), /Impôts et taxes(?: ?\(|€5\.1bn)Taxes/);
      // Nothing leaves its drawing.
      for (const name of ["steps", "changes", "flow"]) {
        const outside = await page.evaluate((name) => {
          const drawings = [...document.querySelectorAll(`#chart-${name} svg`)];
          const svg = drawings.find((one) => one.clientWidth > 0);
          const frame = svg?.getBoundingClientRect();
          return [...(svg?.querySelectorAll("text") ?? [])]
            .filter((text) => {
              const box = text.getBoundingClientRect();
              return frame && (box.left < frame.left - 1 || box.right > frame.right + 1);
            })
            .map((text) => text.textContent);
        }, name);
        assert.deepEqual(outside, [], name);
      }
      if (viewport === PHONE) {
        await page.locator("#chart-steps .chart__narrow").focus();
      } else {
        await page.locator("#chart-steps .chart__plot").focus();
        await page.locator("#chart-steps .chart__plot--live svg").waitFor();
      }
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.locator("#chart-steps .tip", { hasText: whole }).waitFor();
      await page.locator(".lang-switch a", { hasText: "FR" }).click();
      await page.waitForURL(/lang=fr/);
      const french = (await page.locator("main").textContent()) ?? "";
      assert.ok(french.includes(official) && !french.includes(gloss));
      await context.close();
    }
  });

  it("keeps the view when the language changes", async () => {
    const { page, context } = await open("/dashboard?side=expense&focus=2021");
    await page.locator(".lang-switch a", { hasText: "EN" }).click();
    await page.waitForURL(/lang=en/);
    const address = new URL(page.url());
    assert.equal(address.searchParams.get("side"), "expense");
    assert.equal(address.searchParams.get("focus"), "2021");
    assert.equal(await page.getByLabel("Year", { exact: true }).inputValue(), "2021");
    assert.match(await page.locator("#chart-result").innerText(), /of expense in 2021/);
    assert.match(await page.locator("#chart-result").innerText(), /in billions of euros/);
    await context.close();
  });

  it("answers to fingers: a tap tells a mark, and a link leads to what it is made of", async () => {
    const options = { viewport: PHONE, hasTouch: true, isMobile: true };
    const { page, context } = await open("/dashboard", options);
    const complaints = complaintsOf(page);
    await page.locator("#chart-result .chart__narrow [data-name] rect").nth(4).tap();
    const tip = page.locator("#chart-result .tip");
    assert.match(await tip.innerText(), /2021[\s\S]*44\s512\s997,87/);
    await tip.locator("a").tap();
    await page.waitForURL(/focus=2021/);

    // A stream of revenue leads to its line alone, though expense has one of the same label.
    const flow = page.locator("#chart-flow .chart__narrow");
    assert.equal(await flow.locator("svg").count(), 2);
    await flow
      .locator("svg text", { hasText: /^Impôts et taxes$/ })
      .first()
      .tap();
    await flow.locator(".tip a").tap();
    await page.waitForURL(/\/lines\?/);
    assert.equal(await page.locator(".data--lines tbody tr").count(), 1);
    assert.equal(await overflowOf(page), 0);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it("shows charts and tables whole on the narrowest screens, with and without scripts", async () => {
    for (const width of [360, 320]) {
      for (const javaScriptEnabled of [true, false]) {
        const { page, context } = await open("/dashboard", {
          viewport: { width, height: 780 },
          javaScriptEnabled,
        });
        assert.equal(await page.locator(".chart__plot:visible").count(), 0);
        const small = await page.evaluate(() => {
          const found: string[] = [];
          for (const svg of document.querySelectorAll("svg.narrow")) {
            const frame = svg.getBoundingClientRect();
            const scale = frame.width / (svg as SVGSVGElement).viewBox.baseVal.width;
            for (const text of svg.querySelectorAll("text")) {
              const box = text.getBoundingClientRect();
              const size = Number(text.getAttribute("font-size")) * scale;
              const cut = box.left < frame.left - 2 || box.right > frame.right + 2;
              if (cut || size < 11) found.push(`${text.textContent} ${size}`);
            }
          }
          return found;
        });
        assert.deepEqual(small, []);
        // The latest year is named in every chart of years.
        for (const name of ["result", "categories", "operating", "financial"]) {
          const years = page.locator(`#chart-${name} svg.narrow text`, { hasText: /^2024$/ });
          assert.ok((await years.count()) > 0, name);
        }
        assert.equal(await overflowOf(page), 0);
        await page.goto(`${site.address}/lines`);
        const seen = await page.evaluate(() =>
          [...document.querySelectorAll(".data--lines tbody tr")].every((row) =>
            [2, 6].every((cell) => {
              const box = row.querySelector(`:nth-child(${cell})`)?.getBoundingClientRect();
              return box && box.left >= 0 && box.right <= innerWidth && box.width > 0;
            }),
          ),
        );
        assert.ok(seen);
        assert.equal(await overflowOf(page), 0);
        await context.close();
      }
    }
  });

  it("draws nothing outside of the axes when part of the years is shown", async () => {
    const { page, context } = await open("/dashboard");
    const place = page.locator("#chart-result .chart__plot");
    await place.focus();
    await page.locator("#chart-result .chart__plot--live svg").waitFor();
    for (let step = 0; step < 3; step += 1) await page.keyboard.press("+");
    await page.waitForTimeout(700);
    const outside = await page.evaluate(() => {
      const svg = document.querySelector("#chart-result .chart__plot--live svg");
      const frame = svg?.getBoundingClientRect();
      const texts = [...(svg?.querySelectorAll("text") ?? [])];
      const ticks = texts.filter((text) => /^−?\d+( M€)?$/.test(text.textContent ?? ""));
      const left = Math.max(...ticks.slice(0, 3).map((tick) => tick.getBoundingClientRect().right));
      return [...(svg?.querySelectorAll("path") ?? [])].filter((path) => {
        const box = path.getBoundingClientRect();
        const mark = box.width > 3 && box.width < 100 && path.getAttribute("fill") !== "none";
        return mark && frame && (box.left < left - 1 || box.right > frame.right + 1);
      }).length;
    });
    assert.equal(outside, 0);
    await context.close();
  });

  it("shows the same drawing when the pointer comes: nothing is wiped and drawn again", async () => {
    const { page, context } = await open("/dashboard");
    const heights = () =>
      page.evaluate(() =>
        [...document.querySelectorAll(".panel")].map(
          (panel) => panel.getBoundingClientRect().height,
        ),
      );
    const before = await heights();
    await page.evaluate(() => {
      const place = document.querySelector("#chart-flow .chart__plot");
      const counts: number[] = [];
      (window as unknown as { counts: number[] }).counts = counts;
      new MutationObserver(() => {
        counts.push(place?.querySelectorAll("svg path").length ?? 0);
      }).observe(place as Node, { childList: true, subtree: true });
    });
    await page.locator("#chart-flow .chart__plot").hover();
    await page.locator("#chart-flow .chart__plot--live svg").waitFor();
    const bars = await page.evaluate(() => {
      const paths = document.querySelectorAll("#chart-flow .chart__plot--live svg path");
      return [...paths].filter((path) => path.getBoundingClientRect().width > 5).length;
    });
    assert.ok(bars > 20, `${bars}`);
    const clips = page.locator("#chart-flow .chart__plot--live svg clipPath");
    assert.equal(await clips.count(), 0);
    const after = await heights();
    for (const [at, height] of after.entries()) {
      assert.ok(Math.abs(height - (before[at] ?? 0)) < 60, `${before} ${after}`);
    }
    await context.close();
  });

  it("draws in the browser what the program has drawn, at the same places", async () => {
    for (const path of [
      "/dashboard",
      "/dashboard?side=revenue&unit=share",
      "/dashboard?grouping=harmonised&category=personnel&basis=naive",
      "/dashboard?focus=2023&against=2019&unit=percent&theme=dark&lang=en",
      "/dashboard?grouping=harmonised&side=expense",
    ]) {
      const { page, context } = await open(path, { viewport: WIDE });
      const names = await page.evaluate(() =>
        [...document.querySelectorAll(".chart")]
          .filter((chart) => chart.querySelector("svg.drawing"))
          .map((chart) => chart.id),
      );
      assert.ok(names.length >= 2, `${path}: ${names}`);
      for (const name of names) {
        const place = page.locator(`#${name} .chart__plot`);
        // In a place as wide as the drawing, a pixel of one is a pixel of the other.
        await place.evaluate((element) => {
          const view = (element.querySelector("svg") as SVGSVGElement).viewBox.baseVal;
          element.style.width = `${view.width}px`;
          element.style.maxWidth = "none";
        });
        const ours = await page.evaluate(marksOf, `#${name} .chart__plot svg.drawing`);
        await place.focus();
        await page.locator(`#${name} .chart__plot--live svg`).waitFor();
        const theirs = await page.evaluate(marksOf, `#${name} .chart__plot--live svg`);
        assert.ok(ours.length > 3, `${path} ${name}: ${ours.length} marks`);
        const alone = [
          ...unmatched(ours, theirs, "program"),
          ...unmatched(theirs, ours, "browser"),
        ];
        assert.deepEqual(alone, [], `${path} ${name}`);
      }
      await context.close();
    }
  });

  it("is walked through with the keyboard alone, and nothing holds the focus", async () => {
    const { page, context } = await open("/dashboard");
    await page.locator("#more-filters > summary").click();
    await page.locator(".skip-link").focus();
    const seen = new Set<string>();
    for (let stop = 0; stop < 250; stop += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return undefined;
        const style = getComputedStyle(element);
        const marked = style.outlineStyle !== "none" || style.boxShadow !== "none";
        const kind = element.closest("footer")
          ? "footer"
          : element.matches(".chart__plot")
            ? `chart ${element.closest("figure")?.id}`
            : element.matches("select")
              ? `select ${element.id}`
              : element.matches(".menu summary")
                ? `menu ${element.parentElement?.id}`
                : "other";
        return { kind, marked };
      });
      if (!at) break;
      assert.ok(at.marked, `stop ${stop}: ${at.kind}`);
      seen.add(at.kind);
    }
    const kinds = [...seen];
    assert.equal(kinds.filter((kind) => kind.startsWith("select")).length, FILTERS.length);
    assert.equal(kinds.filter((kind) => kind.startsWith("chart")).length, 8);
    assert.equal(kinds.filter((kind) => kind.startsWith("menu")).length, 24);
    assert.ok(seen.has("footer"), kinds.join());

    await page.locator("#f-side").focus();
    await page.keyboard.press("ArrowDown");
    await page.waitForURL(/side=revenue/);
    await page.locator("#f-side:focus").waitFor();
    await context.close();
  });

  it("gives the view on screen in every form", async () => {
    const { page, context } = await open("/dashboard?side=expense&from=2019");
    const signs: Record<string, RegExp> = {
      csv: /^\ufeff?siren,body_name,fiscal_year,/,
      "excel.csv": /^\ufeffSIREN[;,]/,
      xlsx: /^PK/,
      json: /^\[/,
      parquet: /^PAR1/,
      svg: /^<svg /,
      png: /^\x89PNG/,
    };
    await page.locator("#files-categories > summary").click();
    const links = await page.locator("#categories .downloads a[download]").all();
    assert.equal(links.length, Object.keys(signs).length);
    for (const link of links) {
      const address = new URL((await link.getAttribute("href")) ?? "", site.address);
      const answer = await fetch(address);
      const form = address.pathname.split(".").slice(1).join(".");
      const start = Buffer.from(await answer.arrayBuffer()).subarray(0, 400);
      const name = answer.headers.get("content-disposition") ?? "";
      assert.match(
        start.toString(form.endsWith("csv") ? "utf8" : "latin1"),
        signs[form] ?? /^$/,
        form,
      );
      assert.match(name, /compte-de-resultat-dashboard-categories-2019-expense-r1-sample\./, form);
    }
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("#categories .downloads a[download]").first().click(),
    ]);
    assert.match(download.suggestedFilename(), /\.csv$/);
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
