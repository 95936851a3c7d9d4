import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from './schemas.js';

const run = promisify(execFile);

export const OVERLAYS = ['dev', 'prod'] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** The objects of an overlay as kustomize builds them, committed: reviewed as they will be, and checked where kubectl is missing. */
export const renderedFile = (overlay: Overlay): string => join(projectFolder, 'k8s', 'rendered', `${overlay}.yaml`);

/** @returns YAML; undefined where there is no kubectl. @throws Error when it does not build. */
export async function build(overlay: Overlay): Promise<string | undefined> {
  try {
    const { stdout } = await run('kubectl', ['kustomize', join(projectFolder, 'k8s', 'overlays', overlay)], { maxBuffer: 10_000_000 });
    return stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
