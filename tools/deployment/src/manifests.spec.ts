import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@cahier/local-stack';
import { parse, parseAllDocuments } from 'yaml';
import { configEnv, secretNames } from './config-env.js';
import { build, OVERLAYS, renderedFile } from './kustomize.js';
import { violations, type Manifest } from './policies.js';
import { configSchemas, projectFolder } from './schemas.js';

/** Operators' own kinds: no kept package holds their schemas; kustomize and the policies look at them. */
const WITHOUT_SCHEMA = ['kafka.strimzi.io/', 'postgresql.cnpg.io/'];

interface NetworkPolicy extends Manifest {
  readonly spec: { readonly podSelector: Selector; readonly policyTypes: readonly string[]; readonly egress?: readonly { readonly to?: readonly { readonly podSelector?: Selector }[] }[] } & Manifest['spec'];
}
interface Selector { readonly matchLabels?: Readonly<Record<string, string>>; readonly matchExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[] }

const selects = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''));

interface Documented { readonly paths: Readonly<Record<string, unknown>> }
interface Validated { validate(): void }

const read = (overlay: (typeof OVERLAYS)[number]): Manifest[] => parseAllDocuments(readFileSync(renderedFile(overlay), 'utf8')).map((document) => document.toJS() as Manifest);

/** What the schema of its kind does not allow; operators' own kinds are not looked at. */
async function fault(manifest: Manifest): Promise<string | undefined> {
  if (WITHOUT_SCHEMA.some((group) => manifest.apiVersion.startsWith(group))) return undefined;
  const from = manifest.apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  const kinds = (await import(`${from}/${manifest.apiVersion}`)) as Record<string, new (data: unknown) => Validated>;
  try {
    new kinds[manifest.kind]!(manifest).validate();
    return undefined;
  } catch (error) {
    return `${manifest.kind}/${manifest.metadata.name}: ${(error as Error).message}`;
  }
}

describe.each(OVERLAYS)('overlay %s', (overlay) => {
  const manifests = read(overlay);

  it('is what kustomize builds', async () => {
    const built = await build(overlay);
    if (built === undefined) process.stderr.write(`kubectl is missing: k8s/rendered/${overlay}.yaml is checked as committed.\n`);
    else expect(readFileSync(renderedFile(overlay), 'utf8')).toBe(built);
  });

  it('holds objects that a cluster takes', async () => {
    expect((await Promise.all(manifests.map(fault))).filter(Boolean)).toEqual([]);
  });

  it('keeps every policy', () => {
    expect(manifests.flatMap(violations)).toEqual([]);
  });
});

describe('a busy node', () => {
  it('gives intake ten times what it gives to mails and reports', () => {
    const asked = read('prod').filter(({ kind }) => kind === 'Deployment').map(({ metadata, spec }) => [metadata.name, spec?.template?.spec?.containers?.[0]?.resources?.requests?.cpu]);
    expect(Object.fromEntries(asked)).toEqual({ 'campaign-service': '250m', 'contribution-service': '1', 'notification-service': '100m', 'reporting-service': '100m' });
  });
});

describe('the flows between pods', () => {
  const manifests = read('prod');
  const policies = manifests.filter((manifest): manifest is NetworkPolicy => manifest.kind === 'NetworkPolicy');
  const workloads = manifests.filter(({ kind }) => ['Deployment', 'Job', 'CronJob'].includes(kind)).map((manifest) => {
    const { template } = manifest.spec as unknown as { template: { metadata: { labels: Record<string, string> } } };
    return { name: manifest.metadata.name, labels: template.metadata.labels };
  });

  it('are those of docs/architecture.md and no other', () => {
    const goesOut = (labels: Readonly<Record<string, string>>): string[] => policies.filter(({ spec }) => spec.policyTypes.includes('Egress') && selects(spec.podSelector, labels)).map(({ metadata: { name } }) => name).toSorted();
    const everybody = ['default-deny', 'names'];
    const service = [...everybody, 'to-identity-provider', 'to-kafka', 'to-postgresql', 'to-redis', 'to-traces'].toSorted();
    const migration = [...everybody, 'to-postgresql'];
    expect(Object.fromEntries(workloads.map(({ name, labels }) => [name, goesOut(labels)]))).toEqual({
      'campaign-service': service, 'contribution-service': service, 'reporting-service': service, 'notification-service': [...service, 'to-smtp'].toSorted(),
      'campaign-service-migrate': migration, 'contribution-service-migrate': migration, 'reporting-service-migrate': migration, 'notification-service-migrate': migration,
      topics: [...everybody, 'to-kafka'],
    });
  });

  it('never lead from a service to a service', () => {
    const reached = policies.flatMap(({ spec }) => (spec.egress ?? []).flatMap(({ to = [] }) => to.flatMap(({ podSelector }) => podSelector ?? [])));
    expect(workloads.filter(({ labels }) => reached.some((selector) => selects(selector, labels)))).toEqual([]);
  });
});

