// What pages do besides: views change without a new page, and charts answer to the pointer and the
// keyboard. Without this script every link and form works just the same.

import type { Live } from "../charts/browser.js";
import { answer } from "../charts/narrow.js";
import type { Changes, Option } from "../charts/option.js";
import { prepareSharing } from "./share.js";

const charts = document.querySelector<HTMLScriptElement>("script[data-charts]")?.dataset.charts;

/** The dashboard: this script is in a folder beside it, wherever on its host the site is. */
const dashboard = new URL("../dashboard", import.meta.url).pathname;

/** Whether the page is the dashboard, whose views are exchanged in place. */
const onDashboard = () => location.pathname === dashboard;

const living: Live[] = [];
let asked = 0;

/** Where the focus is to be in another view of the page: where it was, else in the same part, else in the content. */
function holder(): string[] {
  const at = document.activeElement;
  if (!at || at === document.body || !at.closest("main")) return [];
  const places: string[] = [];
  if (at.id) places.push(`#${CSS.escape(at.id)}`);
  const chart = at.closest("figure.chart");
  if (chart?.id) places.push(`#${CSS.escape(chart.id)} .chart__plot`);
  const details = at.closest("details");
  if (details?.id) places.push(`#${CSS.escape(details.id)} > summary`);
  return [...places, ".years a[aria-current]", "main"];
}

/** Says what another view shows: of which year it is, and what that comes to. */
function tell(): void {
  const place = document.getElementById("told");
  if (!place) return;
  const heading = document.getElementById("answer")?.textContent ?? "";
  const figures = [...document.querySelectorAll(".figure")].map((figure) =>
    [...figure.querySelectorAll("dt, .figure__amount")].map((one) => one.textContent).join(" "),
  );
  const count = document.querySelectorAll(".panel").length;
  const charts = place.dataset.charts?.replace("{n}", String(count)) ?? "";
  // A region is read when it changes after it is there.
  setTimeout(() => {
    place.textContent = [heading, ...figures, charts].filter(Boolean).join(". ");
  }, 50);
}

/** What printed sheets say at their edges is of the view that is shown, with its whole address. */
function keepPrinted(page: Document): void {
  const { head, foot } = page.documentElement.dataset;
  if (head) document.documentElement.dataset.head = head;
  if (!foot) return;
  const [place = "", ...words] = foot.split(" ");
  const address = place.startsWith("/") ? new URL(place, location.href).href : place;
  const printed = [address, ...words].join(" ");
  document.documentElement.dataset.foot = printed;
  const source = document.querySelector(".print-source");
  if (source) source.textContent = printed;
}

/** Shows the page in the colours that a link of the switch asks for, and has them kept for other pages. */
async function recolor(link: HTMLAnchorElement): Promise<void> {
  const address = new URL(link.href);
  const theme = address.searchParams.get("theme");
  try {
    const answer = await fetch(address, { method: "HEAD" });
    if (!answer.ok) throw new Error(`${answer.status}`);
  } catch {
    location.assign(address);
    return;
  }
  const root = document.documentElement;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  else delete root.dataset.theme;
  document
    .querySelector("meta[name='color-scheme']")
    ?.setAttribute("content", root.dataset.theme ?? "light dark");
  for (const other of document.querySelectorAll(".theme-switch a")) {
    if (other === link) other.setAttribute("aria-current", "true");
    else other.removeAttribute("aria-current");
  }
}

document.addEventListener("click", (event) => {
  const link = (event.target as HTMLElement).closest<HTMLAnchorElement>(".theme-switch a");
  if (!link || !plain(event)) return;
  event.preventDefault();
  void recolor(link);
});

/** The view with other parameters. */
function changed(changes: Changes): URL {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  return address;
}

/** Whether a click is to lead somewhere on this page, and not in another one. */
const plain = (event: MouseEvent) =>
  !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && event.button === 0;

/** Whether an address of the dashboard leads to records, which have a page of their own. */
const toRecords = (address: { search: string }) => /[?&]lines?=/.test(address.search);

/** Changes parameters of the view. */
function go(changes: Changes): void {
  const address = changed(changes);
  if (toRecords(address)) location.assign(address);
  else void visit(address, true);
}

