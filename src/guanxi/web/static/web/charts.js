// Draws what stands in data-chart boxes. ECharts is fetched only by a page that has one. Tips are built as elements:
// text with style attributes would be refused by the content security policy.
import { words, address, load } from "./words.js";
import { base, categoryAxis, valueAxis, colour, full, short, text, ink, muted, line, paper, accent } from "./chart-theme.js";

const element = (name, className, content) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (content !== undefined) made.textContent = content;
  return made;
};

/** A tip: a head, then rows of colour, name, value; last the day the figures are of. */
function tip(box, head, rows) {
  const made = element("div", "tip");
  const day = box.dataset.asOf ? ` · ${words.as_of} ${box.dataset.asOf}` : "";
  made.append(element("div", "tip-head", head + day));
  for (const [shade, name, value] of rows) {
    const row = element("div", "tip-row");
    const mark = element("i");
    if (shade) mark.style.setProperty("--tip", shade);
    row.append(mark, element("span", "", name), element("b", "", value));
    made.append(row);
  }
  return made;
}

const shades = (data) => data.series.map((one, index) => colour(one.code, index));

function axisTip(box, data) {
  const colours = shades(data);
  return (marks) => tip(box, marks[0].name, data.series
    .map((one, index) => [colours[index], one.name, full(one.values[marks[0].dataIndex], box.dataset.unit)])
    .reverse());
}

function legend(data) {
  if (data.series.length < 2) return undefined;
  return { top: 0, left: 0, itemWidth: 10, itemHeight: 10, itemGap: 16, icon: "roundRect", textStyle: text(), data: data.series.map((one) => one.name) };
}

/** Where the drawing begins below its legend, which takes as many lines as its names need. */
function under(box, data) {
  if (data.series.length < 2) return { ...base().grid, top: 12 };
  const needed = data.series.reduce((sum, one) => sum + 30 + [...one.name].reduce((width, sign) => width + (sign > "\u2e80" ? 12 : 7), 0), 0);
  return { ...base().grid, top: 14 + 20 * Math.ceil(needed / Math.max(120, box.clientWidth - 20)) };
}

function area(box, data) {
  const colours = shades(data);
  const stacked = data.series.length > 1;
  return {
    legend: legend(data),
    grid: under(box, data),
    xAxis: categoryAxis(data.categories, { boundaryGap: false, axisLabel: { ...text(), hideOverlap: true, showMinLabel: true, showMaxLabel: true, alignMinLabel: "left", alignMaxLabel: "right" } }),
    yAxis: valueAxis(box.dataset.unit, { min: 0 }),
    tooltip: { ...base().tooltip, trigger: "axis", axisPointer: { lineStyle: { color: muted(), type: "solid", width: 1 } }, formatter: axisTip(box, data) },
    series: data.series.map((one, index) => ({
      type: "line", name: one.name, data: one.values, stack: stacked ? "all" : undefined, symbol: "none",
      lineStyle: { width: stacked ? 0 : 2, color: colours[index] }, itemStyle: { color: colours[index] },
      areaStyle: { color: colours[index], opacity: stacked ? 0.92 : 0.14 },
    })),
  };
}

function lines(box, data) {
  const colours = shades(data);
  return {
    legend: legend(data),
    grid: under(box, data),
    xAxis: categoryAxis(data.categories, { boundaryGap: false, axisLabel: { ...text(), hideOverlap: true, showMinLabel: true, showMaxLabel: true, alignMinLabel: "left", alignMaxLabel: "right" } }),
    yAxis: valueAxis(box.dataset.unit, { scale: data.zero === false }),
    tooltip: { ...base().tooltip, trigger: "axis", axisPointer: { lineStyle: { color: muted(), type: "solid", width: 1 } }, formatter: axisTip(box, data) },
    series: data.series.map((one, index) => ({
      type: "line", name: one.name, data: one.values, symbol: "circle", symbolSize: 5, showSymbol: data.categories.length < 14,
      lineStyle: { width: 2, color: colours[index] }, itemStyle: { color: colours[index] },
    })),
  };
}

