import { createDecipheriv, createHash } from 'node:crypto';
import type { Shown } from './contribution.js';
import { rowsOf } from './database.js';

/** Instead of a hash: the row was read back from its event after a restore, and says that its body is lost. */
export const BODY_LOST = 'lost';

export interface Stored extends Shown {
  /** SHA-256 of the request body as it comes out of its encryption. */
  readonly openedSha256: string;
}

interface Row {
  readonly contribution_id: string;
  readonly body_sha256: string;
  readonly body_sealed: Buffer | null;
  readonly kind: string;
  readonly stance: string | null;
  readonly status: string;
  readonly received_at: Date;
}

/** What contribution-service holds of a campaign: the record. */
export async function readStored({ DATABASE_URL = '', BODY_KEYS = '{}' }: Readonly<Record<string, string>>, campaignId: string): Promise<Stored[]> {
  const keys = JSON.parse(BODY_KEYS) as Record<string, string>;
  const rows = await rowsOf<Row>(
    DATABASE_URL,
    `SELECT contribution_id, body_sha256, body_sealed, classification ->> 'kind' AS kind, classification ->> 'stance' AS stance, status, received_at
     FROM contribution WHERE campaign_id = $1 ORDER BY contribution_id`,
    [campaignId],
  );
  return rows.map(({ contribution_id: id, body_sha256, body_sealed, kind, stance, status, received_at }) => ({
    id, sha256: body_sha256, openedSha256: body_sealed === null ? BODY_LOST : openedSha256(keys, id, body_sealed), kind, stance: stance ?? undefined, status, receivedAt: received_at.toISOString(),
  }));
}

/** Written from the description, not with the service's code: 2 bytes key version, 12 IV, 16 tag, AES-256-GCM bound to the id. */
function openedSha256(keys: Readonly<Record<string, string>>, id: string, sealed: Buffer): string {
  const key = Buffer.from(keys[sealed.readUInt16BE(0)] ?? '', 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(2, 14)).setAAD(Buffer.from(id)).setAuthTag(sealed.subarray(14, 30));
    return createHash('sha256').update(decipher.update(sealed.subarray(30))).update(decipher.final()).digest('hex');
  } catch (error) {
    return `does not open: ${(error as Error).message}`;
  }
}
