import { join } from 'node:path';
import { integer, OptionError, optionsAndTexts } from '../shared/options.ts';
import { DOCUMENTS, FOLDER, MODEL } from './folders.ts';

export interface Options {
  readonly question: string;
  readonly folders: readonly string[];
  readonly recursive: boolean;
  readonly index: string;
  readonly model: string;
  readonly top: number;
  readonly sentences: number;
  readonly rounds: number;
  readonly onnx: boolean;
  readonly page: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run semantic-search -- "question" [--folder DIR] [--recursive] [--index FILE] [--model DIR]
         [--top N] [--sentences N] [--rounds N] [--onnx] [--no-page]

  --folder DIR    where .md and .txt files to search are (docs); it can be given several times
  --recursive     search the folders inside too
  --index FILE    where the vectors are kept (build/semantic-search/index.safetensors)
  --model DIR     an encoder in the layout of sentence-transformers (all-MiniLM-L6-v2, which is installed)
  --top N         how many passages are shown, 1 to 100 (5)
  --sentences N   how many sentences of the texts are timed, 1 to 1000 (128)
  --rounds N      how often each way is timed, 0 to 1000 (5)
  --onnx          time @huggingface/transformers too, which is installed into build/semantic-search (500 MB)
  --no-page       do not write build/semantic-search/index.html
  --help          this text`;

/** @throws OptionError for an unknown option, a value out of range, or no question. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = optionsAndTexts(args, {
    folder: { type: 'string', multiple: true, default: [DOCUMENTS] },
    recursive: { type: 'boolean', default: false },
    index: { type: 'string', default: join(FOLDER, 'index.safetensors') },
    model: { type: 'string', default: MODEL },
    top: { type: 'string', default: '5' },
    sentences: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '5' },
    onnx: { type: 'boolean', default: false },
    'no-page': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  });
  const question = positionals.join(' ').trim();
  if (question === '' && !values.help)
    throw new OptionError('expected a question, as "Who frees memory?"; received none');
  return {
    question,
    folders: values.folder,
    recursive: values.recursive,
    index: values.index,
    model: values.model,
    top: integer('--top', values.top, 1, 100),
    sentences: integer('--sentences', values.sentences, 1, 1000),
    rounds: integer('--rounds', values.rounds, 0, 1000),
    onnx: values.onnx,
    page: !values['no-page'],
    help: values.help,
  };
}
