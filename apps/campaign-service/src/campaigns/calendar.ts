import ical, { ICalEventStatus } from 'ical-generator';
import type { PublicCampaign } from './campaign.dto.js';

/** Of the last change: a calendar that has the event takes the newer one. */
export interface Revision {
  readonly sequence: number;
  readonly changedAt: string;
}

/** The campaign's window as one event of a calendar (RFC 5545), in UTC. The same revision always gives the same bytes. */
export function calendarOf(campaign: PublicCampaign, { sequence, changedAt }: Revision, url: string): string {
  const calendar = ical({ name: campaign.title.fr, prodId: { company: 'cahier', product: 'campaigns', language: 'FR' } });
  // Without a zone ical-generator writes UTC; with a name alone it would write the server's own local time.
  calendar.createEvent({
    id: `${campaign.campaignId}@cahier`,
    sequence,
    // Not the moment of reading: the same event would look new to every client every time.
    stamp: new Date(changedAt),
    start: new Date(campaign.opensAt),
    end: new Date(campaign.closesAt),
    summary: `${campaign.title.fr} / ${campaign.title.en}`,
    description: campaign.presentation.fr,
    url,
    ...(campaign.state === 'cancelled' && { status: ICalEventStatus.CANCELLED }),
  });
  return calendar.toString();
}
