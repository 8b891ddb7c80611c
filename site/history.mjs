// The history of the benchmarks as a page: of each machine a drawing of every row over the nights.

const CELL = { width: 210, height: 96 };
const COLUMNS = 4;
const MARGIN = { left: 8, right: 56, top: 30, bottom: 12 };

/** The lines that `mlx-router bench --history FILE` has added to a file. */
export function readHistory(text) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

/**
 * What is drawn of each row, by suite: Python's time over ours where all nights have it, since machines of different speed
 * take turns; else our own figure.
 */
export function seriesOf(nights) {
  const suites = new Map();
  const latest = nights.at(-1);
  for (const { suite, name, unit } of latest?.rows ?? []) {
    const found = nights.flatMap(({ date, rows }) =>
      rows.filter((row) => row.name === name).map((row) => ({ date, row })),
    );
    const isRatio = found.every(({ row }) => row.ratio !== null);
    const points = found.map(({ date, row }) => ({ date, value: isRatio ? row.ratio : row.ours }));
    const list = suites.get(suite) ?? [];
    list.push({ name, unit: isRatio ? 'ratio' : unit.replace('us', 'µs'), points });
    suites.set(suite, list);
  }
  return suites;
}

const TEXT = 'fill="currentColor" font-family="sans-serif" font-size="12"';
const LINE = '#3b82f6';

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const rounded = (value) => Number(value.toFixed(1));
const figure = (value) => (value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3))));

/** From 0 to a little above the greatest value, with 1 in it where Python's time is the measure. */
function scaleOf({ unit, points }) {
  const most = Math.max(...points.map(({ value }) => value), unit === 'ratio' ? 1 : 0);
  const height = CELL.height - MARGIN.top - MARGIN.bottom;
  return (value) => rounded(MARGIN.top + height - (most === 0 ? 0 : (value / most) * height));
}

function drawCell(series, index) {
  const { name, unit, points } = series;
  const y = scaleOf(series);
  const width = CELL.width - MARGIN.left - MARGIN.right;
  const step = points.length > 1 ? width / (points.length - 1) : 0;
  const places = points.map(({ value }, i) => [rounded(MARGIN.left + i * step), y(value)]);
  const [lastX, lastY] = places.at(-1);
  const right = MARGIN.left + width;
  const corner = `${(index % COLUMNS) * CELL.width} ${Math.floor(index / COLUMNS) * CELL.height}`;
  const one = `<path d="M${MARGIN.left} ${y(1)}H${right}" stroke="currentColor" stroke-opacity="0.3" stroke-dasharray="3 3"/>`;
  return [
    `<g transform="translate(${corner})">`,
    `<title>${escaped(name)}, ${points[0].date.slice(0, 10)} to ${points.at(-1).date.slice(0, 10)}</title>`,
    `<text x="${MARGIN.left}" y="18">${escaped(name)}</text>`,
    ...(unit === 'ratio' ? [one] : []),
    `<polyline fill="none" stroke="${LINE}" stroke-width="1.5" points="${places.map((place) => place.join(',')).join(' ')}"/>`,
    `<circle cx="${lastX}" cy="${lastY}" r="2.5" fill="${LINE}"/>`,
    `<text font-size="11" fill-opacity="0.7" x="${lastX + 6}" y="${lastY + 4}">${figure(points.at(-1).value)}${unit === 'ratio' ? '' : ` ${unit}`}</text>`,
    '</g>',
  ].join('');
}

/** A drawing of all rows of a suite, a cell each, in the colours of the page that it stands in. */
export function drawSuite(list) {
  const width = COLUMNS * CELL.width;
  const height = Math.ceil(list.length / COLUMNS) * CELL.height;
  return [
    // Attributes, not a style sheet: the page is a template, in which one has no place.
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="100%" ${TEXT}>`,
    ...list.map(drawCell),
    '</svg>',
  ].join('');
}

function machineSection([machine, nights]) {
  const [first, last] = [nights[0], nights.at(-1)];
  const facts = Object.entries(last.environment).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [
    `## ${machine}`,
    '',
    `${nights.length} runs from ${first.date.slice(0, 10)} to ${last.date.slice(0, 10)}. The last: ${facts.join(' · ')}.`,
    '',
    // The page is a template, too, in which braces have a meaning.
    ...[...seriesOf(nights)].flatMap(([suite, list]) => [
      `### ${suite}`,
      '',
      `<div v-pre>${drawSuite(list)}</div>`,
      '',
    ]),
  ];
}

/** The page, of histories by the name of their machine; without any it says so. */
export function historyPage(histories) {
  const drawn = Object.entries(histories).filter(([, nights]) => nights.length > 0);
  return [
    '# History of the benchmarks',
    '',
    'Each night `mlx-router bench` runs on the machines below. A cell is a row; its line goes from the first run to the last, with zero',
    "at the bottom. It is Python's time over ours, above the dashed line at 1 ours is faster; where a row has no Python beside it, it is",
    'our own time or memory, in the unit that is written, and less is better.',
    '',
    ...(drawn.length === 0 ? ['No run has been kept yet.', ''] : drawn.flatMap(machineSection)),
  ].join('\n');
}
