// A shape of many strokes, drawn as one.

import { graphic } from "echarts/core";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Line = [x1: number, y1: number, x2: number, y2: number];

/** Makes shapes of these names known to custom series. */
export function addShapes(): void {
  graphic.registerShape(
    "lines",
    graphic.extendShape({
      type: "lines",
      shape: { lines: [] as Line[] },
      buildPath(path: CanvasRenderingContext2D, { lines }: { lines: Line[] }) {
        for (const [x1, y1, x2, y2] of lines) {
          path.moveTo(x1, y1);
          path.lineTo(x2, y2);
        }
      },
    }),
  );
}
