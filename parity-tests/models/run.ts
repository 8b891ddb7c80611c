import { checkRow, type RowReport } from './check.ts';
import { type PythonPlace, Reference } from './python.ts';
import type { ModelRow } from './rows.ts';

export interface ModelParityOptions {
  /** Seeds of each row, each with weights and tokens of its own. */
  readonly runs: number;
  readonly seed: number;
  readonly place: PythonPlace;
  readonly onReport?: (report: RowReport) => void;
}

interface Summary {
  readonly rows: number;
  readonly passed: number;
  readonly mismatches: number;
  readonly checkpoints: number;
  /** Arrays of scores that were compared bit for bit. */
  readonly logits: number;
  /** Generated sequences that were compared token for token. */
  readonly sequences: number;
  readonly milliseconds: number;
}

/** The whole result of a run: what `--json` prints. */
export interface ModelParity {
  readonly seed: number;
  readonly runs: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly models: readonly RowReport[];
  readonly summary: Summary;
}

/**
 * Compares architectures in TypeScript with `mlx_lm`, one after the other.
 * @throws NoReferenceError if Python has no mlx_lm
 */
export async function checkModels(
  rows: readonly ModelRow[],
  { runs, seed, place, onReport }: ModelParityOptions,
): Promise<ModelParity> {
  const start = performance.now();
  const reference = await Reference.start(place);
  const models: RowReport[] = [];
  try {
    for (const row of rows) {
      const report = await checkRow(row, reference, { runs, seed });
      models.push(report);
      onReport?.(report);
    }
  } finally {
    reference.close();
  }
  const sum = (count: (report: RowReport) => number) => models.reduce((total, report) => total + count(report), 0);
  const mismatches = sum(({ failure }) => (failure === null ? 0 : 1));
  const summary: Summary = {
    rows: models.length,
    passed: models.length - mismatches,
    mismatches,
    checkpoints: sum(({ checkpoints }) => checkpoints),
    logits: sum(({ logits }) => logits),
    sequences: sum(({ sequences }) => sequences),
    milliseconds: Math.round(performance.now() - start),
  };
  return { seed, runs, versions: reference.versions, models, summary };
}

/** `11 architectures, 49 checkpoints, …`, for people. */
export function inWords({ summary }: ModelParity): string {
  const { rows, checkpoints, logits, sequences, mismatches, milliseconds } = summary;
  const found = `${mismatches} mismatch${mismatches === 1 ? '' : 'es'}`;
  const compared = `${logits.toLocaleString('en')} arrays of scores, ${sequences.toLocaleString('en')} sequences`;
  return `${rows} architectures, ${checkpoints} checkpoints, ${compared}, ${found}, ${(milliseconds / 1000).toFixed(1)} s`;
}
