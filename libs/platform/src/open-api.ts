import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';

/** What stands at the head of a service's document. */
export interface ApiDescription {
  readonly title: string;
  readonly description: string;
}

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string', description: '/problems/<code>; the code is stable' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    traceId: { type: 'string', description: 'To be quoted to those who run the service' },
    errors: {
      type: 'array',
      description: 'One for each thing to change',
      items: { type: 'object', required: ['pointer', 'detail'], properties: { pointer: { type: 'string', description: 'RFC 6901' }, detail: { type: 'string' } } },
    },
  },
} as const;

interface Operation {
  responses: Record<string, unknown>;
  security?: Record<string, string[]>[];
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options']);

/** OpenAPI 3.1, from the zod schemas of the routes. Committed beside each service; a test compares. */
export function openApiDocument(app: NestFastifyApplication, api: ApiDescription): OpenAPIObject {
  // Below whatever the entry puts before this service's addresses.
  const head = new DocumentBuilder().setOpenAPIVersion('3.1.0').setTitle(api.title).setDescription(api.description).setVersion('1').addServer('./').setLicense('MIT', 'https://spdx.org/licenses/MIT.html').build();
  const document = SwaggerModule.createDocument(app, head, {
    standardSchemaConverter: (schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) => {
      if (!(schema instanceof z.ZodType)) return undefined;
      const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: schemaType, reused: 'inline', unrepresentable: 'any' });
      return { schema: rest, components: $defs ?? {} };
    },
  });
  const operations = operationsOf(document);
  for (const { responses } of operations) responses['default'] = { description: 'Refus · Refusal', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
  // Whatever the token is – a staff member's, a contribution's –, it is shown in the same way.
  const tokens = new Set(operations.flatMap(({ security = [] }) => security.flatMap((names) => Object.keys(names))));
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM as never },
    securitySchemes: Object.fromEntries([...tokens].map((name) => [name, { type: 'http', scheme: 'bearer' }])),
  };
  return document;
}

const operationsOf = ({ paths }: OpenAPIObject): Operation[] =>
  Object.values(paths).flatMap((item) => Object.entries(item as Record<string, Operation>).flatMap(([method, operation]) => (METHODS.has(method) ? [operation] : [])));
