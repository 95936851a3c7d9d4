import type { ServiceName } from '@cahier/local-stack';
import type { z } from 'zod';

/** Kept in the service's secret: what opens a door, and the keys that go with one another. */
const SECRETS = /^(DATABASE_URL|REDIS_URL|SMTP_URL|CURSOR_KEY|\w+_KEYS?|\w+_JWKS?)$/;

const HOSTS: Record<ServiceName, string> = { 'campaign-service': 'campagnes', 'contribution-service': 'contributions', 'notification-service': 'courriers', 'reporting-service': 'rapports' };
const addressOf = (service: ServiceName): string => `https://${HOSTS[service]}.cahier.example`;

/** What has no default in the schema because it depends on where the service runs; an overlay says it for its own site. */
function placed(service: ServiceName): Readonly<Record<string, string>> {
  return {
    HTTP_HOST: '0.0.0.0',
    HTTP_PORT: '8080',
    PUBLIC_URL: addressOf(service),
    CAMPAIGN_PUBLIC_URL: addressOf('campaign-service'),
    CONTRIBUTION_PUBLIC_URL: addressOf('contribution-service'),
    REPORTING_PUBLIC_URL: addressOf('reporting-service'),
    KAFKA_BROKERS: 'cahier-kafka-bootstrap:9093',
    OIDC_ISSUER: 'https://identite.cahier.example',
    OIDC_JWKS_URL: 'https://identite.cahier.example/jwks',
    // Where the ingress controller's pods are: without it everybody would be one client. Network policies let only them in.
    TRUSTED_PROXIES: '10.0.0.0/8',
    MAIL_FROM: 'Cahier <ne-pas-repondre@cahier.example>',
    REPORT_STORE_FOLDER: '/var/lib/cahier/reports',
  };
}

/** The names that a service's secret must have. */
export function secretNames(schema: z.ZodObject): string[] {
  return Object.keys(schema.shape).filter((name) => SECRETS.test(name));
}

/**
 * The service's `config.env` for kustomize: every variable of its schema but the secrets.
 * @throws Error for one that has neither a default nor a value here.
 */
export function configEnv(service: ServiceName, schema: z.ZodObject): string {
  const lines = Object.entries(schema.shape).filter(([name]) => !SECRETS.test(name)).map(([name, field]) => {
    const value = placed(service)[name] ?? defaultOf(field as z.ZodType);
    if (value === undefined) throw new Error(`${service}: ${name} has no value for the cluster`);
    return `${name}=${value}`;
  });
  return `# Generated from the service's configuration schema by \`npm run docs\`.\n${lines.join('\n')}\n`;
}

/** As text; undefined where there is none, and where the field may be absent. */
function defaultOf(field: z.ZodType): string | undefined {
  const { type, defaultValue } = field.def as { type: string; defaultValue?: unknown };
  if (type === 'optional') return '';
  if (type !== 'default') return undefined;
  if (Array.isArray(defaultValue)) return defaultValue.join(',');
  return typeof defaultValue === 'string' ? defaultValue : JSON.stringify(defaultValue);
}
