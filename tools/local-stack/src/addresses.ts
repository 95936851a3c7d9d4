/** The addresses of each part once it runs. */
export interface StackAddresses {
  postgres: { host: string; port: number; /** Superuser, database `postgres`. */ adminUrl: string };
  kafka: { brokers: string[] };
  redis: { url: string };
  /** `webUrl`: a page for people; its REST API is `${webUrl}/api/email`. */
  mail: { smtpPort: number; smtpUrl: string; webUrl: string };
  oidc: { issuer: string; jwksUrl: string; audience: string };
}

export type StackPart = keyof StackAddresses;
