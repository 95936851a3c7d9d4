import { z } from 'zod';
import { type Api } from '../http/api.js';
import { bill } from '../samples/samples.js';
import type { Cast } from './cast.js';
import { localText } from './local-text.js';

export const ZONE = 'Europe/Paris';

const node = z.object({ id: z.uuid(), kind: z.string(), heading: z.string().nullish() });
const campaignDocument = z.object({ nodes: z.array(node) });

/** A campaign in draft: everything but its dates. */
export interface Draft {
  readonly campaignId: string;
  readonly etag: string;
  /** As PUT wants it back. */
  readonly content: object;
}

/** Signs nothing, dates nothing: steering bodies with their members, a programme with its edition, the campaign and its document. */
export async function prepareCampaign(staff: Api, campaignUrl: string, cast: Cast): Promise<Draft> {
  const create = async <S extends z.ZodType>(path: string, body: unknown, id: S) => (await staff.send('POST', `${campaignUrl}/staff/${path}`, body, id)).data;

  const steeringBodyIds: string[] = [];
  for (const { code, name, members } of cast.bodies) {
    const { steeringBodyId } = await create('steering-bodies', { code, name }, z.object({ steeringBodyId: z.uuid() }));
    for (const member of members) await create(`steering-bodies/${steeringBodyId}/members`, member, z.unknown());
    steeringBodyIds.push(steeringBodyId);
  }
  const { programmeId } = await create('programmes', { title: cast.programme }, z.object({ programmeId: z.uuid() }));
  const { editionId } = await create(`programmes/${programmeId}/editions`, { year: 2015, label: cast.edition }, z.object({ editionId: z.uuid() }));
  const content = {
    editionId, title: cast.title, presentation: cast.presentation, kind: 'consultation', audiences: ['citizen', 'association', 'institution', 'other'], rules: cast.rules,
    zone: ZONE, reminderHoursBeforeClosing: [], steeringBodyIds,
  };
  const { data, etag } = await staff.send('POST', `${campaignUrl}/staff/campaigns`, content, z.object({ campaignId: z.uuid() }));
  const imported = await staff.reply(`${campaignUrl}/staff/campaigns/${data.campaignId}/document?lang=fr`, { method: 'PUT', headers: { 'content-type': 'text/markdown' }, body: bill() });
  return { campaignId: data.campaignId, etag: imported.headers.etag ?? etag, content };
}

export interface Scheduled {
  readonly campaignId: string;
  /** UTC, as the platform resolved them. */
  readonly window: { readonly opensAt: string; readonly closesAt: string };
  /** Id of a chapter or an article of the bill, by its heading. */
  readonly nodeId: (heading: string) => string;
}

const scheduledView = z.object({ opensAt: z.string(), closesAt: z.string() });

/** Gives a draft its dates and makes them public. @param disambiguation of local times that exist twice. */
export async function schedule(staff: Api, campaignUrl: string, { campaignId, etag, content }: Draft, opensAt: Date, closesAt: Date, disambiguation?: 'earlier' | 'later'): Promise<Scheduled> {
  const url = `${campaignUrl}/staff/campaigns/${campaignId}`;
  const dated = { ...content, opensAtLocal: localText(opensAt, ZONE), closesAtLocal: localText(closesAt, ZONE) };
  const put = await staff.send('PUT', url, dated, z.unknown(), { 'if-match': etag });
  const { data: window } = await staff.send('POST', `${url}/schedule`, { disambiguation }, scheduledView, { 'if-match': put.etag });
  const { nodes } = await staff.get(`${campaignUrl}/campaigns/${campaignId}/document`, campaignDocument);
  const ids = new Map(nodes.flatMap(({ id, kind, heading }) => (kind === 'paragraph' || !heading ? [] : [[heading, id]])));
  return {
    campaignId,
    window,
    nodeId: (heading) => {
      const id = ids.get(heading);
      if (id === undefined) throw new Error(`The document has no heading « ${heading} »`);
      return id;
    },
  };
}

const transitions = z.object({ items: z.array(z.object({ toState: z.string(), at: z.string() })) });

/** How late the campaign changed to a state, compared with the instant it was promised for. */
export async function latenessMs(staff: Api, campaignUrl: string, campaignId: string, state: string, promised: string): Promise<number | undefined> {
  const { items } = await staff.get(`${campaignUrl}/staff/campaigns/${campaignId}/transitions`, transitions);
  const transition = items.find(({ toState }) => toState === state);
  return transition && Date.parse(transition.at) - Date.parse(promised);
}
