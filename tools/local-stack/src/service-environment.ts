import { join } from 'node:path';
import type { Keys } from './keys.js';
import { serviceNames, type ServiceName, type Stack } from './types.js';

export interface ServicePlace {
  readonly databaseUrl: string;
  readonly port: number;
}

/** Where the servers are that a service's secrets name. */
export interface SecretPlaces {
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
}

/** What each service must be given in secret, by variable: drawn once per stack and shared only where two services must. */
export async function serviceSecrets(keys: Keys, { databaseUrls, redisUrl, smtpUrl }: SecretPlaces): Promise<Record<ServiceName, Record<string, string>>> {
  const contacts = await keys.pair('contact-sealing', 'ECDH-ES');
  const reportLinks = await keys.pair('report-links', 'EdDSA');
  const ring = (name: string): string => JSON.stringify(keys.ring(name));
  const common = (name: ServiceName): Record<string, string> => ({
    DATABASE_URL: databaseUrls[name],
    REDIS_URL: redisUrl,
    CURSOR_KEY: keys.secret(`${name}-cursor`),
    RATE_LIMIT_KEY: keys.secret(`${name}-rate-limits`),
  });
  return {
    'campaign-service': { ...common('campaign-service'), CONTACT_SEALING_PUBLIC_JWK: JSON.stringify(contacts.publicJwk) },
    'contribution-service': {
      ...common('contribution-service'),
      CONTACT_SEALING_PUBLIC_JWK: JSON.stringify(contacts.publicJwk),
      BODY_KEYS: ring('bodies'),
      TOKEN_KEYS: ring('management-tokens'),
      PARTICIPANT_KEYS: ring('participants'),
    },
    'notification-service': {
      ...common('notification-service'),
      CONTACT_SEALING_PRIVATE_JWKS: JSON.stringify([contacts.privateJwk]),
      REPORT_LINK_PRIVATE_JWK: JSON.stringify(reportLinks.privateJwk),
      LINK_KEYS: ring('mail-links'),
      SMTP_URL: smtpUrl,
    },
    'reporting-service': { ...common('reporting-service'), REPORT_LINK_PUBLIC_JWK: JSON.stringify(reportLinks.publicJwk) },
  };
}

/** Where each service is on this machine, with its secrets. */
export async function serviceEnvironments(stack: Stack, keys: Keys, places: Record<ServiceName, ServicePlace>, prefixes: { topics: string; queues: string }): Promise<Record<ServiceName, Record<string, string>>> {
  const url = (name: ServiceName): string => `http://127.0.0.1:${places[name].port}`;
  const databaseUrls = Object.fromEntries(serviceNames.map((name) => [name, places[name].databaseUrl])) as Record<ServiceName, string>;
  const secrets = await serviceSecrets(keys, { databaseUrls, redisUrl: stack.redis.url, smtpUrl: stack.mail.smtpUrl });

  const common = (name: ServiceName): Record<string, string> => ({
    PROFILE: 'local',
    DURABILITY_PROFILE: stack.durability,
    KAFKA_BROKERS: stack.kafka.brokers.join(','),
    TOPIC_PREFIX: prefixes.topics,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(places[name].port),
    PUBLIC_URL: url(name),
    OIDC_ISSUER: stack.oidc.issuer,
    OIDC_AUDIENCE: stack.oidc.audience,
    OIDC_JWKS_URL: stack.oidc.jwksUrl,
    LOG_LEVEL: 'info',
    // One address plays everybody here.
    RATE_LIMIT_SCALE: '10000',
    ...secrets[name],
  });

  return {
    'campaign-service': { ...common('campaign-service'), WINDOW_CHANGE_NOTICE_SECONDS: '2' },
    'contribution-service': common('contribution-service'),
    'notification-service': {
      ...common('notification-service'),
      MAIL_FROM: 'Cahier <ne-pas-repondre@cahier.example>',
      QUEUE_PREFIX: `${prefixes.queues}cahier`,
      CAMPAIGN_PUBLIC_URL: url('campaign-service'),
      CONTRIBUTION_PUBLIC_URL: url('contribution-service'),
      REPORTING_PUBLIC_URL: url('reporting-service'),
    },
    'reporting-service': { ...common('reporting-service'), REPORT_STORE_FOLDER: join(stack.folder, 'reports') },
  };
}
