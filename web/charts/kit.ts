// The parts of ECharts that the charts use; everything else stays out of the bundle.

import { BarChart, CustomChart, LineChart, SankeyChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { addShapes } from "./shapes.js";

echarts.use([
  BarChart,
  CustomChart,
  LineChart,
  SankeyChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  LabelLayout,
  SVGRenderer,
]);

addShapes();

export { echarts };
