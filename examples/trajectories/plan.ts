import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../mlx/index.ts';
import { ENCODER_MODEL, SITE, WRITER_MODEL } from './folders.ts';

/** What an experiment is, from which everything follows. */
export interface Plan {
  readonly folder: string;
  /** What runs begin with: one run for each text and each seed. Of so many as were asked for, if there are. */
  readonly texts: readonly string[];
  readonly asked: number;
  readonly seeds: number;
  /** How many texts the model writes in a run. */
  readonly steps: number;
  readonly writer: 'SmolLM2-135M' | 'dummy';
  readonly embedders: readonly EmbedderName[];
  readonly homology: 'giotto-ph' | 'plain';
  readonly clusters: 'HDBSCAN' | 'plain';
}

export type EmbedderName = 'all-MiniLM-L6-v2' | 'words' | 'trigrams';

const hasPackage = (name: string): boolean => existsSync(join(SITE, name));
const hasModels = (): boolean => existsSync(WRITER_MODEL) && existsSync(ENCODER_MODEL);

/** The models and packages of an experiment: real ones where they are installed and dummies are not asked for. */
export function toolsOf(dummy: boolean): Pick<Plan, 'writer' | 'embedders' | 'homology' | 'clusters'> {
  const isReal = !dummy && hasModels();
  return {
    writer: isReal ? 'SmolLM2-135M' : 'dummy',
    embedders: isReal ? ['all-MiniLM-L6-v2', 'words'] : ['words', 'trigrams'],
    homology: hasPackage('gph') ? 'giotto-ph' : 'plain',
    clusters: hasPackage('sklearn') ? 'HDBSCAN' : 'plain',
  };
}

/** As a sentence has it. */
export const nameOf = (tool: Plan['homology'] | Plan['clusters']): string => (tool === 'plain' ? 'plain Python' : tool);

/** @throws FileError if something that an experiment was begun with is not installed. */
export function checkInstalled({ writer, homology, clusters }: Plan): void {
  const missing = [
    ...(writer === 'dummy' || hasModels() ? [] : [`${writer} or its encoder`]),
    ...(homology === 'plain' || hasPackage('gph') ? [] : [homology]),
    ...(clusters === 'plain' || hasPackage('sklearn') ? [] : [clusters]),
  ];
  if (missing.length === 0) return;
  const how = 'node --import tsx scripts/install-extra.ts trajectories models';
  throw new FileError(`the experiment was begun with ${missing.join(', ')}, not installed here: ${how}`);
}
