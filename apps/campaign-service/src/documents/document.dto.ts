import { bilingual, nodeKind } from '@cahier/contracts';
import { z } from 'zod';

export const campaignParams = z.object({ campaignId: z.uuid().toLowerCase() });
export type CampaignParams = z.infer<typeof campaignParams>;

export const importedDocument = z.object({ chapters: z.int(), sections: z.int(), paragraphs: z.int() }).meta({ id: 'ImportedDocument' });

export const documentView = z
  .object({
    campaignId: z.uuid(),
    title: bilingual,
    /** In the order of the text. */
    nodes: z.array(z.object({ id: z.uuid(), kind: nodeKind, parentId: z.uuid().nullable(), number: z.string(), heading: z.string().nullable(), text: z.string().nullable() })),
  })
  .meta({ id: 'Document' });
export type DocumentView = z.infer<typeof documentView>;
