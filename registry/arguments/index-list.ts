/** Nested lists of numbers in an index, until they have been held against their axis. */
export class IndexList {
  readonly flat: readonly number[];
  readonly shape: readonly number[];

  constructor(flat: readonly number[], shape: readonly number[]) {
    this.flat = flat;
    this.shape = shape;
  }
}
