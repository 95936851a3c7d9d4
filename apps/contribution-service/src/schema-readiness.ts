import { Readiness } from '@cahier/platform';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Not ready on a database that this version has not been migrated to. */
@Injectable()
export class SchemaReadiness implements OnApplicationBootstrap {
  constructor(private readonly db: DataSource, private readonly readiness: Readiness) {}

  onApplicationBootstrap(): void {
    this.readiness.add('migrations', async () => {
      const done = await this.db.query<{ name: string }[]>('SELECT name FROM migration');
      const missing = this.db.migrations.filter((migration) => !done.some(({ name }) => name === (migration.name ?? migration.constructor.name)));
      if (missing.length > 0) throw new Error(`${missing.length} migrations are missing`);
    });
  }
}
