import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';

/** What stands at the head of a service's document. */
export interface ApiDescription {
  readonly title: string;
  readonly description: string;
}

/** OpenAPI 3.1, from the zod schemas of the routes. Committed beside each service; a test compares. */
export function openApiDocument(app: NestFastifyApplication, api: ApiDescription): OpenAPIObject {
  const head = new DocumentBuilder().setOpenAPIVersion('3.1.0').setTitle(api.title).setDescription(api.description).setVersion('1').setLicense('MIT', 'https://spdx.org/licenses/MIT.html').addBearerAuth().build();
  return SwaggerModule.createDocument(app, head, {
    standardSchemaConverter: (schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }) => {
      if (!(schema instanceof z.ZodType)) return undefined;
      const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: schemaType, reused: 'inline', unrepresentable: 'any' });
      return { schema: rest, components: $defs ?? {} };
    },
  } as never);
}
