import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serviceNames, type ServiceName } from '@cahier/local-stack';
import type { z } from 'zod';

export const projectFolder = join(import.meta.dirname, '..', '..', '..');

/** The configuration schemas of the services as built: nothing here is compiled together with them. */
export async function configSchemas(): Promise<ReadonlyMap<ServiceName, z.ZodObject>> {
  const entries = serviceNames.map(async (name) => {
    const { configSchema } = (await import(pathToFileURL(join(projectFolder, 'apps', name, 'dist', 'config.js')).href)) as { configSchema: z.ZodObject };
    return [name, configSchema] as const;
  });
  return new Map(await Promise.all(entries));
}
