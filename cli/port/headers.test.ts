import { describe, expect, it } from 'vitest';
import { declarations, matching, rowParameters } from './headers.ts';

const TEXT = `
/* int mlx_commented(mlx_array* res); */
int mlx_sum_axes(
    mlx_array* res,
    const mlx_array a,
    const int* axes,
    size_t axes_num,
    bool keepdims,
    const mlx_stream s);
int mlx_sum(mlx_array* res, const mlx_array a, bool keepdims, const mlx_stream s);
int mlx_summary(mlx_array* res, const mlx_array a, const mlx_stream s);
int mlx_gather(mlx_array* res, const mlx_array a, const mlx_array mask /* may be null */, mlx_optional_int bits,
    int axis, const mlx_stream s);
mlx_array mlx_array_new(void);
`;

describe('the headers of mlx-c', () => {
  const functions = declarations(TEXT, 'mlx/c/ops.h');

  it('are read over lines and around comments', () => {
    expect(functions.map(({ name }) => name)).toEqual(['sum_axes', 'sum', 'summary', 'gather']);
    expect(functions[3]?.signature).toBe(
      'int mlx_gather(mlx_array* res, const mlx_array a, const mlx_array mask, mlx_optional_int bits, int axis, const mlx_stream s);',
    );
  });

  it('give a function and its variants, not what only begins alike', () => {
    expect(matching(functions, 'sum').map(({ name }) => name)).toEqual(['sum', 'sum_axes']);
  });

  it('give the parameters of a row', () => {
    const [axes, , , gather] = functions.map(rowParameters);
    expect(axes).toEqual(["array('a')", "ints('axes')", "bool('keepdims')"]);
    expect(gather).toEqual(["array('a')", "array('mask')", "int('bits', null)", "axis('axis')"]);
  });
});
