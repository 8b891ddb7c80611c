import type { TokenStep } from './engine.ts';

/** Tokens between a batch and the reader of an answer. */
export class StepReader {
  readonly #steps: TokenStep[] = [];
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** How many tokens were given and not taken. */
  get size(): number {
    return this.#steps.length;
  }

  push(step: TokenStep): void {
    this.#steps.push(step);
    this.#wake?.();
  }

  /** There are no more tokens. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** The next token that is asked for is this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  /** The next token, when it is there; undefined after the last one. */
  async next(): Promise<TokenStep | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#steps.length > 0) return this.#steps.shift();
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
