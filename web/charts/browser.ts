// Charts that answer to the pointer and the keyboard, drawn in the browser from the same options as
// the program's own drawings.

import { DataZoomInsideComponent } from "echarts/components";
import { echarts } from "./kit.js";
import { complete, type Datum, type Option, type Series, type Tip } from "./option.js";

echarts.use([DataZoomInsideComponent]);

/** Parameters of the page that a click sets; null takes one away. */
export type Changes = Record<string, string | null>;

/** A chart in its place. */
export interface Live {
  /** Shows or hides the series of a name; whether it is shown now. */
  toggle(name: string): boolean;
  dispose(): void;
}

function tipElement(tip: Tip): HTMLElement {
  const element = document.createElement("div");
  element.className = "tip";
  const title = document.createElement("p");
  title.className = "tip__title";
  title.textContent = tip.title;
  const list = document.createElement("dl");
  for (const [name, value] of tip.rows) {
    const term = document.createElement("dt");
    term.textContent = name;
    const said = document.createElement("dd");
    said.textContent = value;
    list.append(term, said);
  }
  element.append(title, list);
  return element;
}

const told = (tip: Tip) =>
  [tip.title, ...tip.rows.map(([name, value]) => `${name} ${value}`)].join(", ");

/** The series whose marks are told one by one: the first that answers to the pointer. */
function answering(option: Option): number {
  return Math.max(
    0,
    option.series.findIndex((series) => !series.silent),
  );
}

interface Params {
  dataIndex: number;
  data?: unknown;
}

/** Draws a chart in its place, over the drawing that is there. */
export function mount(place: HTMLElement, option: Option, go: (changes: Changes) => void): Live {
  const frame = document.createElement("div");
  frame.style.height = `${option.height ?? 300}px`;
  const live = document.createElement("p");
  live.className = "visually-hidden";
  live.setAttribute("aria-live", "polite");
  place.classList.add("chart__plot--live");
  place.replaceChildren(frame, live);

  const byPlace = option.tips !== undefined;
  const chart = echarts.init(frame, null, { renderer: "svg" });
  const motion = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  chart.setOption({
    ...complete(option),
    animation: motion,
    legend: { show: false },
    ...(byPlace && {
      dataZoom: [{ type: "inside", zoomOnMouseWheel: "ctrl", filterMode: "none" }],
    }),
    tooltip: {
      trigger: byPlace ? "axis" : "item",
      confine: true,
      className: "tip-frame",
      padding: 0,
      borderWidth: 0,
      backgroundColor: "transparent",
      extraCssText: "box-shadow: none",
      axisPointer: { type: "shadow", shadowStyle: { color: "var(--shade)", opacity: 0.35 } },
      formatter: (params: Params | Params[]) => {
        const [first] = Array.isArray(params) ? params : [params];
        const tip = byPlace
          ? option.tips?.[first?.dataIndex ?? 0]
          : (first?.data as Datum | undefined)?.tip;
        return tip ? tipElement(tip) : "";
      },
    },
  });

  const follow = (changes: Changes | undefined) => {
    if (changes && Object.keys(changes).length > 0) go(changes);
  };
  chart.on("click", (params) => follow(((params as Params).data as Datum | undefined)?.go));
  // Beside the marks of a year, a click is on the year.
  chart.getZr().on("click", ({ target, offsetX, offsetY }) => {
    if (target || !byPlace || !chart.containPixel("grid", [offsetX, offsetY])) return;
    follow(option.goes?.[chart.convertFromPixel({ xAxisIndex: 0 }, offsetX)]);
  });

  // The keyboard goes from mark to mark.
  const series = answering(option);
  const marks = (option.series[series] as Series | undefined)?.data ?? [];
  let at = -1;
  place.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = (at + step + marks.length) % Math.max(1, marks.length);
      chart.dispatchAction({ type: "showTip", seriesIndex: series, dataIndex: at });
      const tip = byPlace ? option.tips?.[at] : marks[at]?.tip;
      live.textContent = tip ? told(tip) : "";
    } else if (event.key === "Enter" && at >= 0) {
      follow(byPlace ? option.goes?.[at] : marks[at]?.go);
    } else if (event.key === "Escape") {
      chart.dispatchAction({ type: "hideTip" });
      at = -1;
    }
  });

  const resized = new ResizeObserver(() => chart.resize());
  resized.observe(frame);
  const shown = new Map<string, boolean>();
  return {
    toggle(name) {
      const now = !(shown.get(name) ?? true);
      shown.set(name, now);
      chart.dispatchAction({ type: now ? "legendSelect" : "legendUnSelect", name });
      return now;
    },
    dispose() {
      resized.disconnect();
      chart.dispose();
    },
  };
}
