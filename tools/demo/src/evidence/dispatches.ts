import { rowsOf } from './database.js';

/** One mail as notification-service remembers it. */
export interface Dispatch {
  readonly kind: string;
  readonly state: string;
  /** More than one: it was in doubt whether it had been sent, and it was sent again under the same Message-ID. */
  readonly attempts: number;
  /** What its Message-ID begins with. */
  readonly id: string;
}

export async function readDispatches({ DATABASE_URL = '' }: Readonly<Record<string, string>>, campaignId: string): Promise<Dispatch[]> {
  return rowsOf<Dispatch>(DATABASE_URL, 'SELECT d.kind, d.state, d.attempts, d.dispatch_id AS id FROM dispatch AS d JOIN mailing AS m USING (mailing_id) WHERE m.campaign_id = $1', [campaignId]);
}
