// Draws the table beside it: lines told apart by dash and mark, or a heat map with its numbers.

const DASHES = ["solid", "dashed", "dotted", [12, 4, 2, 4]];
const MARKS = ["circle", "rect", "triangle", "diamond"];

let echarts = null;
function library(address) {
  echarts ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(window.echarts);
    script.onerror = () => reject(new Error(address));
    document.head.append(script);
  });
  return echarts;
}

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const texts = (cells) => [...cells].map((cell) => cell.textContent.trim());

function read(table) {
  const [, ...columns] = texts(table.tHead.rows[0].cells);
  const rows = [...table.tBodies[0].rows].map((row) => texts(row.cells));
  return { columns, names: rows.map((row) => row[0]), cells: rows.map((row) => row.slice(1)) };
}

function base() {
  const font = getComputedStyle(document.body).fontFamily;
  return { animation: false, textStyle: { fontFamily: font, color: ink("--ink") } };
}

function lines({ columns, names, cells }) {
  const colours = ["--info", "--bad", "--good", "--other"].map(ink);
  return {
    ...base(),
    legend: { top: 8, bottom: "auto", textStyle: { color: ink("--ink") }, itemWidth: 44 },
    grid: { left: 44, right: 16, top: 56, bottom: 28 },
    xAxis: { type: "category", data: names, axisLabel: { color: ink("--ink-soft"), hideOverlap: true } },
    yAxis: { type: "value", max: 100, scale: true, axisLabel: { formatter: "{value}%", color: ink("--ink-soft") } },
    series: columns.slice(0, 4).map((name, n) => ({
      name, type: "line", symbol: MARKS[n], symbolSize: 8, color: colours[n],
      lineStyle: { type: DASHES[n], width: 2 },
      data: cells.map((row) => (row[n] === "—" ? null : parseFloat(row[n]))),
    })),
  };
}

function heat({ columns, names, cells }, box) {
  const data = cells.flatMap((row, y) => row.flatMap((text, x) => (text ? [[x, y, Number(text)]] : [])));
  const most = Math.max(...data.map((one) => one[2]));
  box.style.height = `${120 + names.length * 26}px`;
  return {
    ...base(),
    grid: { left: 4, right: 8, top: 8, bottom: 60, containLabel: true },
    xAxis: { type: "category", data: columns, axisLabel: { rotate: 45, interval: 0, color: ink("--ink") } },
    yAxis: { type: "category", data: names, inverse: true, axisLabel: { interval: 0, width: 110, overflow: "truncate", color: ink("--ink") } },
    visualMap: { show: false, min: 0, max: most, inRange: { color: ["#fdf0e6", "#d8703a"] } },
    series: [{
      type: "heatmap", data, label: { show: true, color: "#1b2529" },
      itemStyle: { borderColor: ink("--panel"), borderWidth: 1 },
    }],
  };
}

const KINDS = { lines, heat };

async function draw(box) {
  const made = await library(box.dataset.library);
  const table = document.getElementById(box.dataset.table);
  const options = KINDS[box.dataset.chart](read(table), box);
  const chart = made.getInstanceByDom(box) ?? made.init(box, null, { renderer: "canvas" });
  chart.setOption(options);
  new ResizeObserver(() => chart.resize()).observe(box);
}

function drawAll() {
  for (const box of document.querySelectorAll("[data-chart]:not([data-drawn])")) {
    box.dataset.drawn = "";
    draw(box).catch(() => box.remove()); // the table beside it says the same
  }
}
document.addEventListener("htmx:load", drawAll);
drawAll();
