import type { TensorInfo } from '../../backend/backend.ts';

/** Beyond these nothing more is learned; results are asked for then. */
const MOST_FORMS = 2 ** 14;
const MOST_OUTCOMES = 2 ** 16;

/** A shape with a dtype, of which there is one object each. */
export interface Form {
  readonly number: number;
  readonly info: TensorInfo;
  readonly bytes: number;
}

/** What calls of one operation with arguments of the same forms give; null: no such result has been asked for yet. */
export interface Outcome {
  form: Form | null;
}

/**
 * Shapes and dtypes that workers have reported, by operation and arguments. MLX fixes both while it builds the graph, so they
 * follow from the operation, the shapes and dtypes of its arrays, and its other arguments, and never from values.
 */
export class Forms {
  readonly #forms = new Map<string, Form>();
  #outcomes = 0;

  /** null: there are too many. */
  of({ dtype, shape }: TensorInfo): Form | null {
    const key = `${dtype.code}:${shape.join()}`;
    let form = this.#forms.get(key);
    if (form === undefined) {
      if (this.#forms.size >= MOST_FORMS) return null;
      const bytes = shape.reduce((product, length) => product * length, dtype.size);
      form = { number: this.#forms.size, info: { dtype, shape: [...shape] }, bytes };
      this.#forms.set(key, form);
    }
    return form;
  }

  /** What one operation gives, to be asked by a key for its arguments. */
  outcomes<Key>(): (key: Key) => Outcome | null {
    const outcomes = new Map<Key, Outcome>();
    return (key) => {
      let outcome = outcomes.get(key);
      if (outcome === undefined) {
        if (this.#outcomes >= MOST_OUTCOMES) return null;
        this.#outcomes += 1;
        outcome = { form: null };
        outcomes.set(key, outcome);
      }
      return outcome;
    };
  }

  /** The same for an operation of one to three arrays and nothing else. */
  rule(): (a: Form | null, b: Form | null | undefined, c: Form | null | undefined) => Outcome | null {
    const outcomes = this.outcomes<number>();
    let lastKey = -1;
    let last: Outcome | null = null;
    return (a, b, c) => {
      if (a === null || b === null || c === null) return null;
      // One more than the number, and 0 for no array.
      const key = (a.number * (MOST_FORMS + 1) + (b === undefined ? 0 : b.number + 1)) * (MOST_FORMS + 1);
      const whole = key + (c === undefined ? 0 : c.number + 1);
      if (whole === lastKey) return last;
      lastKey = whole;
      last = outcomes(whole);
      return last;
    };
  }
}
