// The floor of a row: the same calls of MLX from C++, which no binding can be faster than by itself.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { setUpFiles } from '../foundation/system/installation.ts';
import { packageRoot } from '../foundation/system/package-root.ts';
import type { Reply } from './child.ts';
import { Comparison } from './comparison.ts';
import { type Side, startLines } from './processes.ts';
import type { Row } from './rows.ts';
import type { Summary } from './statistics.ts';

const SOURCE = join(packageRoot(), 'bench', 'floor');
const BUILD = join(packageRoot(), 'build', 'floor');

export interface FloorFigures {
  readonly figures: Summary;
  /** Our time over it, and Python's, the medians over the rounds: 1 is the floor. Below 1 a kernel of our own is faster. */
  readonly ours: number;
  readonly python: number | null;
  /** The same of processor time, which a busy machine changes less. */
  readonly cpuOurs: number | null;
  readonly cpuPython: number | null;
}

/** The figures of a row in C++, round by round. */
export class Floor {
  readonly #own: Comparison;
  readonly #python: Comparison;
  /** The floor against ours, for its answers and its own figures. */
  readonly #least: Comparison;

  constructor(row: Row) {
    this.#own = new Comparison(row, 'C++');
    this.#python = new Comparison(row, 'C++');
    this.#least = new Comparison(row, 'C++');
  }

  /** Whether it may have the row: the others are of memory, of the bridge, or of kernels alone. */
  static has({ suite }: Row): boolean {
    return suite === 'micro' || suite === 'programs';
  }

  add(own: Reply, python: Reply | undefined, least: Reply | undefined): void {
    if (least === undefined || least.missing !== undefined) return;
    this.#least.add(own, least);
    this.#own.add(least, own);
    if (python !== undefined && python.missing === undefined) this.#python.add(least, python);
  }

  get difference(): string | undefined {
    return this.#least.difference;
  }

  get figures(): FloorFigures | null {
    const [figures, ours] = [this.#least.summary, this.#own.ratio];
    if (figures === null || ours === null) return null;
    const cpu = { cpuOurs: this.#own.cpuRatio, cpuPython: this.#python.cpuRatio };
    return { figures, ours, python: this.#python.ratio, ...cpu };
  }
}

/** Builds the program; a second time takes a moment. @throws Error where it cannot be built, with what to do */
export async function buildFloor(): Promise<() => Promise<Side>> {
  const files = setUpFiles();
  if (!existsSync(SOURCE) || files === null) throw new Error('the floor is built in a checkout, after "npm run setup"');
  const wheel = dirname(String(files.guards?.mlx ?? ''));
  const defines = { CMAKE_BUILD_TYPE: 'Release', MLX_WHEEL: wheel, MLX_ROUTER_BLAS: files.blasShim ?? '' };
  const options = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`);
  await execa('cmake', ['-S', SOURCE, '-B', BUILD, ...options], { stdout: 2, stderr: 2 });
  await execa('cmake', ['--build', BUILD, '--parallel', '2'], { stdout: 2, stderr: 2 });
  return () => startLines('C++', [join(BUILD, 'floor')], process.env, ({ row, count }) => `${row} ${count}`);
}
