// How every chart looks: colours from the style sheet's tokens, light axes, no gradients, figures by language.
import { chinese } from "./words.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const ink = () => token("--ink");
export const muted = () => token("--muted");
export const line = () => token("--line");
export const paper = () => token("--paper");
export const accent = () => token("--accent");
export const fonts = () => getComputedStyle(document.body).fontFamily;

/** The fixed colour of a component (demand, time, …) or a tier (tier-3); else the next of the row. */
export function colour(code, index) {
  const own = code && (token(`--component-${code}`) || token(`--${code}`));
  return own || token(`--series-${(index % 6) + 1}`);
}

const scales = chinese ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
const plain = (value, digits) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** With one place where it tells: 2.5 M and 3 M are two marks of an axis, 1,234 M needs none. */
function scaled(value) {
  for (const [scale, unit] of scales) {
    if (Math.abs(value) >= scale) return `${plain(value / scale, Math.abs(value) < 100 * scale ? 1 : 0).replace(/\.0$/, "")} ${unit}`;
  }
  return plain(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);
}

/** A value in full, as the tip shows it. Money comes in fen. */
export function full(value, unit) {
  if (value === null || value === undefined) return "—";
  if (unit === "money") return plain(value / 100, 2);
  if (unit === "percent") return `${plain(value * 100, 1)}%`;
  return plain(value, Number.isInteger(value) ? 0 : 1);
}

/** A value in short, for axes and direct labels. */
export function short(value, unit) {
  if (value === null || value === undefined) return "";
  if (unit === "money") return scaled(value / 100);
  if (unit === "percent") return `${plain(value * 100, 1).replace(/\.0$/, "")}%`;
  return scaled(value);
}

export const text = (size = 12) => ({ color: muted(), fontFamily: fonts(), fontSize: size });

export function base() {
  return {
    animation: false,
    textStyle: { fontFamily: fonts(), fontSize: 12, color: ink() },
    grid: { left: 4, right: 16, top: 28, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      confine: true,
      transitionDuration: 0,
      backgroundColor: paper(),
      borderColor: line(),
      borderWidth: 1,
      padding: [8, 12],
      extraCssText: "box-shadow: 0 4px 16px rgb(20 30 50 / 12%); border-radius: 6px;",
    },
  };
}

export function categoryAxis(names, extra = {}) {
  return {
    type: "category",
    data: names,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: line() } },
    axisLabel: { ...text(), hideOverlap: true },
    ...extra,
  };
}

export function valueAxis(unit, extra = {}) {
  return {
    type: "value",
    axisLabel: { ...text(), formatter: (value) => short(value, unit) },
    splitLine: { lineStyle: { color: token("--line-2") } },
    splitNumber: 4,
    ...extra,
  };
}
