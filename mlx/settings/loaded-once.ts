const LOADED = Symbol.for('mlx-router.loaded');

/** Warns of a second copy in one thread: arrays, operations and settings of one copy are unknown to the other. */
export function warnIfLoadedBefore(url: string): void {
  const shared = globalThis as { [LOADED]?: string };
  const before = shared[LOADED];
  shared[LOADED] = before ?? url;
  if (before === undefined) return;
  process.emitWarning(
    `mlx-router is loaded twice, from ${before} and ${url}: arrays and operations of one copy are unknown to the other. ` +
      'Install one version, and import it from ES modules only ("type": "module", or .mjs and .mts files)',
    'MlxRouterWarning',
  );
}
