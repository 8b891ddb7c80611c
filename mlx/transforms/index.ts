export { type CompileOptions, compile, disableCompile, enableCompile } from './compile.ts';
export { type CustomFunction, checkpoint, customFunction } from './custom.ts';
export {
  exporter,
  exportFunction,
  exportToDot,
  type FunctionExporter,
  type ImportedFunction,
  importFunction,
} from './export.ts';
export { type GradOptions, grad, valueAndGrad } from './grad.ts';
export { jvp, vjp } from './products.ts';
export { type AxisTree, vmap } from './vmap.ts';
