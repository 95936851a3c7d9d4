import { intakeSealed, type DataOf } from '@cahier/contracts';
import { OnEvent, type EventContext } from '@cahier/messaging';
import { serviceNow } from '@cahier/platform';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { nextIdentity } from './report-number.js';
import { Report } from './report.entity.js';

/** The seal orders the closing report: nobody has to think of it. It waits until the projection is what was sealed. */
@Controller()
export class OrderClosingReport {
  @OnEvent(intakeSealed)
  async handle(@Payload() { campaignId, closesAt, accepted, withdrawn, digest }: DataOf<typeof intakeSealed>, @Ctx() { tx, event }: EventContext): Promise<void> {
    await tx.query(
      `INSERT INTO intake_seal (campaign_id, version, closes_at, accepted, withdrawn, digest) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (campaign_id) DO UPDATE SET version = EXCLUDED.version, closes_at = EXCLUDED.closes_at, accepted = EXCLUDED.accepted, withdrawn = EXCLUDED.withdrawn, digest = EXCLUDED.digest
        WHERE intake_seal.version < EXCLUDED.version`,
      [campaignId, event.version, closesAt, accepted, withdrawn, digest],
    );
    // Heard again after a rebuild: the report that was handed out stays.
    if (await tx.existsBy(Report, { campaignId, kind: 'closing' })) return;
    const at = await serviceNow(tx);
    await tx.insert(Report, Report.closing(await nextIdentity(tx, campaignId, 'closing', at), new Date(closesAt), at));
  }
}
