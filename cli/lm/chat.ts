import { createInterface } from 'node:readline/promises';
import { type Command, parseOptions } from '../command.ts';
import { log, paint, print } from '../terminal.ts';
import {
  DRAFT_USAGE,
  draftOf,
  draftOptions,
  loadOf,
  MODEL_USAGE,
  modelOptions,
  SAMPLING_USAGE,
  samplingOf,
  samplingOptions,
} from './options.ts';

const USAGE = `Usage: mlx-router chat --model SOURCE [options]

Talks with a model. Ctrl-C ends an answer; at the prompt, Ctrl-C or Ctrl-D ends the program.
  /reset  begins a new conversation    /stats  shows the last answer's figures    /exit  ends

${MODEL_USAGE}
  --system TEXT         what the model is told before the conversation
${SAMPLING_USAGE}
${DRAFT_USAGE}`;

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, {
    ...modelOptions,
    ...samplingOptions,
    ...draftOptions,
    system: { type: 'string' },
  });
  using model = await loadOf(values);
  const draft = await draftOf(values);
  const options = { ...samplingOf(values), ...draft, ...(values.system !== undefined && { system: values.system }) };
  let session = model.chat(options);
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: process.stdin.isTTY ? '> ' : '',
  });
  let answering: AbortController | undefined;
  terminal.on('SIGINT', () => {
    if (answering === undefined) terminal.close();
    else answering.abort();
  });
  log(
    paint(`${model.path}: ${model.architecture}, ${model.implementation}. /exit ends, Ctrl-C ends an answer.`, 'dim'),
  );
  let statistics = 'there was no answer yet';
  terminal.prompt();
  for await (const line of terminal) {
    const text = line.trim();
    if (text === '/exit') break;
    if (text === '/reset') {
      session.dispose();
      session = model.chat(options);
      log(paint('a new conversation', 'dim'));
    } else if (text === '/stats') log(paint(statistics, 'dim'));
    else if (text !== '') {
      answering = new AbortController();
      try {
        for await (const segment of session.stream(text, { signal: answering.signal })) {
          process.stdout.write(segment.text);
          const figures = segment.statistics;
          if (figures === undefined) continue;
          statistics =
            `prompt ${figures.promptTokens} tokens computed, ${figures.cachedTokens} kept; answer ` +
            `${figures.generatedTokens} tokens at ${figures.tokensPerSecond.toPrecision(3)} tokens/s`;
        }
      } catch (error) {
        if (!answering.signal.aborted) log(paint(error instanceof Error ? error.message : String(error), 'red'));
      }
      answering = undefined;
      print('');
    }
    terminal.prompt();
  }
  terminal.close();
  session.dispose();
  draft.draftModel?.dispose();
  print('');
  return 0;
}

export const chat: Command = { summary: 'talk with a language model', usage: USAGE, run };
