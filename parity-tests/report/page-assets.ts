/** The look of the page: dark or light as the reader's system is. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #fbfbfa; --card: #fff; --ink: #1d2126; --soft: #626b75; --line: #e3e5e8;
  --good: #1a7f4b; --bad: #c0302c; --warn: #9a6700; --accent: #2f5fd0; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1c2024; --ink: #e7eaed; --soft: #98a2ad;
  --line: #2e343a; --good: #4cc38a; --bad: #ff7b72; --warn: #e3b341; --accent: #8cb0ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 2rem 1.25rem 4rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } header > p { margin: 0 0 1.2rem; color: var(--soft); max-width: 62ch; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .88em; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; }
.figure { flex: 1 1 130px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem .9rem; }
.figure strong { display: block; font-size: 1.55rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.figure span { color: var(--soft); font-size: .85rem; }
.figure.good strong { color: var(--good); } .figure.bad strong { color: var(--bad); }
header .versions { margin: 1rem 0 1.6rem; max-width: none; font-size: .82rem; }
.versions span { display: inline-block; margin-right: 1.1rem; } .versions b { color: var(--ink); font-weight: 600; }
nav { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: .3rem .9rem; margin-bottom: 1.2rem; }
nav button { display: grid; grid-template-columns: 6.2rem 1fr 2rem; gap: .5rem; align-items: center; border: 0; background: none;
  color: inherit; font: inherit; font-size: .85rem; text-align: left; padding: .2rem .35rem; border-radius: 6px; cursor: pointer; }
nav button:hover, nav button[aria-pressed=true] { background: var(--line); } nav button > :last-child { text-align: right; color: var(--soft); }
.bar { display: flex; height: 7px; border-radius: 4px; overflow: hidden; background: var(--line); } .bar i { display: block; }
.bar .passed { background: var(--good); } .bar .gap { background: var(--warn); } .bar .failed { background: var(--bad); }
.controls { display: flex; gap: 1rem; align-items: center; margin: 0 0 .6rem; color: var(--soft); font-size: .9rem; }
input { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 7px;
  padding: .35rem .6rem; width: 18rem; max-width: 60vw; margin-left: .4rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: .8rem; padding: .55rem .75rem; border-bottom: 1px solid var(--line); }
td { padding: .36rem .75rem; border-top: 1px solid var(--line); vertical-align: top; } tbody tr:first-child td { border-top: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.dtypes { border-bottom: 1px dotted var(--soft); cursor: help; } small { color: var(--soft); }
.badge { font-size: .78rem; font-weight: 600; } .badge::before { content: '● '; }
.badge.passed { color: var(--good); } .badge.failed { color: var(--bad); } .badge.gap { color: var(--warn); }
.details > td { border-top: 0; padding-top: 0; max-width: 0; } summary { cursor: pointer; color: var(--accent); }
.reason { margin: 0 0 .3rem; color: var(--soft); font-size: .82rem; max-width: 90ch; }
.failure { border-left: 3px solid var(--bad); padding: .1rem 0 .1rem 1rem; margin: .6rem 0 1rem; }
.failure h3 { font-size: .95rem; margin: .2rem 0; } .failure h4 { font-size: .8rem; margin: .6rem 0 .2rem; color: var(--soft); }
.failure p { margin: .2rem 0; } dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem .8rem; margin: .4rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--ground); border: 1px solid var(--line); border-radius: 7px; padding: .7rem .9rem; margin: 0; overflow-x: auto; }
[hidden] { display: none !important; }
`;

/** The filter, by text and by family. */
export const PAGE_SCRIPT = `
const filter = document.getElementById('filter');
const rows = [...document.querySelectorAll('tr.operation')];
const buttons = [...document.querySelectorAll('nav button')];
function show() {
  const words = filter.value.toLowerCase().split(' ').filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const visible = words.every((word) => row.dataset.text.includes(word));
    row.hidden = !visible;
    const details = row.nextElementSibling;
    if (details?.className === 'details') details.hidden = !visible;
    if (visible) count++;
  }
  document.getElementById('shown').value = count + ' shown';
  for (const button of buttons) button.setAttribute('aria-pressed', String(words.length === 1 && words[0] === button.dataset.family));
}
filter.addEventListener('input', show);
for (const button of buttons) {
  button.addEventListener('click', () => {
    filter.value = filter.value === button.dataset.family ? '' : button.dataset.family;
    show();
  });
}
`;
