/** What may depend on what, between projects, roles and features. Each rule has a violating file in tools/boundaries/violations. */
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const role = (roles) => `\\.(${roles})\\.ts$`;
const spec = '\\.spec\\.ts$';
// Violations live in a copy of the folders' shape, so that one set of rules serves both.
const root = '^(?:tools/boundaries/violations/)?';
const tools = `${root}tools/(?!boundaries/violations/)`;
const workspace = `(${root}(apps|libs)/|${tools})`;
const packages = '(^|/)node_modules/';

const lib = (name, allowed) =>
  forbid(
    `${name}-depends-on-${allowed.join('-') || 'no-project'}`,
    { path: `${root}libs/${name}/src/`, pathNot: spec },
    { path: workspace, pathNot: [name, ...allowed].map((other) => `${root}libs/${other}/`) },
    'See docs/architecture.md, map of folders.',
  );

module.exports = {
  forbidden: [
    // Between projects
    lib('contracts', []),
    lib('platform', ['contracts']),
    lib('messaging', ['contracts', 'platform']),
    forbid(
      'testing-depends-on-libraries-and-local-stack',
      { path: `${root}libs/testing/src/`, pathNot: spec },
      { path: workspace, pathNot: [`${root}libs/`, `${root}tools/local-stack/`] },
      'Test helpers know no service.',
    ),
    forbid('services-share-libraries-only', { path: `${root}apps/([^/]+-service)/` }, { path: `${root}apps/`, pathNot: `${root}apps/$1/` }, 'Services talk by events.'),
    forbid('services-use-no-tools', { path: `${root}apps/[^/]+-service/src/`, pathNot: spec }, { path: tools }, 'What runs in production does not depend on what serves development.'),
    forbid(
      'report-process-without-framework',
      { path: `${root}apps/[^/]+-service/src/export/`, pathNot: spec },
      { path: `${root}libs/platform/src/index\\.ts$`, dependencyTypesNot: ['type-only'] },
      "The process that makes a report starts for each: what it needs of the platform it takes by its own address, or 90 MiB of framework come along.",
    ),
    forbid('kafkajs-in-one-place', { path: workspace, pathNot: `${root}libs/messaging/` }, { path: `${packages}kafkajs/` }, 'libs/messaging is the only importer.'),
    forbid(
      'spans-only-when-asked-for',
      { path: workspace, pathNot: [spec, `${root}libs/platform/src/span-recorder\\.ts$`] },
      { path: [`${packages}@opentelemetry/`, `${root}libs/platform/src/span-recorder\\.ts$`], dynamic: false, dependencyTypesNot: ['type-only'] },
      'spans.ts loads the recorder, and with it the SDK, once the environment asks for spans.',
    ),
    forbid('contracts-import-zod-only', { path: `${root}libs/contracts/src/`, pathNot: spec }, { path: packages, pathNot: `${packages}zod/` }, 'Anything may read a contract.'),
    forbid(
      'tests-only',
      { pathNot: [spec, `${root}libs/testing/`, `${root}apps/system-tests/`] },
      { path: [`${root}libs/testing/`, spec] },
      'Production code does not import test code.',
    ),
    // Between roles
    forbid(
      'entity-is-pure',
      { path: role('entity|policy|errors') },
      { path: [`${packages}(@nestjs|kafkajs|bullmq|redis|pg)/`, `${root}libs/messaging/`, role('controller|handler|job|use-case|queries|dto|module|statement')] },
      'Rules must be testable with no Nest, no broker and no database.',
    ),
    forbid('statement-is-sql', { path: role('statement') }, { path: [`${packages}(@nestjs|typeorm|kafkajs|bullmq)/`, role('controller|handler|job|use-case|queries|module')] }, 'SQL and its types, nothing else.'),
    forbid('use-case-knows-no-entry', { path: role('use-case|queries') }, { path: role('controller|handler|job|module') }, 'entry -> use case -> entity'),
    forbid(
      'controller-only-translates',
      { path: role('controller'), pathNot: `${root}libs/messaging/` },
      { path: [`${packages}(typeorm|kafkajs|bullmq)/`, `${root}libs/messaging/`, role('entity|handler|job')] },
      'Parse, call one thing, answer.',
    ),
    forbid(
      'one-way-into-a-feature',
      { path: `${root}apps/([^/]+)/src/([^/]+)/`, pathNot: spec },
      { path: `${root}apps/$1/src/[^/]+/.+\\.(entity|policy|handler|job|controller)\\.ts$`, pathNot: `${root}apps/$1/src/$2/` },
      "Another feature's use cases and queries are its interface; its entities are not.",
    ),
    // Everywhere
    forbid('no-circular', {}, { circular: true }, 'Two files that need each other are one file, or lack a third.'),
    forbid('declared-packages-only', { path: workspace, pathNot: spec }, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }, 'What a project imports stands in its own package.json.'),
    // `tests-only` keeps libs/testing out of production.
    forbid('no-dev-package-in-production', { path: `${root}(apps/[^/]+-service|libs)/[^/]+/`, pathNot: [spec, `${root}libs/testing/`] }, { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: `${packages}@types/` }, 'Production dependencies only.'),
    forbid('resolvable', {}, { couldNotResolve: true }, 'The import leads nowhere.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Built files of ours; a package's own dist folder still counts as that package.
    exclude: { path: '^(?!.*node_modules/).*/(dist|out-tsc)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@cahier/source', 'import', 'require', 'node', 'default', 'types'] },
  },
};
