// Libraries of arrays for Node beside this one, where they have the same work to do.
import type { Peer } from '../measure.ts';
import { startNode } from '../processes.ts';
import { ROWS, type Row } from '../rows.ts';
import { absenceOf, install, reasonOf, scriptOf } from './install.ts';

/** By name their folder, and whether npm must run their scripts, which fetch a library. */
const LIBRARIES = {
  '@frost-beta/mlx': { folder: 'frost-beta', scripts: true },
  'jax-js': { folder: 'jax-js', scripts: false },
  'tfjs wasm': { folder: 'tfjs-wasm', scripts: false },
  'tfjs-node': { folder: 'tfjs-node', scripts: true },
  onnxruntime: { folder: 'onnxruntime', scripts: false },
} as const;

/** A peer says itself which of these it has. */
const OF_ARRAYS: ReadonlySet<string> = new Set([
  'chain',
  ...ROWS.filter(({ suite }) => suite === 'matmul' || suite === 'bandwidth').map(({ name }) => name),
]);

export const isForArrayPeers = ({ name }: Row): boolean => OF_ARRAYS.has(name);

/** All of them, with what keeps those from being measured that are not there. */
export async function arrayPeers(): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const [name, { folder, scripts }] of Object.entries(LIBRARIES)) {
    let problem = absenceOf(folder);
    if (problem?.startsWith('not installed')) {
      problem = await install(folder, scripts ? [] : ['--ignore-scripts']).then(() => undefined, reasonOf);
    }
    const workOf = (row: Row): string | undefined => (isForArrayPeers(row) ? row.name : undefined);
    peers.push({ name, problem, workOf, start: () => startNode(scriptOf(folder), name, {}) });
  }
  return peers;
}
