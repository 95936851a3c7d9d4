import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './paths.js';
import { serviceNames, type ServiceName, type Services } from './types.js';

/** Saving several files at once, and the compiler writing several, make one restart. */
const QUIET_MS = 300;

/**
 * Compiles on save (`tsc -b --watch`) and restarts the services whose compiled files changed: all of them after
 * a change in a library. A file that does not compile leaves everything running as it was.
 */
export function restartOnSave(services: Services): { stop(): Promise<void> } {
  // In a group of its own: tsc may be a script that runs a program, and both have to end.
  const compiler = spawn(join(projectFolder, 'node_modules', '.bin', 'tsc'), ['-b', '--watch', '--preserveWatchOutput'], { cwd: projectFolder, stdio: 'inherit', detached: true });
  const changed = new Set<ServiceName>();
  let timer: NodeJS.Timeout | undefined;
  let restarting = Promise.resolve();

  const restart = async (): Promise<void> => {
    const names = [...changed];
    changed.clear();
    console.log(`Restarting ${names.join(', ')} …`);
    const results = await Promise.allSettled(names.map((name) => services[name].restart()));
    for (const result of results) if (result.status === 'rejected') console.error((result.reason as Error).message);
    console.log('Ready.');
  };
  const note = (names: readonly ServiceName[]): void => {
    for (const name of names) changed.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => {
      restarting = restarting.then(restart);
    }, QUIET_MS);
  };

  const watchers = [
    ...serviceNames.map((name) => watchCompiled(join('apps', name), () => note([name]))),
    ...['contracts', 'messaging', 'platform'].map((library) => watchCompiled(join('libs', library), () => note(serviceNames))),
  ];
  return {
    async stop() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      // tsc 7 takes most of a minute to follow SIGTERM. It records what it compiled last of all: nothing half-done is taken for done.
      if (compiler.pid !== undefined && compiler.exitCode === null) process.kill(-compiler.pid, 'SIGKILL');
      await restarting; // or it would start what is about to be stopped
    },
  };
}

function watchCompiled(project: string, onChange: () => void): { close(): void } {
  return watch(join(projectFolder, project, 'dist'), { recursive: true }, (_event, file) => {
    if (file?.endsWith('.js')) onChange();
  });
}
