const WIDTH = 28;
/** Lines at most where the output is no terminal. */
const LINES = 5;

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar redrawn in place on a terminal; elsewhere a few lines. */
export class Progress {
  readonly #total: number;
  readonly #output: Output;
  #lines = 0;

  constructor(total: number, output: Output = process.stdout) {
    this.#total = total;
    this.#output = output;
  }

  /** `done` parts of the whole are behind us; the note says how it goes. */
  show(done: number, note = ''): void {
    const full = Math.round((WIDTH * done) / this.#total);
    const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`;
    const count = `${String(done).padStart(String(this.#total).length)}/${this.#total}`;
    const line = `  ${bar} ${count}   ${note}`.trimEnd();
    if (this.#output.isTTY === true) this.#output.write(`\r${line}${done === this.#total ? '\n' : ''}`);
    else {
      // More than one part may be done at once.
      const lines = Math.floor(done / Math.ceil(this.#total / LINES));
      if (lines > this.#lines || done === this.#total) this.#output.write(`${line}\n`);
      this.#lines = lines;
    }
  }
}
