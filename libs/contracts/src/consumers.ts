import * as campaign from './campaign.events.js';
import * as contribution from './contribution.events.js';
import type { EventContract } from './event.js';
import * as intake from './intake.events.js';
import * as notification from './notification.events.js';
import * as report from './report.events.js';

const isContract = (value: unknown): value is EventContract => typeof value === 'object' && value !== null && 'type' in value && 'topic' in value && 'data' in value && typeof value.type === 'string';

/** Every event of the system, in the order of the files. */
export const allEvents: readonly EventContract[] = [campaign, contribution, intake, notification, report].flatMap((file) => Object.values(file).filter(isContract));

/** Names of the topics that a service writes. */
export const topicsWrittenBy = (service: string): string[] => [...new Set(allEvents.filter(({ topic }) => topic.publisher === service).map(({ topic }) => topic.name))];

/** What a service does with each type of a topic that it reads. A type in neither list fails the contracts' test. */
export interface Consumption {
  readonly handled: readonly EventContract[];
  readonly ignored: readonly EventContract[];
}

const windowMoves = [campaign.campaignScheduled, campaign.campaignRescheduled, campaign.campaignUnscheduled, campaign.campaignOpened, campaign.campaignDeadlineExtended, campaign.campaignSuspended, campaign.campaignResumed, campaign.campaignClosed, campaign.campaignCancelled];

/** Service name → topic name → what becomes of its events. */
export const consumers: Readonly<Record<string, Readonly<Record<string, Consumption>>>> = {
  'contribution-service': {
    'campaign.events': {
      handled: [...windowMoves, campaign.campaignPublished, campaign.documentPublished],
      ignored: [campaign.campaignReminderDue, campaign.campaignSteeringChanged],
    },
  },
  'notification-service': {
    'campaign.events': {
      handled: [...windowMoves, campaign.campaignPublished, campaign.campaignReminderDue, campaign.campaignSteeringChanged],
      ignored: [campaign.documentPublished],
    },
    'contribution.events': { handled: [contribution.contributionSubmitted, contribution.contributionWithdrawn, contribution.contributionHidden, contribution.contributionShown], ignored: [] },
    'report.events': { handled: [report.reportPublished], ignored: [report.reportAwaiting, report.reportFailed] },
  },
  'reporting-service': {
    'campaign.events': {
      handled: [...windowMoves, campaign.campaignPublished, campaign.campaignSteeringChanged, campaign.documentPublished],
      ignored: [campaign.campaignReminderDue],
    },
    'contribution.events': { handled: [contribution.contributionSubmitted, contribution.contributionWithdrawn, contribution.contributionHidden, contribution.contributionShown], ignored: [] },
    'intake.events': { handled: [intake.intakeSealed], ignored: [] },
  },
};
