import { describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, core as mx, OperationError } from '../../mlx/index.ts';
import * as unsafe from '../../mlx/unsafe.ts';

const SOURCE = { name: 'own', inputNames: ['inp'], outputNames: ['out'], source: 'out[0] = inp[0];' };
const launch = () => ({
  inputs: [mx.array([1])],
  grid: [1, 1, 1] as const,
  threadgroup: [1, 1, 1] as const,
  outputShapes: [[1]],
  outputDtypes: [mx.float32],
});

describe('memory', () => {
  it('is the array’s own: what is written there is read from the array, and from all that share it', () => {
    const x = mx.array([1, 2, 3, 4]);
    const rows = x.reshape([2, 2]);
    const memory = unsafe.memory(x);
    expect(memory).toEqual(new Float32Array([1, 2, 3, 4]));
    memory[3] = -5;
    expect(x.tolist()).toEqual([1, 2, 3, -5]);
    expect(rows.tolist()).toEqual([
      [1, 2],
      [3, -5],
    ]);
    expect(unsafe.memory(x)).toEqual(memory);
  });

  it('outlives the array', () => {
    const x = mx.arange(1000).multiply(2n);
    const memory = unsafe.memory(x);
    x.dispose();
    mx.eval(mx.zeros([1000], mx.int32).add(7n));
    expect(memory[999]).toBe(1998);
  });

  it('has the type of the dtype, and is empty where the array is', () => {
    expect(unsafe.memory(mx.array([1n]))).toEqual(new BigInt64Array([1n]));
    expect(unsafe.memory(mx.array([1, -2], mx.bfloat16))).toEqual(new Uint16Array([0x3f80, 0xc000]));
    expect(unsafe.memory(mx.zeros([0, 3]))).toEqual(new Float32Array(0));
    expect(unsafe.memory(mx.array(5))).toEqual(new Float32Array([5]));
  });

  it('evaluates, and brings an array of Python’s here', () => {
    const x = mx.add(mx.array([1]), 1, { implementation: 'python' });
    expect(unsafe.memory(x)).toEqual(new Float32Array([2]));
    expect(x.residency.native).toBe(true);
  });

  it('begins at the address', () => {
    const x = mx.arange(10, { dtype: mx.int32 });
    mx.eval(x);
    expect(unsafe.address(x)).toBeGreaterThan(0n);
    expect(unsafe.address(x.reshape([2, 5]))).toBe(unsafe.address(x));
    expect(unsafe.address(x) % 4n).toBe(0n);
  });

  it.each([
    ['memory', unsafe.memory],
    ['address', unsafe.address],
  ])('%s refuses what has no such memory', (name, ask) => {
    const x = mx.arange(6).reshape([2, 3]);
    expect(() => ask(x.T)).toThrow(ArgumentError);
    expect(() => ask(x.T)).toThrow(`unsafe.${name}: expected an array whose elements lie in row-major order`);
    expect(() => ask(mx.broadcastTo(mx.array(1), [3]))).toThrow(ArgumentError);
    expect(() => ask([1] as never)).toThrow(`unsafe.${name}: expected an array (mx.array), received a list of 1`);
    x.dispose();
    expect(() => ask(x)).toThrow(DisposedError);
  });
});

describe('kernels, where there is no GPU', () => {
  it('are refused in MLX’s own words', () => {
    const refusals: [() => unknown, string][] = [
      [() => unsafe.cudaKernel(SOURCE), 'unsafe.cudaKernel: [cuda_kernel] No CUDA back-end.'],
      [() => unsafe.metalKernel(SOURCE)(launch()), 'unsafe.metalKernel: [metal_kernel] No Metal back-end.'],
      [
        () => unsafe.precompiledCudaKernel({ ...launch(), name: 'own', compiledSource: new Uint8Array([1]) }),
        'unsafe.precompiledCudaKernel: [cuda_kernel] No CUDA back-end.',
      ],
    ];
    for (const [run, message] of refusals) {
      expect(run).toThrow(OperationError);
      expect(run).toThrow(message);
    }
  });

  it('take every option on the way there', () => {
    const metal = unsafe.metalKernel({ ...SOURCE, header: '', ensureRowContiguous: false, atomicOutputs: true });
    const calls = [
      { ...launch(), template: { T: mx.float32, N: 3, B: true }, initValue: 0.5, verbose: false, stream: mx.cpu },
      { ...launch(), template: [['T', mx.bfloat16]] as const },
    ];
    for (const call of calls) expect(() => metal(call)).toThrow('No Metal back-end');
    const cuda = { ...SOURCE, sharedMemory: 64 };
    expect(() => unsafe.cudaKernel(cuda)).toThrow('No CUDA back-end');
    const binary = {
      ...launch(),
      name: 'own',
      compiledSource: new Uint8Array(4),
      scalars: [1, 2.5, true],
      initValue: 1,
    };
    expect(() => unsafe.precompiledCudaKernel(binary)).toThrow('No CUDA back-end');
  });

  const metal = unsafe.metalKernel(SOURCE);
  it.each([
    ['no options', () => unsafe.metalKernel(null as never), /expected options in an object, received null/],
    ['an unknown option', () => unsafe.metalKernel({ ...SOURCE, sharedMemory: 1 } as never), /"sharedMemory"/],
    ['compile options', () => unsafe.metalKernel({ ...SOURCE, compileOptions: {} } as never), /"compileOptions"/],
    ['a name that is none', () => unsafe.metalKernel({ ...SOURCE, name: 1 } as never), /a string for "name"/],
    ['names that are none', () => unsafe.cudaKernel({ ...SOURCE, inputNames: 'a' } as never), /"inputNames"/],
    ['negative memory', () => unsafe.cudaKernel({ ...SOURCE, sharedMemory: -1 }), /"sharedMemory"/],
    ['a grid of two', () => metal({ ...launch(), grid: [1, 1] } as never), /three sizes for "grid"/],
    ['a negative grid', () => metal({ ...launch(), threadgroup: [1, -1, 1] }), /"threadgroup"/],
    ['inputs that are no arrays', () => metal({ ...launch(), inputs: [1] } as never), /"inputs"/],
    ['a negative shape', () => metal({ ...launch(), outputShapes: [[-1]] }), /"outputShapes"/],
    ['dtypes that are none', () => metal({ ...launch(), outputDtypes: ['float32'] } as never), /"outputDtypes"/],
    ['too few dtypes', () => metal({ ...launch(), outputDtypes: [] }), /as many shapes as dtypes, received 1 and 0/],
    ['a fraction as a template', () => metal({ ...launch(), template: { N: 0.5 } }), /an integer or a boolean/],
    ['a stream that is none', () => metal({ ...launch(), stream: 'cpu' } as never), /"stream"/],
    ['no binary', () => unsafe.precompiledCudaKernel({ ...launch(), name: 'own' } as never), /"compiledSource"/],
    [
      'scalars that are none',
      () =>
        unsafe.precompiledCudaKernel({
          ...launch(),
          name: 'x',
          compiledSource: new Uint8Array(1),
          scalars: ['1'],
        } as never),
      /"scalars"/,
    ],
  ])('refuse %s', (_, run, message) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(message);
  });

  it('refuse text with a NUL in it, which C would cut', () => {
    expect(() => unsafe.metalKernel({ ...SOURCE, source: 'a\0b' })).toThrow(ArgumentError);
  });
});
