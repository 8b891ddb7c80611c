export type { BridgeEvent, PoolStats, PythonBackendOptions, Sentinels } from './options.ts';
export { MLX_VERSION } from './place.ts';
export { PythonBackend } from './python-backend.ts';
