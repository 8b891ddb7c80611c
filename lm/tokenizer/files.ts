import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { OPERATION } from './definition.ts';

export type Json = Record<string, unknown>;

/** A text file of a folder, or undefined where it is not there. @throws FileError where it cannot be read. */
export async function readText(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as { code?: string }).code ?? '')) return undefined;
    throw new FileError(`${join(folder, name)} cannot be read: ${messageOf(error)}`, {
      operation: OPERATION,
      cause: error,
    });
  }
}

/** The object in a JSON file, or undefined where the file is not there. @throws FileError where it is damaged. */
export async function readJson(folder: string, name: string): Promise<Json | undefined> {
  const text = await readText(folder, name);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(folder, name, messageOf(error), error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw damaged(folder, name, 'it holds no object');
}

function damaged(folder: string, name: string, what: string, cause?: unknown): FileError {
  return new FileError(`${join(folder, name)} is no sound JSON file: ${what}. Download it again`, {
    operation: OPERATION,
    cause,
  });
}
