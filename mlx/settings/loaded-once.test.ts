import { afterEach, expect, it, vi } from 'vitest';
import { warnIfLoadedBefore } from './loaded-once.ts';

afterEach(() => {
  vi.restoreAllMocks();
  delete (globalThis as { [key: symbol]: unknown })[Symbol.for('mlx-router.loaded')];
});

it('warns of a second copy, naming both', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  warnIfLoadedBefore('file:///one/index.js');
  expect(warn).not.toHaveBeenCalled();
  warnIfLoadedBefore('file:///two/index.js');
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/loaded twice, from file:\/\/\/one\/index\.js and file:\/\/\/two\/index\.js/),
    'MlxRouterWarning',
  );
});
