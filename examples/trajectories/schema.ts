import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';
import { FileError } from '../../mlx/index.ts';

/** "traj": tells our files from other databases. */
const APPLICATION = 0x7472616a;
/** Of the tables; another version is not read. */
const VERSION = 1;

/** Keys are what a row is about, so nothing can be written twice, and every way to the end leaves the same rows. */
const TABLES = `
CREATE TABLE experiments (id INTEGER PRIMARY KEY, plan TEXT NOT NULL) STRICT;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, experiment INTEGER NOT NULL REFERENCES experiments, text TEXT NOT NULL, seed INTEGER NOT NULL
) STRICT;
CREATE TABLE invocations (
  run INTEGER NOT NULL REFERENCES runs, step INTEGER NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE embeddings (
  run INTEGER NOT NULL, step INTEGER NOT NULL, model TEXT NOT NULL, vector BLOB NOT NULL,
  PRIMARY KEY (run, model, step), FOREIGN KEY (run, step) REFERENCES invocations
) STRICT, WITHOUT ROWID;
CREATE TABLE diagrams (
  run INTEGER NOT NULL REFERENCES runs, model TEXT NOT NULL, dimension INTEGER NOT NULL, pairs BLOB NOT NULL,
  entropy REAL NOT NULL, PRIMARY KEY (run, model, dimension)
) STRICT, WITHOUT ROWID;
CREATE TABLE distances (
  run INTEGER NOT NULL REFERENCES runs, other INTEGER NOT NULL REFERENCES runs, model TEXT NOT NULL,
  dimension INTEGER NOT NULL, distance REAL NOT NULL, PRIMARY KEY (model, dimension, run, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE clusters (
  run INTEGER NOT NULL, step INTEGER NOT NULL, model TEXT NOT NULL, label INTEGER NOT NULL,
  PRIMARY KEY (run, step, model), FOREIGN KEY (run, model, step) REFERENCES embeddings
) STRICT, WITHOUT ROWID;
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = ${VERSION};
`;

export type Connection = InstanceType<typeof Database>;

/**
 * Opens a database for this process alone, and makes its tables if the file is new.
 * @throws FileError for what is no database, another program's, of another version, damaged, or in use.
 */
export function openDatabase(file: string): Connection {
  return withFileErrors(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
      throw new FileError(`${file} is a folder: name a file with --database`);
    }
    const database = new Database(file, { timeout: 500 });
    try {
      // What is committed outlives the process, and the lock does not; a power cut may cost the last parts, done again then.
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      database.exec('PRAGMA foreign_keys = ON');
      database.transaction(() => makeTables(file, database)).immediate();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Leaves one file without a lock: statements that are not collected yet would hold the lock on. */
export function closeDatabase(database: Connection): void {
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_schema;');
  database.close();
}

function makeTables(file: string, database: Connection): void {
  const number = (source: string) => Object.values((database.prepare(source).all() as [object])[0])[0] as number;
  const application = number('PRAGMA application_id');
  const version = number('PRAGMA user_version');
  if (application === APPLICATION && version === VERSION) return;
  const advice = 'name another with --database';
  if (application === APPLICATION) {
    throw new FileError(`${file} has tables of version ${version}, this program has version ${VERSION}: ${advice}`);
  }
  if (number('SELECT count(*) FROM sqlite_schema') > 0) {
    throw new FileError(`${file} is the database of another program: ${advice}`);
  }
  database.exec(TABLES);
}

const REASONS: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'is no database: name another with --database',
  SQLITE_CORRUPT: 'is damaged: name another with --database',
  SQLITE_BUSY: 'is in use by another process: wait for its end, or name another with --database',
};

/** What SQLite says of a file, as this library's errors say it. */
export function withFileErrors<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const code = (cause as { code?: unknown }).code;
    const reason = typeof code === 'string' ? REASONS[code] : undefined;
    if (reason !== undefined) throw new FileError(`${file} ${reason}`, { cause });
    if (cause instanceof Database.SqliteError || !existsSync(file) || code === '') {
      throw new FileError(`${file} cannot be used: ${(cause as Error).message}`, { cause });
    }
    throw cause;
  }
}
