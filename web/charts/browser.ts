// Charts that answer to the pointer and the keyboard, drawn in the browser from the same options as
// the program's own drawings.

import { DataZoomInsideComponent } from "echarts/components";
import type { EChartsType } from "echarts/core";
import { echarts } from "./kit.js";
import { answering, type Changes, complete, type Datum, type Option } from "./option.js";
import { tipElement, told } from "./tip.js";

echarts.use([DataZoomInsideComponent]);

/** A chart in its place. */
export interface Live {
  /** Shows or hides the series of a name; whether it is shown now. */
  toggle(name: string): boolean;
  dispose(): void;
}

/** How much of the years a step shows or hides. */
const STEP = 1.6;

/** The part of the years that is shown, in percent. */
interface Window {
  start: number;
  end: number;
}

/** Buttons and keys that show a part of the years. Wheel and fingers do the same. */
function zoomable(chart: EChartsType, place: HTMLElement) {
  const shown = () => (chart.getOption() as { dataZoom: [Window] }).dataZoom[0];
  const show = (middle: number, width: number) => {
    const start = Math.min(Math.max(0, middle - width / 2), 100 - width);
    chart.dispatchAction({ type: "dataZoom", start, end: start + width });
  };
  const zoom = (factor: number) => {
    const { start, end } = shown();
    show((start + end) / 2, Math.min(100, (end - start) * factor));
  };
  const ways: [string, string, string | undefined, () => void][] = [
    ["+", "+", place.dataset.zoomIn, () => zoom(1 / STEP)],
    ["-", "−", place.dataset.zoomOut, () => zoom(STEP)],
    ["0", "⤢", place.dataset.zoomWhole, () => zoom(Number.POSITIVE_INFINITY)],
  ];
  const bar = document.createElement("div");
  bar.className = "chart__zoom";
  for (const [, sign, label, act] of ways) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = label ?? sign;
    button.setAttribute("aria-label", label ?? sign);
    button.addEventListener("click", act);
    bar.append(button);
  }
  place.before(bar);
  return {
    /** Does what a key is for; whether it is for anything. */
    key(key: string): boolean {
      const way = ways.find(([known]) => known === key);
      way?.[3]();
      return way !== undefined;
    },
    /** Moves the part that is shown to a year that is not in it. */
    reveal(at: number, years: number) {
      const { start, end } = shown();
      const middle = ((at + 0.5) / years) * 100;
      if (middle < start || middle > end) show(middle, end - start);
    },
    dispose: () => bar.remove(),
  };
}

interface Params {
  dataIndex: number;
  data?: unknown;
}

/** Draws a chart in its place, over the drawing that is there. */
export function mount(place: HTMLElement, option: Option, go: (changes: Changes) => void): Live {
  // As high as the drawing that was there, so that nothing on the page moves.
  const before = place.querySelector("svg")?.getBoundingClientRect().height ?? 0;
  const frame = document.createElement("div");
  frame.style.height = `${Math.max(option.height ?? 300, before)}px`;
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
    // The same drawing is there already: only what changes from now on moves.
    animation: false,
    legend: { show: false },
    ...(byPlace && {
      dataZoom: [{ type: "inside", zoomOnMouseWheel: "ctrl", filterMode: "none", minValueSpan: 1 }],
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

  if (motion) chart.setOption({ animation: true });

  const zoom = byPlace ? zoomable(chart, place) : undefined;

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
  const marks = option.series[series]?.data ?? [];
  let at = -1;
  const pressed = (event: KeyboardEvent) => {
    if (zoom?.key(event.key)) {
      event.preventDefault();
      return;
    }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      at = (at + step + marks.length) % Math.max(1, marks.length);
      if (byPlace) zoom?.reveal(at, marks.length);
      chart.dispatchAction({ type: "showTip", seriesIndex: series, dataIndex: at });
      const tip = byPlace ? option.tips?.[at] : marks[at]?.tip;
      live.textContent = tip ? told(tip) : "";
    } else if (event.key === "Enter" && at >= 0) {
      follow(byPlace ? option.goes?.[at] : marks[at]?.go);
    } else if (event.key === "Escape") {
      chart.dispatchAction({ type: "hideTip" });
      at = -1;
    }
  };
  place.addEventListener("keydown", pressed);

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
      zoom?.dispose();
      chart.dispose();
    },
  };
}