/** Shows another view of the dashboard; a whole page where that fails. */
async function visit(address: URL, remember: boolean): Promise<void> {
  asked += 1;
  const mine = asked;
  document.querySelector(".panels")?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { "Centime-Drawing": "browser" } });
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    const [from, to] = [page.querySelector("main"), document.querySelector("main")];
    if (!from || !to) throw new Error("no content");
    const focused = holder();
    const open = [...document.querySelectorAll("main details[open]")].map((one) => one.id);
    for (const chart of living.splice(0)) chart.dispose();
    to.replaceChildren(...from.childNodes);
    for (const id of open) {
      if (id) document.getElementById(id)?.setAttribute("open", "");
    }
    document.title = page.title;
    keepPrinted(page);
    if (remember) history.pushState(null, "", address);
    // Links to other languages and colours lead to the view that is shown.
    const others = ".lang-switch a, .theme-switch a";
    const links = page.querySelectorAll<HTMLAnchorElement>(others);
    document.querySelectorAll<HTMLAnchorElement>(others).forEach((link, position) => {
      link.href = links[position]?.getAttribute("href") ?? link.href;
    });
    prepare();
    for (const selector of focused) {
      const found = document.querySelector<HTMLElement>(selector);
      found?.focus({ preventScroll: true });
      if (found && document.activeElement === found) break;
    }
    tell();
  } catch {
    if (mine === asked) location.assign(address);
  }
}

/** Draws a chart in the browser, over the program's drawing. */
async function enliven(place: HTMLElement, option: Option): Promise<void> {
  if (!charts || place.dataset.live) return;
  place.dataset.live = "yes";
  await visible(place);
  const { mount } = (await import(charts)) as typeof import("../charts/browser.js");
  // The view may have changed meanwhile.
  if (!place.isConnected) return;
  const live = mount(place, option, go);
  living.push(live);
  const legend = place.closest("figure")?.querySelectorAll(".legend li") ?? [];
  for (const entry of legend) {
    if (entry.querySelector("a, button") || !entry.querySelector(".swatch--fill, .swatch--line")) {
      continue;
    }
    const name = entry.textContent?.trim() ?? "";
    if (!option.series.some((series) => series.name === name)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(live.toggle(name)));
    });
    entry.lastChild?.replaceWith(button);
  }
}

/** Waits until a place is shown: in a narrow one the other drawing is. */
function visible(place: HTMLElement): Promise<void> {
  return new Promise((resolve) => {
    new ResizeObserver((_, observer) => {
      if (place.clientWidth === 0) return;
      observer.disconnect();
      resolve();
    }).observe(place);
  });
}

/** The option of a drawing by the program, which is only read when the chart is used. */
async function optionOf(place: HTMLElement): Promise<Option | undefined> {
  const name = place.closest("figure")?.id.replace("chart-", "");
  const address = new URL(`${dashboard}/${name}.option${location.search}`, location.origin);
  // Colours are those of the page.
  address.searchParams.delete("theme");
  const answer = await fetch(address);
  return answer.ok ? ((await answer.json()) as Option) : undefined;
}

/** Makes the charts of the page ready to be used. */
function prepare(): void {
  prepareSharing();
  for (const place of document.querySelectorAll<HTMLElement>(".chart__plot")) {
    const data = place.querySelector("script[type='application/json']")?.textContent;
    const option = data ? (JSON.parse(data) as Option) : undefined;
    const narrow = place.closest("figure")?.querySelector<HTMLElement>(".chart__narrow");
    if (narrow) answer(narrow, async () => option ?? (await optionOf(place)), changed);
    if (option) {
      void enliven(place, option);
    } else {
      const wake = () => {
        if (place.dataset.asked) return;
        place.dataset.asked = "yes";
        void optionOf(place).then((option) => option && enliven(place, option));
      };
      place.addEventListener("pointerenter", wake, { once: true });
      place.addEventListener("focus", wake, { once: true });
    }
  }
}

if (onDashboard()) {
  document.addEventListener("change", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>(".filters--view");
    if (form) void visit(viewOf(form), true);
  });
  document.addEventListener("submit", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>(".filters--view");
    if (!form) return;
    event.preventDefault();
    void visit(viewOf(form), true);
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as HTMLElement).closest<HTMLAnchorElement>("main a");
    if (!link || !plain(event) || link.pathname !== dashboard || link.origin !== location.origin)
      return;
    if (toRecords(link)) return;
    event.preventDefault();
    void visit(new URL(link.href), true);
  });
  addEventListener("popstate", () => void visit(new URL(location.href), false));
  prepare();
} else {
  prepareSharing();
}

keepPrinted(document);

/** The address of what a form asks for, without what is not chosen. */
function viewOf(form: HTMLFormElement): URL {
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    const field = form.elements.namedItem(name);
    const usual = field instanceof HTMLSelectElement && field.dataset.usual === value;
    if (typeof value === "string" && value !== "" && !usual) address.searchParams.set(name, value);
  }
  return address;
}
