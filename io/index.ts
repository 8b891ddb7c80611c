/** Files of arrays: what `mx.save…` and `mx.load` are made of. */
export type { FileFormat } from './formats.ts';
export type { GgufMetadata } from './gguf-writer.ts';
export { type FileData, type FileStream, type LoadOptions, load, loadAsync } from './load.ts';
export {
  save,
  saveAsync,
  saveGguf,
  saveGgufAsync,
  saveSafetensors,
  saveSafetensorsAsync,
  savez,
  savezAsync,
  savezCompressed,
  savezCompressedAsync,
} from './save.ts';
export { type AsyncSaveTarget, MemoryFile, type SaveTarget } from './targets.ts';
