import { type Implementation, core as mx, TensorLostError, WorkerDiedError } from '../../mlx/index.ts';
import type { Frame } from './decode.ts';
import type { EfficientNetLite } from './network.ts';

/** How many labels a frame gets. */
const TOP = 3;

export interface Guess {
  /** The place of the label among all. */
  readonly label: number;
  readonly probability: number;
}

/** The square in the middle of each frame, `[n, size, size, 3]`, uint8. */
export function squares(frames: readonly Frame[]): mx.Array {
  const pictures = frames.map(({ pixels, width, height }) => {
    const left = Math.floor((width - height) / 2);
    return mx
      .array(pixels, mx.uint8)
      .reshape(height, width, 3)
      .index(`:, ${left}:${left + height}`);
  });
  return mx.stack(pictures);
}

/** A network in a session of its own: with Python, on a worker that it keeps. */
class Lane {
  readonly #session = mx.session();
  readonly #implementation: Implementation;
  readonly #guess: (pictures: mx.Array) => [mx.Array, mx.Array];
  repeated = 0;

  constructor(implementation: Implementation, makeNetwork: () => EfficientNetLite) {
    this.#implementation = implementation;
    const network = this.#session.run(makeNetwork);
    const guess = (pictures: mx.Array): [mx.Array, mx.Array] => {
      const probabilities = mx.softmax(network.forward(pictures).astype(mx.float32), -1);
      const labels = mx.argsort(probabilities.negative(), -1).index(`:, :${TOP}`);
      return [labels.astype(mx.int32), mx.takeAlongAxis(probabilities, labels, -1)];
    };
    this.#guess = mx.compile(guess, { inputs: [network.state] });
  }

  async classify(frames: readonly Frame[]): Promise<Guess[][]> {
    try {
      return await this.#once(frames);
    } catch (error) {
      // A compiled function is not run again by the library, which cannot know what it does besides. Its worker dies during
      // the call, or after it with the result.
      if (!(error instanceof WorkerDiedError || error instanceof TensorLostError)) throw error;
      this.repeated++;
      return this.#once(frames);
    }
  }

  #once(frames: readonly Frame[]): Promise<Guess[][]> {
    return this.#session.run(() =>
      mx.withImplementation(this.#implementation, async () => {
        const [labels, probabilities] = mx.tidy(() => this.#guess(squares(frames)));
        await mx.asyncEval(labels, probabilities);
        const [places, shares] = [labels.tolist() as number[][], probabilities.tolist() as number[][]];
        labels.dispose();
        probabilities.dispose();
        return places.map((row, i) => row.map((label, j) => ({ label, probability: shares[i]?.[j] ?? 0 })));
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#session.end();
  }
}

/** Several networks, one for each worker; a batch goes to the one that has been idle longest, so that all have their turn. */
export class Classifier {
  readonly #lanes: readonly Lane[];
  readonly #idle: Lane[];

  constructor(implementation: Implementation, lanes: number, makeNetwork: () => EfficientNetLite) {
    this.#lanes = Array.from({ length: lanes }, () => new Lane(implementation, makeNetwork));
    this.#idle = [...this.#lanes];
  }

  /** How many batches are worked on at the same time. */
  get lanes(): number {
    return this.#lanes.length;
  }

  /** How many batches were computed again because their worker died. */
  get repeated(): number {
    return this.#lanes.reduce((sum, { repeated }) => sum + repeated, 0);
  }

  /** The likeliest labels of each frame, the likeliest first. At most `lanes` calls at once. */
  async classify(frames: readonly Frame[]): Promise<Guess[][]> {
    const lane = this.#idle.shift() as Lane;
    try {
      return await lane.classify(frames);
    } finally {
      this.#idle.push(lane);
    }
  }

  [Symbol.dispose](): void {
    for (const lane of this.#lanes) lane[Symbol.dispose]();
  }
}
