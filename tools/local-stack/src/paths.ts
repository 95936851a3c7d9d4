import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** The repository's root. Sources and compiled files lie equally deep, so this holds for both. */
export const projectFolder = resolve(import.meta.dirname, '..', '..', '..');

/** Everything the tools keep: servers' data, logs, downloaded jars. Ignored by git; removing it loses nothing but local data. */
export const cahierFolder = join(projectFolder, '.cahier');

/** The live system of `npm start`, `npm run dev` and the `stack` command. */
export const liveFolder = join(cahierFolder, 'live');

/** Kafka and what it needs, put there by tools/bootstrap.mjs. */
export const kafkaLibsFolder = join(cahierFolder, 'kafka-libs');

/** Programs of this package that run as processes of their own; always the compiled ones. */
export const programFile = (name: string): string => join(import.meta.dirname, '..', 'dist', `${name}.program.js`);

/** Short name for a folder, stable and safe in file names. */
export const folderKey = (folder: string): string => createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 12);
