/** The style sheet of the examples' pages; every colour is a variable with a dark variant. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #fff; --ink: #1d1d1f; --soft: #6a6a70; --rule: #e4e2de;
  --accent: #2a6fb8; --good: #1c7c4c; --bad: #c0392b; --python: #9a6700;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #151618; --card: #1e2023; --ink: #ececee; --soft: #9c9ca4; --rule: #33363b;
    --accent: #6cabf0; --good: #5cc98f; --bad: #ff7b6b; --python: #e3b341;
  }
  .ink { filter: invert(1); }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: 30px; line-height: 1.2; margin: 0 0 8px; letter-spacing: -.01em; }
h2 { font-size: 18px; margin: 0 0 4px; }
p { margin: 0 0 16px; color: var(--soft); max-width: 72ch; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 20px 24px; margin-top: 20px; }
.pair { display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px 32px; margin: 28px 0 4px; }
.facts div { border-top: 2px solid var(--rule); padding-top: 8px; }
.facts dt { color: var(--soft); font-size: 14px; }
.facts dd { margin: 0; font-size: 26px; font-weight: 600; font-variant-numeric: tabular-nums; }
figure { margin: 0; }
.chart figcaption { font-weight: 600; margin-bottom: 6px; }
svg { width: 100%; height: auto; display: block; overflow: visible; }
.grid { stroke: var(--rule); }
.tick { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.line { fill: none; stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.end { fill: var(--accent); }
.mark { fill: var(--accent); opacity: 0; }
.mark:hover { opacity: .5; }
.value { fill: var(--ink); font-size: 13px; font-weight: 600; }
pre { margin: 0; overflow-x: auto; font: 13px/1.6 ui-monospace, monospace; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
.routing { width: 100%; }
.routing th, .routing td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--rule); white-space: nowrap; }
.routing th { color: var(--soft); font-weight: 500; }
.routing .number { text-align: right; padding-right: 40px; }
.routing .number:last-child { padding-right: 0; }
.routing td:first-child { font-family: ui-monospace, monospace; font-size: 13px; }
.times { width: 100%; }
.times th, .times td { padding: 5px 0 5px 20px; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
.times th { color: var(--soft); font-weight: 500; }
.times th:first-child, .times td:first-child { text-align: left; padding-left: 0; padding-right: 12px; }
.times caption { text-align: left; font-weight: 600; padding: 16px 0 4px; }
.times .best { font-weight: 700; color: var(--good); }
.times .why td { white-space: normal; color: var(--soft); }
.times tr:has(+ .why) td { border-bottom: 0; padding-bottom: 0; }
@media (max-width: 640px) {
  .times, .times tbody, .times caption { display: block; }
  .times thead { display: none; }
  .times tr { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)) 80px; border-bottom: 1px solid var(--rule); padding: 8px 0; }
  .times tr:has(+ .why) { border-bottom: 0; padding-bottom: 0; }
  .times .why { display: block; padding-top: 4px; }
  .times td, .times .why td { display: block; padding: 0; border: 0; text-align: left; }
  .times td:first-child { grid-column: 1 / -1; padding: 0; font-weight: 600; white-space: normal; }
  .times .why td:first-child { font-weight: 400; }
  .times td::before { content: attr(data-column); display: block; color: var(--soft); font-size: 11px; font-weight: 400; }
  .times td:first-child::before { content: none; }
  .times td[data-column]:empty { display: none; }
}
.python { color: var(--python); font-weight: 600; }
.checks { list-style: none; margin: 0; padding: 0; }
.checks li { padding: 6px 0; border-bottom: 1px solid var(--rule); }
.checks li:last-child { border: 0; }
.checks span { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .skipped { color: var(--soft); }
.good, .bad, .skipped { display: inline-block; width: 1.4em; font-weight: 700; }
/* Drawings shrink with the page, and what is written in them would, too. */
@media (max-width: 640px) { section { padding: 16px; } .tick, .value { font-size: 16px; } }
footer { color: var(--soft); font-size: 14px; margin-top: 28px; }
a { color: var(--accent); }
`;
