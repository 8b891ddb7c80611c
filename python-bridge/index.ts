export type { BridgeEvent, PythonBackendOptions } from './options.ts';
export { PythonBackend } from './python-backend.ts';
