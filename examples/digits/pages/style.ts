import { STYLE as SHARED } from '../../shared/style.ts';

/** The page's style sheet. */
export const STYLE = `${SHARED}
.tiles { display: grid; grid-template-columns: repeat(12, 1fr); gap: 12px; }
.tile .ink { width: 100%; max-width: 64px; height: auto; aspect-ratio: 1; }
.tile { text-align: center; border: 1px solid var(--rule); border-radius: 8px; padding: 8px 2px 2px; }
.tile.wrong { border: 2px solid var(--bad); padding: 7px 1px 1px; }
.tile b { font-size: 18px; }
.tile s { text-decoration: none; color: var(--bad); font-size: 13px; }
img { image-rendering: pixelated; }
.filters { display: grid; grid-template-columns: 96px 1fr; gap: 32px; align-items: center; }
.pairs { display: grid; grid-template-columns: repeat(8, 1fr); gap: 20px; max-width: 760px; }
.filters img { display: block; width: 100%; height: auto; aspect-ratio: 1; border: 1px solid var(--rule); }
.filters .kernel { width: 60%; margin: 0 auto 8px; }
.steps { display: grid; grid-template-columns: auto repeat(8, minmax(0, 1fr)); gap: 8px; align-items: center; margin-bottom: 20px; }
.steps span { color: var(--soft); font-size: 14px; padding-right: 8px; }
.steps .ink { width: 100%; max-width: 44px; height: auto; aspect-ratio: 1; }
caption { text-align: left; color: var(--soft); padding-bottom: 8px; }
.confusion th, .confusion td { width: 34px; height: 30px; text-align: center; padding: 0; }
.confusion th { color: var(--soft); font-weight: 500; }
.confusion .right { background: color-mix(in srgb, var(--accent) var(--share), transparent); }
.confusion .mistake { background: color-mix(in srgb, var(--bad) 45%, transparent); font-weight: 600; }
.confusion .none { color: var(--rule); }
@media (max-width: 860px) { .tiles { grid-template-columns: repeat(8, 1fr); } }
@media (max-width: 640px) {
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .filters { grid-template-columns: 1fr; }
  .filters > figure { width: 96px; }
  .pairs { grid-template-columns: repeat(4, 1fr); }
  .confusion th, .confusion td { width: 29px; }
}
`;
