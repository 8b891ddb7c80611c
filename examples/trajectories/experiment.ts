import { readDocuments, sentencesOf } from '../shared/documents.ts';
import { OptionError } from '../shared/options.ts';
import { DEFAULTS, type Options, type Settings } from './options.ts';
import { checkInstalled, type Plan, toolsOf } from './plan.ts';
import type { Experiment, Store } from './store.ts';

/**
 * The experiment to work on: a new one, or with `--resume` the one that was begun last, if there is any.
 * @throws OptionError for what contradicts an experiment that is resumed; FileError if there is no text to begin with.
 */
export async function experimentOf(store: Store, { resume, said }: Options): Promise<Experiment> {
  const latest = resume ? store.latest() : undefined;
  if (latest === undefined) return store.begin(await planOf({ ...DEFAULTS, ...said }));
  const { plan } = latest;
  for (const [name, value] of Object.entries(said)) {
    const begun = settingsOf(plan)[name as keyof Settings];
    if (value === begun) continue;
    throw new OptionError(`--${name}: the experiment was begun with ${begun}, received ${value}; leave it out`);
  }
  checkInstalled(plan);
  return latest;
}

async function planOf({ folder, texts, seeds, steps, dummy }: Settings): Promise<Plan> {
  const documents = await readDocuments([folder], false);
  const sentences = sentencesOf(
    documents.map(({ text }) => text),
    texts,
  ).map((text) => text.replace(/\s+/g, ' ').trim());
  return { folder, texts: sentences, asked: texts, seeds, steps, ...toolsOf(dummy) };
}

function settingsOf({ folder, asked, seeds, steps, writer }: Plan): Settings {
  return { folder, texts: asked, seeds, steps, dummy: writer === 'dummy' };
}
