export { MLX_VERSION } from '../registry/pins.ts';
export type { BridgeEvent, PoolStats, PythonBackendOptions, Sentinels } from './options.ts';
export { PythonBackend } from './python-backend.ts';