function bars(box, data, lying) {
  const colours = shades(data);
  const one = data.series.length === 1;
  const names = categoryAxis(data.categories, lying ? { inverse: true, axisLabel: { ...text(), width: 130, overflow: "truncate" } } : {});
  const values = valueAxis(box.dataset.unit, lying && one ? { axisLabel: { show: false }, splitLine: { show: false } } : {});
  return {
    legend: legend(data),
    grid: { ...under(box, data), right: lying && one ? 72 : 16, ...(one ? { top: lying ? 4 : 20 } : {}) },
    xAxis: lying ? values : names,
    yAxis: lying ? names : values,
    tooltip: { ...base().tooltip, trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: "rgb(20 30 50 / 4%)" } }, formatter: axisTip(box, data) },
    series: data.series.map((bar, index) => ({
      type: "bar", name: bar.name, stack: data.stack ? "all" : undefined, barMaxWidth: 28, barCategoryGap: "36%",
      data: bar.values.map((value, at) => ({ value, itemStyle: { color: bar.codes ? colour(bar.codes[at], at) : colours[index] } })),
      itemStyle: { color: colours[index] },
      label: { show: one, position: lying ? "right" : "top", ...text(), color: ink(), formatter: (mark) => short(mark.value, box.dataset.unit) },
    })),
  };
}

function lorenz(box, data) {
  const axis = (name, gap) => valueAxis("percent", { min: 0, max: 1, interval: 0.2, name, nameLocation: "middle", nameGap: gap, nameTextStyle: text(), axisTick: { show: false } });
  const mark = data.mark ?? 0.2;
  const most = Math.max(1, ...data.series.flatMap((one) => one.points.map((point) => point[1])));
  return {
    legend: legend(data),
    grid: { ...under(box, data), outerBoundsContain: "all" },
    xAxis: { ...axis(words.share_x, 26), splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: line() } } },
    yAxis: { ...axis(words.share_y, 44), axisLine: { show: true, lineStyle: { color: line() } }, max: most > 1 ? Math.ceil(most * 5) / 5 : 1 },
    tooltip: { ...base().tooltip, trigger: "item", formatter: (point) => tip(box, `${words.share_x} ${short(point.value[0], "percent")}`, [[point.color, point.seriesName, full(point.value[1], "percent")]]) },
    series: [
      ...data.series.map((one, index) => ({
        type: "line", name: one.name, data: one.points, symbol: "circle", symbolSize: 5, showSymbol: one.points.length < 60,
        lineStyle: { width: 2, color: colour(one.code, index) }, itemStyle: { color: colour(one.code, index) },
        markLine: index ? undefined : {
          silent: true, symbol: "none", label: { show: false }, lineStyle: { color: muted(), type: "dashed", width: 1 }, data: [{ xAxis: mark }],
        },
        markPoint: index ? undefined : {
          silent: true, symbol: "circle", symbolSize: 9, itemStyle: { color: accent() }, data: [{ coord: [mark, at(one.points, mark)] }],
          label: { ...text(), color: ink(), position: "right", offset: [6, 14], formatter: () => atMark(one.points, mark) },
        },
      })),
      { type: "line", name: words.even, data: [[0, 0], [1, 1]], symbol: "none", silent: true, lineStyle: { color: muted(), type: "dotted", width: 1 }, tooltip: { show: false } },
    ],
  };
}

/** The curve's height at a share of customers, between its two nearest points. */
function at(points, mark) {
  const after = points.findIndex((point) => point[0] >= mark);
  if (after < 0) return points.at(-1)[1];
  const [x1, y1] = points[after];
  const [x0, y0] = points[Math.max(0, after - 1)];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (mark - x0)) / (x1 - x0);
}

