// What the program says of a chart, and what ECharts needs besides.
//
// The program sends plain data: every number that is drawn is a whole number of centimes or of
// hundredths of a percent, and every text that is shown was written by the program, so that no
// amount is ever rounded or formatted here. Functions cannot be sent; this module adds them. The
// program's own drawings have the same marks at the same places, which a test holds.

import type {
  CustomSeriesRenderItemAPI,
  CustomSeriesRenderItemParams,
  CustomSeriesRenderItemReturn,
} from "echarts/types/dist/shared";

import type { Box, Line } from "./shapes.js";

/** Parameters of the page that a click sets; null takes one away. */
export type Changes = Record<string, string | null>;

/** Marks that ECharts has no series for. */
export type Mark = "break" | "cell" | "connector" | "hatch" | "reference" | "span";

/** A drawn value and the texts that belong to it. */
export interface Datum {
  value: number | null | (number | null)[];
  /** What is written at the mark. */
  text?: string;
  /** What the pointer and the keyboard tell: a title and rows. */
  tip?: Tip;
  /** Where a click leads: parameters of the page to set; null takes one away. */
  go?: Changes;
  [more: string]: unknown;
}

export interface Tip {
  title: string;
  rows: [name: string, value: string][];
}

export interface Series {
  type: string;
  mark?: Mark;
  data?: Datum[];
  [more: string]: unknown;
}

export interface Axis {
  type: string;
  /** The texts of a value axis, by value. */
  texts?: Record<string, string>;
  axisLabel?: Record<string, unknown>;
  [more: string]: unknown;
}

export interface Option {
  xAxis?: Axis[];
  yAxis?: Axis[];
  series: Series[];
  /** The height of the drawing, in pixels. */
  height?: number;
  /** What is told of each place of the first axis. */
  tips?: Tip[];
  /** Where a click on each place of the first axis leads. */
  goes?: Changes[];
  [more: string]: unknown;
}

/** The series whose marks are told one by one: the first that answers to the pointer. */
export function answering(option: Option): number {
  return Math.max(
    0,
    option.series.findIndex((series) => !series.silent),
  );
}

type Draw = (
  api: CustomSeriesRenderItemAPI,
  params: CustomSeriesRenderItemParams,
  datum: Datum,
  series: Series,
) => CustomSeriesRenderItemReturn;

const box = (params: CustomSeriesRenderItemParams): Box => params.coordSys as unknown as Box;

/** The width or height of a place on a category axis. */
function band(api: CustomSeriesRenderItemAPI, axis: 0 | 1): number {
  const size = api.size?.([1, 1]);
  return Array.isArray(size) ? (size[axis] ?? 0) : (size ?? 0);
}

/** Half of the width of a bar in a row, of the height of the row. */
const BAR = 0.33;

function style(series: Series): Record<string, unknown> {
  return (series.itemStyle ?? {}) as Record<string, unknown>;
}

/** A text beside a mark. */
function words(series: Series, text: string | undefined, at: object): object[] {
  if (!text) return [];
  return [{ type: "text", silent: true, style: { ...(series.label as object), text, ...at } }];
}

/** A hatched rectangle: its border, and all of its strokes as one shape. */
function hatched(place: Box, strokes: Record<string, unknown>): object[] {
  const { x, y, width, height } = place;
  const lines: Line[] = [];
  for (let at = 7 - height; at < width; at += 7) {
    const left = Math.max(at, 0);
    const right = Math.min(at + height, width);
    if (right <= left) continue;
    lines.push([x + left, y + height - (left - at), x + right, y + height - (right - at)]);
  }
  const style = { ...strokes, fill: "none" };
  return [
    { type: "rect", shape: place, style: { ...strokes, fill: "transparent" } },
    { type: "lines", shape: { lines }, style, silent: true },
  ];
}

/** What of a stretch is inside of the axes: part of the years may be shown. Nothing of one that is all outside. */
function inside(params: CustomSeriesRenderItemParams, from: number, to: number) {
  const { x, width } = box(params);
  const [left, right] = [Math.max(from, x), Math.min(to, x + width)];
  return right > left ? { left, right } : undefined;
}

const group = (children: object[]) =>
  ({ type: "group", children }) as unknown as CustomSeriesRenderItemReturn;

