// TensorFlow.js in WebAssembly.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { serveTensorFlow } from '../tfjs.mjs';

// By names that no tool takes for dependencies: they are installed here on demand.
const names = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm'];
const [tf, wasm] = await Promise.all(names.map((name) => import(name)));
wasm.setWasmPaths(`${dirname(createRequire(import.meta.url).resolve(names[1]))}/`);
if (!(await tf.setBackend('wasm'))) throw new Error('its WebAssembly cannot be loaded');
serveTensorFlow(tf);
