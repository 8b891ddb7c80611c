import { core as mx } from '../../mlx/index.ts';

/** The Python that workers run in, to start it for a program of its own; `pythonModules` must have `sys`. */
export async function pythonProgram(): Promise<string> {
  const { executable } = await mx.python.import<{ readonly executable: string }>('sys');
  return executable;
}
