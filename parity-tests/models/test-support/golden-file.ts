import type { ModelRow } from '../rows.ts';

/** What `scripts/write-model-goldens.ts` wrote for an architecture. */
export function goldenFile({ name }: ModelRow): URL {
  return new URL(`../golden/${name}.json`, import.meta.url);
}
