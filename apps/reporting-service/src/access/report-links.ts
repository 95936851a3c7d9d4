import { reportLinkClaims } from '@cahier/contracts';
import { awaitedElsewhere } from '@cahier/platform';
import { errors, importJWK, jwtVerify, type JWK } from 'jose';

/** Verifies the links that notification-service puts into the mails of steering bodies' members. */
export class ReportLinks {
  private readonly key: ReturnType<typeof importJWK>;

  constructor(publicJwk: JWK) {
    // Each use says what is wrong with it.
    this.key = awaitedElsewhere(importJWK(publicJwk, 'EdDSA'));
  }

  /**
   * @param at decides about expiry.
   * @returns the member's id; undefined when the token does not open this report now, whatever is wrong with it.
   * @throws when the key is unfit.
   */
  async memberOf(token: string, reportId: string, at: Date): Promise<string | undefined> {
    const key = await this.key;
    const verified = await jwtVerify(token, key, {
      algorithms: ['EdDSA', 'Ed25519'], issuer: 'notification-service', audience: 'reporting-service', requiredClaims: ['exp'], currentDate: at,
    }).catch((error: unknown) => {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    });
    const claims = reportLinkClaims.safeParse(verified?.payload);
    return claims.success && claims.data.reportId === reportId ? claims.data.sub : undefined;
  }
}