describe('the brokers', () => {
  it('meet what the namespace enforces: the operator makes their pods, and by its own default they do not', () => {
    const { template } = read('prod').find(({ kind }) => kind === 'KafkaNodePool')!.spec as unknown as { template: { pod: { securityContext: object }; kafkaContainer: { securityContext: object } } };
    expect(template.pod.securityContext).toEqual({ fsGroup: 0, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(template.kafkaContainer.securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  });
});

describe('the checks', () => {
  it('see what a schema does not allow', async () => {
    expect(await fault({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: 'eighty' }] } } as Manifest)).toMatch(/^Service\/x: .*port must be integer/s);
  });

  it('name each policy that a careless object breaks', () => {
    const careless = parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'careless.yaml'), 'utf8')) as Manifest;
    expect(violations(careless).map((line) => line.replace('Deployment/careless: ', ''))).toEqual([
      'a namespace of its own', 'not root', 'seccomp profile RuntimeDefault', 'no service account token', 'a service account of its own', 'no host network',
      'an image with a version', 'no privilege escalation', 'read-only root file system', 'no capabilities', 'requests of CPU and memory', 'a limit of memory', 'three probes',
    ]);
  });

  it('look into the template of a scheduled job, and at where secrets are', () => {
    const careless = parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'careless-job.yaml'), 'utf8')) as Manifest;
    expect(violations(careless)).toEqual(['a namespace of its own', 'a service account of its own', 'an image with a version', 'no secret in an environment'].map((rule) => `CronJob/careless: ${rule}`));
    expect(violations({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x', namespace: 'cahier' } })).toEqual(['Secret/x: no secret in the tree']);
  });
});

describe.each(serviceNames)('%s', (service) => {
  it('finds every variable of its schema in its ConfigMap or its secret', async () => {
    const schema = (await configSchemas()).get(service)!;
    const file = readFileSync(join(projectFolder, 'k8s', 'base', service, 'config.env'), 'utf8');
    expect(file).toBe(configEnv(service, schema)); // else: npm run docs
    expect([...file.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name).concat(secretNames(schema)).toSorted()).toEqual(Object.keys(schema.shape).toSorted());
  });

  it('has the keys of its Secret told to whoever fills it', async () => {
    const told = new RegExp(`^ *\\| \`${service}-secrets\` \\|(.*)$`, 'm').exec(readFileSync(join(projectFolder, 'k8s', 'README.md'), 'utf8'))?.[1] ?? '';
    expect([...told.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name).toSorted()).toEqual(secretNames((await configSchemas()).get(service)!).toSorted());
  });

  it('starts with its ConfigMap, given its secrets', async () => {
    const schema = (await configSchemas()).get(service)!;
    const settings = Object.fromEntries([...configEnv(service, schema).matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));
    const faults = schema.safeParse(settings).error?.issues.map(({ path }) => path.join('.')) ?? [];
    expect(faults.filter((name) => !secretNames(schema).includes(name))).toEqual([]);
  });

  it('is reached from outside by all its routes, and not by its health and its metrics', () => {
    const { paths } = JSON.parse(readFileSync(join(projectFolder, 'apps', service, 'openapi.json'), 'utf8')) as Documented;
    const ingress = read('prod').find(({ kind }) => kind === 'Ingress') as unknown as { spec: { rules: { http: { paths: { path: string; backend: { service: { name: string } } }[] } }[] } };
    const open = ingress.spec.rules.flatMap(({ http }) => http.paths).filter(({ backend }) => backend.service.name === service).map(({ path }) => path);
    expect(Object.keys(paths).filter((path) => !open.some((prefix) => path.startsWith(`${prefix}/`) || path === prefix))).toEqual([]);
    expect(open.filter((path) => ['/', '/health', '/metrics'].includes(path))).toEqual([]);
  });
});
