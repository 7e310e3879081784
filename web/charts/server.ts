// Draws a chart as SVG inside the program, where there is no document.

import { echarts } from "./kit.js";
import { complete, type Option } from "./option.js";

declare global {
  /** The width of a text in a font such as `600 13px sans-serif`, in pixels; the program's own. */
  var measureText: (text: string, font: string) => number;
  var drawChart: (option: string, width: number, height: number) => string;
}

// A drawing is whole at once: what ECharts puts off until later is never needed.
const scope = globalThis as { setTimeout?: unknown; clearTimeout?: unknown };
scope.setTimeout ??= () => 0;
scope.clearTimeout ??= () => undefined;

echarts.setPlatformAPI({
  measureText: (text: string, font?: string) => ({
    width: globalThis.measureText(text, font ?? "12px sans-serif"),
  }),
});

/**
 * The drawing without what only ECharts' own client needs, without inline styles, which the content
 * security policy of a page refuses, and without clips: nothing is outside of its axes, and a clip
 * has a number that a drawing by another interpreter on the same page may have, too.
 */
function plain(svg: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>\s*/g, "")
    .replace(/<defs[\s\S]*?<\/defs>\s*/g, "")
    .replace(/^<svg [^>]*>/, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view(svg)}">`)
    .replace(/<rect [^>]*fill="none"><\/rect>\n?/, "")
    .replace(/ (?:ecmeta_\w+|class|clip-path|pointer-events|xml:space)="[^"]*"/g, "")
    .replace(/ style="([^"]*)"/g, (_, style: string) => {
      const size = /([\d.]+)px/.exec(style)?.[1];
      const bold = /\b(?:600|700|bold)\b/.test(style);
      return `${size ? ` font-size="${size}"` : ""}${bold ? ' font-weight="600"' : ""}`;
    })
    .replace(/><\/(?:path|rect|circle)>/g, "/>");
}

function view(svg: string): string {
  return /viewBox="([^"]*)"/.exec(svg)?.[1] ?? "0 0 0 0";
}

globalThis.drawChart = (json, width, height) => {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    const option = complete(JSON.parse(json) as Option) as Record<string, unknown>;
    chart.setOption({ ...option, animation: false, tooltip: undefined });
    return plain(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
};
