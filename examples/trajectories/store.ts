import { core as mx } from '../../mlx/index.ts';
import type { EmbedderName, Plan } from './plan.ts';
import { type Connection, closeDatabase, openDatabase, withFileErrors } from './schema.ts';

export interface Run {
  readonly id: number;
  /** What it begins with. */
  readonly text: string;
  readonly seed: number;
}

export interface Experiment {
  readonly id: number;
  readonly plan: Plan;
  readonly runs: readonly Run[];
}

export interface Diagram {
  /** Birth and death, `[pairs, 2]`. */
  readonly pairs: mx.Array;
  readonly entropy: number;
}

type Value = string | number | Buffer;

/** Everything that an experiment found, in one file. What a method adds is there whole or not at all, and stays. */
export class Store {
  readonly #file: string;
  readonly #database: Connection;

  /** @throws FileError for a file that cannot be used; see `openDatabase`. */
  constructor(file: string) {
    this.#file = file;
    this.#database = openDatabase(file);
  }

  /** Writes the plan with its runs. */
  begin(plan: Plan): Experiment {
    this.#write(() => {
      this.#add('experiments', [null, JSON.stringify(plan)]);
      const { id } = this.#rows<{ id: number }>('SELECT max(id) AS id FROM experiments')[0] as { id: number };
      for (const text of plan.texts) {
        for (let seed = 0; seed < plan.seeds; seed++) this.#add('runs', [null, id, text, seed]);
      }
    });
    return this.latest() as Experiment;
  }

  /** The experiment that was begun last. */
  latest(): Experiment | undefined {
    const sql = 'SELECT id, plan FROM experiments ORDER BY id DESC LIMIT 1';
    const [found] = this.#rows<{ id: number; plan: string }>(sql);
    if (found === undefined) return undefined;
    const runs = this.#rows<Run>('SELECT id, text, seed FROM runs WHERE experiment = ? ORDER BY id', found.id);
    return { id: found.id, plan: JSON.parse(found.plan) as Plan, runs };
  }

  /** What was written in a run, in the order of its steps. */
  texts(run: Run): string[] {
    const sql = 'SELECT text FROM invocations WHERE run = ? ORDER BY step';
    return this.#rows<{ text: string }>(sql, run.id).map(({ text }) => text);
  }

  addInvocation(run: Run, step: number, role: string, text: string): void {
    this.#write(() => this.#add('invocations', [run.id, step, role, text]));
  }

  /** `[steps, dims]`; undefined if there are none yet. */
  vectors(run: Run, model: EmbedderName): mx.Array | undefined {
    const sql = 'SELECT vector FROM embeddings WHERE run = ? AND model = ? ORDER BY step';
    const rows = this.#rows<{ vector: ArrayBuffer }>(sql, run.id, model).map(({ vector }) => vector);
    return rows.length === 0 ? undefined : mx.stack(rows.map(arrayOf));
  }

  addVectors(run: Run, model: EmbedderName, vectors: mx.Array): void {
    const [steps, dims] = vectors.shape as [number, number];
    const bytes = bytesOf(vectors);
    this.#write(() => {
      for (let step = 0; step < steps; step++) {
        this.#add('embeddings', [run.id, step, model, bytes.subarray(step * dims * 4, (step + 1) * dims * 4)]);
      }
    });
  }

  /** One for each dimension; none if they are not there yet. */
  diagrams(run: Run, model: EmbedderName): Diagram[] {
    const sql = 'SELECT pairs, entropy FROM diagrams WHERE run = ? AND model = ? ORDER BY dimension';
    const rows = this.#rows<{ pairs: ArrayBuffer; entropy: number }>(sql, run.id, model);
    return rows.map(({ pairs, entropy }) => ({ pairs: arrayOf(pairs).reshape(pairs.byteLength / 8, 2), entropy }));
  }

  addDiagrams(run: Run, model: EmbedderName, diagrams: readonly Diagram[]): void {
    const rows = diagrams.map(({ pairs, entropy }, dimension) => [run.id, model, dimension, bytesOf(pairs), entropy]);
    this.#write(() => {
      for (const row of rows) this.#add('diagrams', row);
    });
  }

  /** Of each run to each, in their order; undefined if they are not there yet. */
  distances({ id, runs }: Experiment, model: EmbedderName, dimension: number): number[][] | undefined {
    const sql = `SELECT distance FROM distances JOIN runs ON runs.id = run
      WHERE experiment = ? AND model = ? AND dimension = ? ORDER BY run, other`;
    const all = this.#rows<{ distance: number }>(sql, id, model, dimension).map(({ distance }) => distance);
    return all.length === 0 ? undefined : runs.map((_, i) => all.slice(i * runs.length, (i + 1) * runs.length));
  }

  addDistances({ runs }: Experiment, model: EmbedderName, dimension: number, distances: mx.Array): void {
    const rows = distances.tolist() as number[][];
    this.#write(() => {
      for (const [i, row] of rows.entries()) {
        for (const [j, distance] of row.entries()) {
          this.#add('distances', [(runs[i] as Run).id, (runs[j] as Run).id, model, dimension, distance]);
        }
      }
    });
  }

  /** The cluster of each text of each run, in their order; none if they are not there yet. */
  clusters({ id }: Experiment, model: EmbedderName): number[] {
    const sql = `SELECT label FROM clusters JOIN runs ON runs.id = run
      WHERE experiment = ? AND model = ? ORDER BY run, step`;
    return this.#rows<{ label: number }>(sql, id, model).map(({ label }) => label);
  }

  addClusters({ plan, runs }: Experiment, model: EmbedderName, labels: readonly number[]): void {
    this.#write(() => {
      for (const [i, label] of labels.entries()) {
        const run = runs[Math.floor(i / plan.steps)] as Run;
        this.#add('clusters', [run.id, i % plan.steps, model, label]);
      }
    });
  }

  close(): void {
    closeDatabase(this.#database);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #write(work: () => void): void {
    withFileErrors(this.#file, () => this.#database.transaction(work).immediate());
  }

  #add(table: string, values: readonly (Value | null)[]): void {
    this.#database.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(values);
  }

  #rows<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return withFileErrors(this.#file, () => this.#database.prepare(sql).all(values) as Row[]);
  }
}

/** All rows of all tables, for comparisons. */
export function allRows(file: string): Record<string, unknown[]> {
  const database = openDatabase(file);
  try {
    const tables = ['experiments', 'runs', 'invocations', 'embeddings', 'diagrams', 'distances', 'clusters'];
    return Object.fromEntries(tables.map((table) => [table, database.prepare(`SELECT * FROM ${table}`).all()]));
  } finally {
    closeDatabase(database);
  }
}

/** Of an array of float32. */
function bytesOf(array: mx.Array): Buffer {
  const { buffer, byteOffset, byteLength } = array.toTypedArray() as Float32Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}

const arrayOf = (bytes: ArrayBuffer): mx.Array => mx.array(new Float32Array(bytes));
