import { MlxRouterError, shutdown } from '../../mlx/index.ts';
import { OptionError } from './options.ts';

/**
 * Runs an example and ends the workers that it used. The process exits with 0 if `run` gives true, with 2 for a wrong
 * option, which `usage` follows, and with 1 otherwise.
 */
export async function runExample(run: () => Promise<boolean>, usage = ''): Promise<void> {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    if (error instanceof OptionError) console.error(`${error.message}\n\n${usage}`);
    else if (error instanceof MlxRouterError) console.error(`${error.code}: ${error.message}`);
    else throw error;
    process.exitCode = error instanceof OptionError ? 2 : 1;
  } finally {
    await shutdown();
  }
}

interface Command<Options extends { readonly help: boolean }> {
  readonly parseOptions: (args: readonly string[]) => Options;
  readonly usage: string;
  readonly run: (options: Options) => Promise<boolean>;
}

/** Runs an example with the options of the command line, or prints how it is used. */
export async function runCommand<Options extends { readonly help: boolean }>({
  parseOptions,
  usage,
  run,
}: Command<Options>): Promise<void> {
  await runExample(async () => {
    const options = parseOptions(process.argv.slice(2));
    if (!options.help) return run(options);
    console.log(usage);
    return true;
  }, usage);
}
