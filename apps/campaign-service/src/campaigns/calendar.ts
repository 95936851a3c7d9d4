import ical from 'ical-generator';
import type { PublicCampaign } from './campaign.dto.js';

/** The campaign's opening as one event of a calendar (RFC 5545). The same campaign always gives the same event. */
export function calendarOf(campaign: PublicCampaign, url: string): string {
  const calendar = ical({ name: campaign.title.fr, prodId: { company: 'cahier', product: 'campaigns', language: 'FR' }, timezone: campaign.zone });
  calendar.createEvent({
    id: `${campaign.campaignId}@cahier`,
    // A changing stamp would make the same event look new to every client at every reading.
    stamp: new Date(campaign.opensAt),
    start: new Date(campaign.opensAt),
    end: new Date(campaign.closesAt),
    summary: `${campaign.title.fr} / ${campaign.title.en}`,
    description: campaign.presentation.fr,
    url,
    ...(campaign.state === 'cancelled' && { status: 'CANCELLED' as never }),
  });
  return calendar.toString();
}
