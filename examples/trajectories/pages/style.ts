/** Eight colours that are told apart on light and on dark paper. */
const COLOURS = ['#2a6fb8', '#d9822b', '#3a9d5d', '#b5468b', '#7a5cc7', '#b8a100', '#2aa5a5', '#c0504d'];

const colours = COLOURS.map((colour, i) => `.c${i} { fill: ${colour}; background: ${colour}; }`);

export const OWN_STYLE = `
.facts dd { overflow-wrap: anywhere; font-size: 22px; }
${colours.join('\n')}
.c-1 { fill: var(--soft); opacity: .5; }
.map polyline { fill: none; stroke: var(--soft); stroke-width: .6; opacity: .35; }
.clusters { list-style: none; margin: 0; padding: 0; font-size: 14px; }
.clusters li { padding: 6px 0; border-bottom: 1px solid var(--rule); overflow-wrap: anywhere; }
.clusters li:last-child { border: 0; }
.clusters i { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 8px; }
.runs { display: grid; gap: 28px 24px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); }
.run h3 { font-size: 15px; margin: 0; }
.run p { font-size: 14px; overflow-wrap: anywhere; }
.diagrams { display: grid; gap: 16px; grid-template-columns: 1fr 1fr; }
.diagram figcaption { font-size: 13px; font-weight: 600; overflow-wrap: anywhere; }
.diagram figcaption span { color: var(--soft); font-weight: 400; }
.diagonal { stroke: var(--soft); stroke-dasharray: 3 3; }
.h0 { fill: var(--accent); color: var(--accent); fill-opacity: .7; }
.h1 { fill: var(--bad); color: var(--bad); fill-opacity: .8; }
.distances { border-spacing: 2px; border-collapse: separate; font-size: 12px; }
.distances caption { text-align: left; font-weight: 600; font-size: 14px; padding-bottom: 4px; }
.distances th { color: var(--soft); font-weight: 500; }
.distances td { padding: 5px 4px; text-align: center; border-radius: 3px; min-width: 38px;
  background: color-mix(in srgb, var(--accent) calc(var(--share) * 70%), transparent); }
@media (max-width: 640px) { .distances { font-size: 11px; } .distances td { padding: 5px 0; min-width: 31px; } }
.moves { margin: 12px 0 0; }
section > ul.recommended { margin: 12px 0 0; padding-left: 20px; }
`;
