/** The same request for every reference that Fastify checks. */
export interface Body {
  readonly kind: string;
  readonly title?: string;
  readonly body: string;
  readonly language: string;
  readonly publication: { readonly preference: string };
}

export const bodySchema = {
  params: { type: 'object', properties: { campaignId: { type: 'string', format: 'uuid' } } },
  body: {
    type: 'object', additionalProperties: false, required: ['kind', 'targets', 'body', 'language', 'publication'],
    properties: {
      kind: { enum: ['proposal', 'remark', 'argument', 'evidence', 'opinion'] },
      targets: { type: 'array', maxItems: 10, items: { type: 'object' } },
      title: { type: 'string', maxLength: 300 },
      body: { type: 'string', minLength: 1, maxLength: 50_000 },
      language: { enum: ['fr', 'en'] },
      publication: { type: 'object', additionalProperties: false, required: ['preference'], properties: { preference: { enum: ['named', 'anonymous', 'not-published'] } } },
    },
  },
};