const DRAW: Record<Mark, Draw> = {
  // Where a series ends and another begins: a dashed line before the place, and a word.
  break(api, params, datum, series) {
    const { y, height } = box(params);
    const x = Math.round((api.coord([api.value(0), 0])[0] ?? 0) - band(api, 0) / 2);
    if (!inside(params, x, x + 1)) return group([]);
    const shape = { x1: x, x2: x, y1: y - (datum.text ? 36 : 0), y2: y + height };
    return group([
      { type: "line", shape, style: { ...style(series), fill: "none" } },
      ...words(series, datum.text, { x: x + 4, y: y - 36, verticalAlign: "top" }),
    ]);
  },

  // A place of a matrix.
  cell(api, _params, datum) {
    const width = Math.max(2, band(api, 0) - 3);
    const height = Math.max(2, band(api, 1) - 3);
    const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
    const place = { x: x - width / 2, y: y - height / 2, width, height };
    const look = datum.style as Record<string, unknown>;
    if (look.hatch) return group(hatched(place, { stroke: look.hatch, lineWidth: 1 }));
    return group([{ type: "rect", shape: place, style: look }]);
  },

  // From the end of a step to the beginning of the next, a row below.
  connector(api, _params, _datum, series) {
    const half = band(api, 1) * BAR;
    const [x = 0, from = 0] = api.coord([api.value(1), api.value(0)]);
    const to = api.coord([api.value(1), Number(api.value(0)) + 1])[1] ?? 0;
    return {
      type: "line",
      shape: { x1: x, x2: x, y1: from - half, y2: to + half },
      style: { ...style(series), fill: "none" },
    } as CustomSeriesRenderItemReturn;
  },

  // A year that cannot be computed: its whole place is hatched.
  hatch(api, params, datum, series) {
    const { y, height } = box(params);
    const width = Math.min(band(api, 0) * 0.72, 52);
    const middle = api.coord([api.value(0), 0])[0] ?? 0;
    const at = { x: middle, y: y - 5, align: "center", verticalAlign: "bottom" };
    const shown = inside(params, middle - width / 2, middle + width / 2);
    if (!shown) return group([]);
    // Where there is no room for the word, the legend has it. A place that is whole may be a hair less by rounding.
    const narrow = band(api, 0) < 56 || shown.right - shown.left < width - 1;
    const word = narrow ? undefined : datum.text;
    return group([
      ...hatched({ x: shown.left, y, width: shown.right - shown.left, height }, style(series)),
      ...words(series, word, at),
    ]);
  },

  // A figure that others are held against: a rule across the place.
  reference(api, params, _datum, series) {
    const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
    const half = Math.min(band(api, 0) * 0.42, 34);
    const shown = inside(params, x - half, x + half);
    if (!shown) return group([]);
    return {
      type: "line",
      shape: { x1: shown.left, x2: shown.right, y1: y, y2: y },
      style: { ...style(series), fill: "none" },
    } as CustomSeriesRenderItemReturn;
  },

  // A bar between two values, in a row.
  span(api, _params, datum, series) {
    const [from = 0, y = 0] = api.coord([api.value(1), api.value(0)]);
    const to = api.coord([api.value(2), api.value(0)])[0] ?? 0;
    const half = band(api, 1) * BAR;
    const right = Math.max(from, to);
    const shape = {
      x: Math.min(from, to),
      y: y - half,
      width: Math.max(1, Math.abs(to - from)),
      height: 2 * half,
    };
    return group([
      { type: "rect", shape, style: datum.style },
      ...words(series, datum.text, { x: right + 5, y, verticalAlign: "middle" }),
    ]);
  },
};

function completeSeries(series: Series): object {
  const { mark, ...rest } = series;
  if (mark) {
    const data = series.data ?? [];
    return {
      ...rest,
      clip: false,
      renderItem: (params: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) =>
        DRAW[mark](api, params, data[params.dataIndex] ?? { value: null }, series),
    };
  }
  const label = (series.label ?? {}) as Record<string, unknown>;
  if (!label.show) return rest;
  const text = (params: { data?: unknown }) => (params.data as Datum | undefined)?.text ?? "";
  return { ...rest, label: { ...label, formatter: text } };
}

function completeAxis(axis: Axis): object {
  const { texts, ...rest } = axis;
  if (!texts) return rest;
  return {
    ...rest,
    axisLabel: {
      ...axis.axisLabel,
      formatter: (value: number) => texts[String(value)] ?? "",
    },
  };
}

/** The option as ECharts wants it. */
export function complete(option: Option): object {
  const { tips: _tips, goes: _goes, height: _height, ...rest } = option;
  return {
    ...rest,
    ...(option.xAxis && { xAxis: option.xAxis.map(completeAxis) }),
    ...(option.yAxis && { yAxis: option.yAxis.map(completeAxis) }),
    series: option.series.map(completeSeries),
  };
}
