import { z } from 'zod';
import type { Api } from '../http/api.js';
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

const mailings = z.object({ items: z.array(z.object({ mailingId: z.uuid(), kind: z.string() })) });
const page = z.object({ items: z.array(z.object({ dispatchId: z.uuid(), state: z.string(), attempts: z.int() })), next: z.string().nullable() });

/** The same as a mail operator sees it. */
export async function listDispatches(operator: Api, notificationUrl: string, campaignId: string): Promise<Dispatch[]> {
  const { items } = await operator.get(`${notificationUrl}/staff/mailings?campaignId=${campaignId}`, mailings);
  const dispatches: Dispatch[] = [];
  for (const { mailingId, kind } of items) {
    for (let cursor = ''; ; ) {
      const { items: shown, next } = await operator.get(`${notificationUrl}/staff/mailings/${mailingId}/dispatches?limit=100${cursor}`, page);
      dispatches.push(...shown.map(({ dispatchId, state, attempts }) => ({ kind, state, attempts, id: dispatchId })));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
  }
  return dispatches;
}
