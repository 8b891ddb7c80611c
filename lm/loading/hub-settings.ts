import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the Hugging Face Hub is and what is kept of it here, as in Python's huggingface_hub. */
export interface HubSettings {
  readonly endpoint: string;
  /** The folder of all repositories. */
  readonly cache: string;
  readonly token: string | undefined;
  readonly offline: boolean;
}

/** From the environment; an explicit token, or `false` for none, stands before it. */
export async function hubSettings(token: string | false | undefined): Promise<HubSettings> {
  const { HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, XDG_CACHE_HOME, HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE } = process.env;
  const home = set(HF_HOME) ?? join(set(XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'huggingface');
  return {
    endpoint: (set(HF_ENDPOINT) ?? 'https://huggingface.co').replace(/\/+$/, ''),
    cache: set(HF_HUB_CACHE) ?? join(home, 'hub'),
    token: token === false ? undefined : (token ?? (await storedToken(home))),
    offline: /^(1|on|yes|true)$/i.test(set(HF_HUB_OFFLINE) ?? set(TRANSFORMERS_OFFLINE) ?? ''),
  };
}

/** What `hf auth login` leaves behind counts after the environment. */
async function storedToken(home: string): Promise<string | undefined> {
  const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH } = process.env;
  const given = set(HF_TOKEN) ?? set(HUGGING_FACE_HUB_TOKEN);
  if (given !== undefined) return given;
  return set(await readFile(set(HF_TOKEN_PATH) ?? join(home, 'token'), 'utf8').catch(() => ''));
}

function set(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}
