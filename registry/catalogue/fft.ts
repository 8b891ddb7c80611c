import type { Operation } from '../operation.ts';
import { array, axes, axis, float, int, ints, string } from '../parameters.ts';
import { family, type Row, sample, special } from './entry.ts';

const op = family('fft', 'fft');

const norm = string('norm', 'backward', { choices: ['backward', 'ortho', 'forward'] });

const severalAxes = 'rank 2 or more, no empty axis; s null or as long as axes; no axis twice';

const oddSize: Partial<Row> = { limits: ['odd-size'] };

function one(name: string, doc: string, row: Partial<Row> = {}): Operation {
  return op(name, [array('a'), int('n', null), axis('axis', -1), norm], {
    doc,
    native: { lowering: [`fft_${name}`] },
    sample: special('fft-axis', 'no empty axis along axis; n null or from 1 to 16', 'all', 'finite'),
    ...row,
  });
}

function several(name: string, doc: string, row: Partial<Row> = {}, over: readonly number[] | null = null): Operation {
  return op(name, [array('a'), ints('s', null), ints('axes', over, { nullable: true }), norm], {
    doc,
    native: { lowering: [`fft_${name}`] },
    sample: special('fft-axes', severalAxes, 'all', 'finite'),
    ...row,
  });
}

/** Over the last two axes by default. */
function two(name: string, doc: string, row: Partial<Row> = {}): Operation {
  return several(name, doc, { sample: special('fft-two-axes', severalAxes, 'all', 'finite'), ...row }, [-2, -1]);
}

function frequencies(name: string, doc: string): Operation {
  return op(name, [int('n'), float('d', 1)], {
    doc,
    sample: special('fft-frequencies', 'n from 1 to 64; d not 0', 'float32'),
  });
}

function shift(name: string, doc: string): Operation {
  return op(name, [array('a'), axes('axes', null)], {
    doc,
    native: { lowering: [`fft_${name}`] },
    sample: sample('filled', 'all'),
  });
}

export const fft: readonly Operation[] = [
  one('fft', 'Discrete Fourier transform along an axis, cut or padded with zeros to n.'),
  one('ifft', 'Inverse discrete Fourier transform along an axis.'),
  one('rfft', 'Discrete Fourier transform of real input along an axis: the n / 2 + 1 frequencies that matter.', {
    example: ['console.log(mx.fft.rfft(mx.array([1, 1, 1, 1])).shape); // → [ 3 ]'],
  }),
  one('irfft', 'Inverse of rfft: real output of n samples, by default 2 (m - 1) for m frequencies.', oddSize),
  two('fft2', 'Discrete Fourier transform over two axes.'),
  two('ifft2', 'Inverse discrete Fourier transform over two axes.'),
  two('rfft2', 'Discrete Fourier transform of real input over two axes.'),
  two('irfft2', 'Inverse of rfft2.', oddSize),
  several('fftn', 'Discrete Fourier transform over several axes, by default all.'),
  several('ifftn', 'Inverse discrete Fourier transform over several axes, by default all.'),
  several('rfftn', 'Discrete Fourier transform of real input over several axes, by default all.'),
  several('irfftn', 'Inverse of rfftn.', oddSize),
  frequencies('fftfreq', 'Frequencies of the n results of fft, for samples d apart.'),
  frequencies('rfftfreq', 'Frequencies of the n / 2 + 1 results of rfft, for samples d apart.'),
  shift('fftshift', 'The zero frequency moved to the middle along the given axes, by default all.'),
  shift('ifftshift', 'Inverse of fftshift.'),
];
