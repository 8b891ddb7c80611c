import { setImmediate as turn } from 'node:timers/promises';
import { core as mx } from '../../mlx/index.ts';
import { Draws } from './draws.ts';

const SECONDS_A_ROUND = 20;
const SIZE = 64;

/** An array and the value that each of its elements has. */
interface Known {
  readonly array: mx.Array;
  readonly value: number;
}

/** Draws what happens next to one of the arrays at hand; throws where a value is wrong. */
class Interleaving {
  readonly #draws: Draws;
  #known: Known[] = [];
  #checks = 0;

  constructor(seed: number) {
    this.#draws = new Draws(seed);
  }

  get checks(): number {
    return this.#checks;
  }

  async step(): Promise<void> {
    if (this.#known.length < 4)
      this.#known.push({ array: mx.full([SIZE], this.#known.length), value: this.#known.length });
    const at = this.#draws.whole(0, this.#known.length - 1);
    const { array, value } = this.#known[at] as Known;
    switch (this.#draws.whole(0, 11)) {
      case 0:
      case 1:
        void mx.asyncEval(array);
        break;
      case 2:
      case 3:
        this.#known.push({ array: mx.add(array, 1), value: value + 1 });
        break;
      case 4:
        this.#expect(array.index(SIZE - 1).item() as number, value);
        break;
      case 5:
        mx.eval(...this.#known.map((known) => known.array));
        break;
      case 6:
        void array.data().then((data) => this.#expect(data[0] as number, value));
        break;
      case 7:
        array.dispose();
        this.#known.splice(at, 1);
        break;
      case 8:
        this.#fail();
        break;
      case 9:
        this.#expect(
          mx
            .grad((x: mx.Array) => mx.sum(mx.multiply(x, array)))(array)
            .index(0)
            .item() as number,
          value,
        );
        break;
      case 10:
        this.#expect(
          (mx
            .vmap((x: mx.Array) => mx.add(x, array))(mx.stack([array]))
            .index(0, 0)
            .item() as number) / 2,
          value,
        );
        break;
      default:
        if (this.#known.length > 12) this.#known = this.#known.slice(6);
        await turn();
    }
  }

  /** Starts what fails on MLX's own thread: nothing else may report it. */
  #fail(): void {
    const bad = mx.linalg.inv(mx.zeros([2, 2]));
    const done = mx.asyncEval(bad);
    void done.then(
      () => {
        throw new Error('a singular matrix was inverted');
      },
      () => undefined,
    );
  }

  #expect(received: number, expected: number): void {
    this.#checks++;
    if (received !== expected) throw new Error(`expected ${expected}, received ${received}`);
  }
}

/** Runs one interleaving; how many values it compared. */
export async function round(seed: number): Promise<number> {
  const interleaving = new Interleaving(seed);
  const end = performance.now() + SECONDS_A_ROUND * 1000;
  while (performance.now() < end) await interleaving.step();
  return interleaving.checks;
}