/** The same in words. */
function atMark(points, mark) {
  return words.top.replace("{share}", short(mark, "percent")).replace("{value}", full(at(points, mark), "percent"));
}

function matrix(box, data) {
  const cells = data.cells.flatMap((row, y) => row.map((value, x) => [x, y, value]));
  // Those who stayed are many; the colour scale is for those who moved, or it would show only the diagonal.
  const moved = cells.filter(([x, y]) => data.rows[y] !== data.columns[x]).map((cell) => cell[2] ?? 0);
  const most = Math.max(1, ...(moved.length ? moved : cells.map((cell) => cell[2] ?? 0)));
  const shade = ([x, y, value]) => {
    if (!value) return paper();
    if (data.rows[y] === data.columns[x]) return "#e6e9ee";
    const strength = 0.12 + 0.6 * Math.min(1, value / most);
    const up = data.columns.indexOf(data.rows[y]) < x;
    return up ? `rgba(63, 110, 168, ${strength})` : `rgba(208, 162, 78, ${strength})`;
  };
  return {
    grid: { ...base().grid, top: 40, left: 4 },
    xAxis: categoryAxis(data.columns, { position: "top", axisLine: { show: false }, name: "", splitArea: { show: false }, axisLabel: { ...text(), interval: 0 } }),
    yAxis: categoryAxis(data.rows, { inverse: true, axisLine: { show: false }, axisLabel: { ...text(), interval: 0 } }),
    tooltip: { ...base().tooltip, trigger: "item", formatter: (point) => {
      const [x, y, value] = point.value;
      const rows = [["", data.value_name ?? words.people, full(value, box.dataset.unit)]];
      if (data.extra) rows.push(["", data.extra.name, full(data.extra.cells[y][x], data.extra.unit)]);
      return tip(box, `${data.rows[y]} → ${data.columns[x]}`, rows);
    } },
    series: [{
      type: "heatmap",
      data: cells.map((cell) => ({ value: cell, itemStyle: { color: shade(cell), borderColor: line(), borderWidth: 1 } })),
      label: { show: true, fontSize: 12, color: ink(), formatter: (point) => (point.value[2] ? full(point.value[2], box.dataset.unit) : "") },
      emphasis: { itemStyle: { borderColor: accent(), borderWidth: 2 } },
    }],
  };
}

const kinds = { area, line: lines, bars: (box, data) => bars(box, data, false), rows: (box, data) => bars(box, data, true), lorenz, matrix };

function draw(box) {
  const data = JSON.parse(box.dataset.data);
  const made = kinds[box.dataset.chart](box, data);
  const chart = window.echarts.getInstanceByDom(box) ?? window.echarts.init(box, null, { renderer: "canvas" });
  // Heat maps ask for a colour scale; ours are coloured cell by cell, so it is there and empty.
  chart.setOption({ ...base(), ...made, ...(box.dataset.chart === "matrix" ? { visualMap: { show: false, seriesIndex: [] } } : {}) }, true);
  watch.observe(box);
}

const watch = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    const chart = window.echarts?.getInstanceByDom(target);
    if (chart && target.clientWidth && chart.getWidth() !== target.clientWidth) {
      chart.resize();
      draw(target);
    }
  }
});

async function drawIn(scope) {
  const boxes = [...scope.querySelectorAll("[data-chart]")].filter((box) => box.offsetParent !== null);
  if (!boxes.length) return;
  await load(address("echarts"));
  for (const box of boxes) draw(box);
}

drawIn(document);
document.addEventListener("htmx:load", (event) => drawIn(event.detail.elt.parentElement ?? document));
document.addEventListener("toggle", (event) => event.target.open && drawIn(event.target), true);
document.addEventListener("guanxi:unfold", (event) => drawIn(event.target));
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  const box = event.detail.elt;
  if (box.matches?.("[data-chart]")) window.echarts?.getInstanceByDom(box)?.dispose();
});
