import { reportLinkClaims } from '@cahier/contracts';
import { importJWK, jwtVerify, type JWK } from 'jose';

/** Verifies the links that notification-service puts into the mails of steering bodies' members. */
export class ReportLinks {
  private readonly key: ReturnType<typeof importJWK>;

  constructor(publicJwk: JWK) {
    this.key = importJWK(publicJwk, 'EdDSA');
    // Reported by each use; an unhandled rejection at start-up would say nothing of the cause.
    this.key.catch(() => undefined);
  }

  /**
   * @param at decides about expiry.
   * @returns the member's id; undefined when the token does not open this report now, whatever the reason.
   */
  async memberOf(token: string, reportId: string, at: Date): Promise<string | undefined> {
    const key = await this.key;
    const verified = await jwtVerify(token, key, {
      algorithms: ['EdDSA', 'Ed25519'], issuer: 'notification-service', audience: 'reporting-service', requiredClaims: ['exp'], currentDate: at,
    }).catch(() => undefined);
    const claims = reportLinkClaims.safeParse(verified?.payload);
    return claims.success && claims.data.reportId === reportId ? claims.data.sub : undefined;
  }
}
