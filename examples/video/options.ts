import { availableParallelism } from 'node:os';
import { integer, OptionError, optionValues } from '../shared/options.ts';
import { CLIP } from './folders.ts';

export interface Options {
  readonly clip: string;
  readonly batches: readonly number[];
  /** Whether batches that take long are measured too. */
  readonly allBatches: boolean;
  readonly rounds: number;
  readonly workers: number;
  readonly height: number;
  readonly page: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run video -- [--clip FILE] [--batches N,N] [--all-batches] [--rounds N] [--workers N]
         [--height N] [--no-page]

  --clip FILE     what ffmpeg reads (a clip of streets, which is installed)
  --batches N,N   how many frames go through the network together, 1 to 256 each (1,8,16,32)
  --all-batches   those too that take longer than 4 seconds; on two cores six minutes more for float16
  --rounds N      how often each way is timed, 1 to 1000 (3)
  --workers N     Python processes in the pool, 2 to 64 (as many as there are cores, 4 at most)
  --height N      of the frames in pixels, a multiple of 32, 64 to 1024 (224)
  --no-page       do not write build/video/index.html
  --help          this text`;

/** @throws OptionError for an unknown option or a value out of range. */
export function parseOptions(args: readonly string[]): Options {
  const values = optionValues(args, {
    clip: { type: 'string', default: CLIP },
    batches: { type: 'string', default: '1,8,16,32' },
    'all-batches': { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    workers: { type: 'string', default: String(Math.max(2, Math.min(availableParallelism(), 4))) },
    height: { type: 'string', default: '224' },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  const height = integer('--height', values.height, 64, 1024);
  // Each stage of the network halves the picture.
  if (height % 32 !== 0) throw new OptionError(`--height: expected a multiple of 32, received "${height}"`);
  return {
    clip: values.clip,
    batches: values.batches.split(',').map((text) => integer('--batches', text, 1, 256)),
    allBatches: values['all-batches'],
    rounds: integer('--rounds', values.rounds, 1, 1000),
    workers: integer('--workers', values.workers, 2, 64),
    height,
    page: !values['no-page'],
    help: values.help,
  };
}
