import type { BatchGroup } from './batch-group.ts';
import type { Row } from './batch-row.ts';

/** The sequences under way, and those that are paused. */
export class BatchGroups {
  /** The numbers of sequences that are to be paused. */
  readonly pausing = new Set<number>();
  #running: BatchGroup[] = [];
  /** Each of one sequence. */
  #paused: BatchGroup[] = [];

  get running(): readonly BatchGroup[] {
    return this.#running;
  }

  get rows(): readonly Row[] {
    return [...this.#running, ...this.#paused].flatMap(({ rows }) => rows);
  }

  /** How many sequences are not to be paused. */
  get active(): number {
    return this.rows.filter(({ uid }) => !this.pausing.has(uid)).length;
  }

  /** Adds a group: to the sequences that it can be computed with, if there are any. */
  add(group: BatchGroup): void {
    const shared = group.isShared && this.#running.find(({ isShared, rows }) => isShared && rows.length > 0);
    if (shared) shared.absorb(group);
    else this.#running.push(group);
  }

  /** Between steps: takes out those that are to be paused, and takes in again those that are no more. */
  arrange(): void {
    if (this.pausing.size === 0 && this.#paused.length === 0) return;
    const isPausing = ({ uid }: Row) => this.pausing.has(uid);
    const resumed = this.#paused.filter(({ rows }) => !rows.some(isPausing));
    this.#paused = this.#paused.filter((group) => !resumed.includes(group));
    for (const group of this.#running) {
      for (let index = group.rows.findIndex(isPausing); index >= 0; index = group.rows.findIndex(isPausing)) {
        this.#paused.push(group.split(index));
      }
    }
    this.#dropEmpty();
    for (const group of resumed) this.add(group);
  }

  /** Leaves the sequences that are to be kept. */
  filter(isKept: (group: BatchGroup, index: number) => boolean): void {
    for (const group of [...this.#running, ...this.#paused]) {
      group.filter(
        group.rows.flatMap((row, index) => {
          if (isKept(group, index)) return [index];
          this.pausing.delete(row.uid);
          return [];
        }),
      );
    }
    this.#dropEmpty();
  }

  #dropEmpty(): void {
    const hasRows = ({ rows }: BatchGroup) => rows.length > 0;
    this.#running = this.#running.filter(hasRows);
    this.#paused = this.#paused.filter(hasRows);
  }
}
