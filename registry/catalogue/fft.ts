import type { Operation } from '../operation.ts';
import { array, axes, axis, float, int, ints, string } from '../parameters.ts';
import { family, sample, special } from './entry.ts';

const op = family('fft', 'fft');

const norm = string('norm', 'backward', { choices: ['backward', 'ortho', 'forward'] });

function one(name: string, doc: string): Operation {
  return op(name, [array('a'), int('n', null), axis('axis', -1), norm], {
    doc,
    native: { lowering: [`fft_${name}`] },
    sample: special('no empty axis along axis; n null or from 1 to 16', 'all', 'finite'),
  });
}

function several(name: string, doc: string, over: readonly number[] | null): Operation {
  return op(name, [array('a'), ints('s', null), ints('axes', over, { nullable: true }), norm], {
    doc,
    native: { lowering: [`fft_${name}`] },
    sample: special('rank 2 or more, no empty axis; s null or as long as axes; no axis twice', 'all', 'finite'),
  });
}

function frequencies(name: string, doc: string): Operation {
  return op(name, [int('n'), float('d', 1)], { doc, sample: special('n from 1 to 64; d not 0', 'float32') });
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
  one('rfft', 'Discrete Fourier transform of real input along an axis: the n / 2 + 1 frequencies that matter.'),
  one('irfft', 'Inverse of rfft: real output of n samples, by default 2 (m - 1) for m frequencies.'),
  several('fft2', 'Discrete Fourier transform over two axes.', [-2, -1]),
  several('ifft2', 'Inverse discrete Fourier transform over two axes.', [-2, -1]),
  several('rfft2', 'Discrete Fourier transform of real input over two axes.', [-2, -1]),
  several('irfft2', 'Inverse of rfft2.', [-2, -1]),
  several('fftn', 'Discrete Fourier transform over several axes, by default all.', null),
  several('ifftn', 'Inverse discrete Fourier transform over several axes, by default all.', null),
  several('rfftn', 'Discrete Fourier transform of real input over several axes, by default all.', null),
  several('irfftn', 'Inverse of rfftn.', null),
  frequencies('fftfreq', 'Frequencies of the n results of fft, for samples d apart.'),
  frequencies('rfftfreq', 'Frequencies of the n / 2 + 1 results of rfft, for samples d apart.'),
  shift('fftshift', 'The zero frequency moved to the middle along the given axes, by default all.'),
  shift('ifftshift', 'Inverse of fftshift.'),
];
