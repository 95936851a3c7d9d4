import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { projectFolder } from './schemas.js';

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Where the rules are written by hand; Prometheus reads this file as it is. */
export const rulesFile = join(projectFolder, 'observability', 'prometheus', 'rules.yml');
export const prometheusRuleFile = join(projectFolder, 'k8s', 'components', 'monitoring', 'prometheus-rule.yaml');

export const ruleGroups = (): { readonly name: string; readonly rules: readonly Rule[] }[] => (parse(readFileSync(rulesFile, 'utf8')) as { groups: { name: string; rules: Rule[] }[] }).groups;

/** The same rules as an object of the Prometheus operator. */
export function prometheusRule(): string {
  const object = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', metadata: { name: 'cahier' }, spec: { groups: ruleGroups() } };
  return `# Generated from observability/prometheus/rules.yml by \`npm run docs\`.\n${stringify(object, { lineWidth: 0 })}`;
}
