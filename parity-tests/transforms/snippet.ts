import type { Call, TensorRecipe } from '../call.ts';
import { type Origin, pythonCall, typescriptCall } from '../snippet.ts';
import type { Kind } from './kinds.ts';
import { placesFor } from './places.ts';

const TYPESCRIPT_BODIES: Readonly<Record<Kind, readonly string[]>> = {
  vjp: ['console.log(String(gradients(...primals)));'],
  'second-vjp': ['console.log(String(mx.vjp(gradients, primals, primals.map(weights))[1]));'],
  jvp: ['console.log(String(mx.jvp(run, primals, primals.map(weights))[1]));'],
  vmap: [
    'const isWhole = (x) => !mx.issubdtype(x.dtype, mx.inexact);',
    'const halved = (x) => (isWhole(x) ? x : x.multiply(mx.array(0.5, x.dtype)));',
    'console.log(String(mx.vmap(run)(...primals.map((x) => mx.stack([x, halved(x)])))));',
    'console.log(String(run(...primals)), String(run(...primals.map(halved))));',
  ],
  compile: ['console.log(String(mx.compile(run)(...primals)));', 'console.log(String(run(...primals)));'],
};

const PYTHON_BODIES: Readonly<Record<Kind, readonly string[]>> = {
  vjp: ['print(gradients(*primals))'],
  'second-vjp': ['print(mx.vjp(gradients, primals, [weights(x) for x in primals])[1])'],
  jvp: ['print(mx.jvp(run, primals, [weights(x) for x in primals])[1])'],
  vmap: [
    'halved = lambda x: x * mx.array(0.5, x.dtype) if mx.issubdtype(x.dtype, mx.inexact) else x',
    'print(mx.vmap(run)(*[mx.stack([x, halved(x)]) for x in primals]))',
  ],
  compile: ['print(mx.compile(run)(*primals))'],
};

/** A program that takes the transform natively and prints what it gives. */
export function typescriptTransform(kind: Kind, call: Call, from: Origin): string {
  const { comment, imports, tensors, expression, names } = typescriptCall(call, from);
  const inputs = placesFor(kind, call).map((place) => names.get(place) as string);
  return [
    `${comment}, ${kind}`,
    ...imports,
    '',
    ...tensors,
    'const outputs = (result) => (result instanceof mx.array ? [result] : Object.values(result).flatMap(outputs));',
    'const weights = (x) => mx.cos(mx.arange(x.size, { dtype: mx.float32 })).reshape(x.shape).astype(x.dtype);',
    `const run = (${inputs.join(', ')}) => outputs(${expression});`,
    'const gradients = (...inputs) => mx.vjp(run, inputs, run(...inputs).map(weights))[1];',
    `const primals = [${inputs.join(', ')}];`,
    ...TYPESCRIPT_BODIES[kind],
  ].join('\n');
}

/** The same in plain Python. */
export function pythonTransform(kind: Kind, call: Call, from: Origin): string {
  const { comment, imports, tensors, expression, names } = pythonCall(call, from);
  const inputs = placesFor(kind, call).map((place: TensorRecipe) => names.get(place) as string);
  return [
    `${comment}, ${kind}`,
    ...imports,
    '',
    ...tensors,
    'outputs = lambda x: [x] if isinstance(x, mx.array) else [y for item in x for y in outputs(item)]',
    'weights = lambda x: mx.cos(mx.arange(x.size, dtype=mx.float32)).reshape(x.shape).astype(x.dtype)',
    `run = lambda ${inputs.join(', ')}: outputs(${expression})`,
    'gradients = lambda *inputs: mx.vjp(run, list(inputs), [weights(y) for y in run(*inputs)])[1]',
    `primals = [${inputs.join(', ')}]`,
    ...PYTHON_BODIES[kind],
  ].join('\n');
}
