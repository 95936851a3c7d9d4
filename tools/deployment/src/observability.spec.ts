import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { collectDefaultMetrics, Registry, type MetricObject } from 'prom-client';
import { parse } from 'yaml';
import { prometheusRule, prometheusRuleFile, ruleGroups } from './prometheus-rule.js';
import { selectorsOf } from './promql.js';
import { projectFolder } from './schemas.js';

interface Metric { readonly name: string; readonly type: string; readonly labels: readonly string[] }
interface Dashboard { readonly title: string; readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[] }

const folder = (...path: string[]): string => join(projectFolder, ...path);
const read = (...path: string[]): string => readFileSync(folder(...path), 'utf8');

/** What the services expose: a spec of each compares docs/metrics.md with its registry. */
const ours: Metric[] = [...read('docs', 'metrics.md').matchAll(/^\| `(\w+)` \| (\w+) \| (.*?) \|/gm)].map(([, name, type, labels]) => ({ name: name!, type: type!, labels: labels === '' ? [] : labels!.split(', ') }));
const ofTheProcess = (): Metric[] => {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return (register.getMetricsAsArray() as (MetricObject & { labelNames: string[] })[]).map(({ name, type, labelNames }) => ({ name, type: String(type), labels: labelNames }));
};
const rules = ruleGroups().flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** Series name → its labels. */
const series = new Map<string, readonly string[]>([
  ['up', []],
  ...rules.flatMap(({ record }): [string, string[]][] => (record === undefined ? [] : [[record, []]])),
  ...[...ours, ...ofTheProcess()].flatMap(({ name, type, labels }): [string, readonly string[]][] =>
    type === 'histogram' ? [[`${name}_bucket`, [...labels, 'le']], [`${name}_sum`, labels], [`${name}_count`, labels]] : [[name, labels]]),
]);

/** What is wrong with an expression; Grafana's own variables stand for a duration. */
function faults(expression: string): string[] {
  return selectorsOf(expression.replaceAll('$__rate_interval', '5m')).flatMap(({ metric, labels }) => {
    const known = series.get(metric);
    if (!known) return [`no service exposes ${metric}`];
    return labels.filter((label) => ![...known, 'job', 'instance'].includes(label)).map((label) => `${metric} has no label ${label}`);
  });
}

describe('a metric', () => {
  const UNITS: Readonly<Record<string, RegExp>> = { counter: /_total$/, histogram: /_(seconds|bytes|rows|events)$/, gauge: /^(?!.*_(total|count|sum|bucket)$)/ };
  /** Each has few values, and none is of a person. */
  const LABELS = ['lane', 'limit', 'method', 'outcome', 'part', 'partition', 'pool', 'route', 'state', 'status', 'topic'];

  it.each(ours.map(({ name, type, labels }) => [name, type, labels] as const))('%s is named by the conventions, and its labels are bounded', (name, type, labels) => {
    expect(name).toMatch(UNITS[type]!);
    expect(name).toMatch(/^(cahier|http)_/);
    expect(labels.filter((label) => !LABELS.includes(label))).toEqual([]);
  });
});

describe('the check of an expression', () => {
  it.each([['sum(rate(cahier_dead_letter[5m]))', 'no service exposes cahier_dead_letter'], ['max by (job) (cahier_dead_letters{topic="x"})', 'cahier_dead_letters has no label topic']])('sees %s', (expression, fault) => {
    expect(faults(expression)).toEqual([fault]);
  });

  it('sees what is not PromQL', () => {
    expect(() => faults('sum(rate(cahier_dead_letters[5m])')).toThrow(SyntaxError);
  });
});

describe('a rule', () => {
  it.each(rules.map(({ record, alert, expr }) => [record ?? alert!, expr] as const))('%s asks for what is exposed', (_, expression) => {
    expect(faults(expression)).toEqual([]);
  });

  it.each(alerts.map((rule) => [rule.alert!, rule] as const))('%s says how urgent it is, and what to do', (name, { labels, annotations }) => {
    expect(['page', 'ticket']).toContain(labels?.['severity']);
    const file = `docs/runbooks/${name.replaceAll(/\B[A-Z]/g, '-$&').toLowerCase()}.md`;
    expect(annotations).toEqual({ summary: expect.any(String), runbook: file });
    expect([...read(file).matchAll(/^##? (.+)$/gm)].map(([, heading]) => heading)).toEqual([name, 'What it means', 'What to look at', 'What to do', 'What not to do']);
    expect(read('docs/runbooks/README.md')).toContain(`[${name}](${file.slice(file.lastIndexOf('/') + 1)})`);
  });

  it('is the same in the cluster; after a change: npm run docs', () => {
    expect(readFileSync(prometheusRuleFile, 'utf8')).toBe(prometheusRule());
  });

  it('fires when it should and not when it should not, as far as promtool is there to say so', async () => {
    const tests = promisify(execFile)('promtool', ['test', 'rules', folder('observability', 'prometheus', 'rules.test.yml')]);
    const outcome = await tests.then(({ stdout }) => stdout, (error: NodeJS.ErrnoException & { stdout?: string; stderr?: string }) => (error.code === 'ENOENT' ? undefined : `${error.stdout}${error.stderr}`));
    if (outcome === undefined) process.stderr.write('promtool is missing: observability/prometheus/rules.test.yml is parsed, not run.\n');
    else expect(outcome).toContain('SUCCESS');
    const { tests: written } = parse(read('observability', 'prometheus', 'rules.test.yml')) as { tests: { alert_rule_test: { alertname: string }[] }[] };
    const tested = new Set(written.flatMap(({ alert_rule_test: all }) => all.map(({ alertname }) => alertname)));
    expect([...tested].toSorted()).toEqual([...new Set(alerts.map(({ alert }) => alert!))].toSorted());
  });
});

describe('a dashboard', () => {
  const dashboards = readdirSync(folder('observability', 'grafana', 'dashboards')).map((name) => JSON.parse(read('observability', 'grafana', 'dashboards', name)) as Dashboard);

  it('is there for intake, events, mail and reports', () => {
    expect(dashboards.map(({ title }) => title).toSorted()).toEqual(['Events', 'Intake', 'Mail', 'Reports']);
  });

  it.each(dashboards.flatMap(({ title, panels }) => panels.map((panel) => [`${title}: ${panel.title}`, panel] as const)))('%s shows what is exposed', (_, { targets }) => {
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.flatMap(({ expr }) => faults(expr))).toEqual([]);
  });

  it('and the alerts look at every metric of ours', () => {
    const looked = new Set([...rules.map(({ expr }) => expr), ...dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)))].flatMap((expr) => selectorsOf(expr.replaceAll('$__rate_interval', '5m'))).map(({ metric }) => metric));
    const unseen = ours.filter(({ name }) => ![name, `${name}_bucket`, `${name}_count`].some((one) => looked.has(one)));
    expect([...new Set(unseen.map(({ name }) => name))]).toEqual([]);
  });
});
