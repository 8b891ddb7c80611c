import { core as mx } from '../../mlx/index.ts';
import { openEmbedders, type TextEmbedder } from './embedders.ts';
import { clustersOf, diagramsOf, entropyOf, slicedWasserstein, stackOf } from './operations.ts';
import type { EmbedderName } from './plan.ts';
import type { Experiment, Run, Store } from './store.ts';
import { openWriter, ROLES, type Role, type Writer } from './writers.ts';

export const DIMENSIONS = [0, 1];

/** Parts of an experiment: texts that are written, and what is computed of them. */
export interface Work {
  /** Done before this process, of `total`. */
  readonly before: number;
  /** Done by this process. */
  readonly here: number;
  readonly total: number;
}

/** Told after each part. */
type OnPart = (work: Work, note: string) => void;

/**
 * Does what is not in the store yet: each part looks there first, and adds its result before the next one begins. So a
 * process that was killed is followed by one that does the rest.
 */
export class Pipeline {
  readonly #store: Store;
  readonly #experiment: Experiment;
  readonly #onPart: OnPart;
  #before = 0;
  #here = 0;

  constructor(store: Store, experiment: Experiment, onPart: OnPart) {
    this.#store = store;
    this.#experiment = experiment;
    this.#onPart = onPart;
  }

  get work(): Work {
    const { runs, plan } = this.#experiment;
    const { length } = plan.embedders;
    const total = runs.length * (plan.steps + 2 * length) + length * (DIMENSIONS.length + 1);
    return { before: this.#before, here: this.#here, total };
  }

  async run(): Promise<Work> {
    const { plan, runs } = this.#experiment;
    using writer = await openWriter(plan);
    const embedders = await openEmbedders(plan);
    // Workers compute diagrams of one run while the next one is written here.
    const homology: Promise<void>[] = [];
    for (const run of runs) {
      const texts = await this.#write(run, writer);
      for (const embedder of embedders) {
        const diagrams = this.#diagrams(run, embedder.name, await this.#embed(run, texts, embedder));
        // One that fails is told at the end, not as a rejection that nobody awaits.
        diagrams.catch(() => undefined);
        homology.push(diagrams);
      }
    }
    await Promise.all(homology);
    for (const embedder of embedders) {
      for (const dimension of DIMENSIONS) this.#distances(embedder.name, dimension);
      await this.#clusters(embedder.name);
      embedder[Symbol.dispose]();
    }
    return this.work;
  }

  /** The loop: native, a text at a time. */
  async #write(run: Run, writer: Writer): Promise<string[]> {
    const texts = this.#store.texts(run);
    this.#found(texts.length, `run ${run.id}`);
    for (let step = texts.length; step < this.#experiment.plan.steps; step++) {
      const role = ROLES[step % ROLES.length] as Role;
      const text = await writer.next(role, texts.at(-1) ?? run.text, 1000 * run.seed + step);
      this.#store.addInvocation(run, step, role, text);
      texts.push(text);
      this.#did(`run ${run.id}: ${role}`);
    }
    return texts;
  }

  /** Native; all texts of a run together, so that their vectors do not depend on where a process ended. */
  async #embed(run: Run, texts: readonly string[], embedder: TextEmbedder): Promise<mx.Array> {
    const stored = this.#store.vectors(run, embedder.name);
    if (stored !== undefined) {
      this.#found(1, `run ${run.id}`);
      return stored;
    }
    const vectors = await embedder.embed(texts);
    this.#store.addVectors(run, embedder.name, vectors);
    this.#did(`run ${run.id}: ${embedder.name}`);
    return vectors;
  }

  /** Python, in whichever worker has the least to do. */
  async #diagrams(run: Run, model: EmbedderName, vectors: mx.Array): Promise<void> {
    if (this.#store.diagrams(run, model).length > 0) return this.#found(1, `run ${run.id}`);
    const diagrams = await diagramsOf.async(vectors, this.#experiment.plan.homology);
    const rows = diagrams.map((pairs) => ({ pairs, entropy: entropyOf(pairs) }));
    this.#store.addDiagrams(run, model, rows);
    this.#did(`run ${run.id}: homology`);
  }

  /** Where the router sends it: natively, as it is ported. */
  #distances(model: EmbedderName, dimension: number): void {
    if (this.#store.distances(this.#experiment, model, dimension) !== undefined) {
      this.#found(1, 'distances');
      return;
    }
    const stack = stackOf(this.#experiment.runs.map((run) => this.#pairs(run, model, dimension)));
    const distances = slicedWasserstein(mx.expandDims(stack, 1), mx.expandDims(stack, 0));
    this.#store.addDistances(this.#experiment, model, dimension, distances);
    this.#did('distances');
  }

  #pairs(run: Run, model: EmbedderName, dimension: number): mx.Array {
    return (this.#store.diagrams(run, model)[dimension] as { pairs: mx.Array }).pairs;
  }

  /** Python. */
  async #clusters(model: EmbedderName): Promise<void> {
    if (this.#store.clusters(this.#experiment, model).length > 0) return this.#found(1, 'clusters');
    const vectors = this.#experiment.runs.map((run) => this.#store.vectors(run, model) as mx.Array);
    const labels = await clustersOf.async(mx.concatenate(vectors, 0), this.#experiment.plan.clusters);
    this.#store.addClusters(this.#experiment, model, labels);
    this.#did('clusters');
  }

  #found(parts: number, note: string): void {
    this.#before += parts;
    if (parts > 0) this.#onPart(this.work, note);
  }

  #did(note: string): void {
    this.#here++;
    this.#onPart(this.work, note);
  }
}
