import { type Actor, recordStaffAction, serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CampaignEvents } from '../campaigns/campaign-facts.js';
import { saySteeringChanged } from './say-steering-changed.js';
import { MemberUnknown, SteeringBodyNotFound } from './steering.errors.js';
import { Member, SteeringBody } from './steering-body.entity.js';

@Injectable()
export class RemoveMember {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents) {}

  /** @throws SteeringBodyNotFound, MemberUnknown. */
  async execute(steeringBodyId: string, memberId: string, by: Actor): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await tx.findOne(SteeringBody, { where: { steeringBodyId }, lock: { mode: 'for_no_key_update' } }))) throw new SteeringBodyNotFound();
      const { affected } = await tx.delete(Member, { memberId, steeringBodyId });
      if (!affected) throw new MemberUnknown({ fr: 'Cette instance n’a pas ce membre.', en: 'The body has no such member.' });
      await recordStaffAction(tx, by, { action: 'member.remove', targetId: memberId });
      await saySteeringChanged(tx, this.events, steeringBodyId, await serviceNow(tx));
    });
  }
}
