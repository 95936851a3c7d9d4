import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { contractions } from './expand-contract.js';
import { projectFolder } from './schemas.js';

const isMigration = (path: string): boolean => /migration/.test(path) && path.endsWith('.ts') && !/\.(spec|d)\.ts$|(^|\/)(dist|out-tsc|node_modules)\//.test(path);
const migrations = ['apps', 'libs'].flatMap((folder) =>
  readdirSync(join(projectFolder, folder)).flatMap((workspace) => {
    const source = join(projectFolder, folder, workspace, 'src');
    return readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(isMigration).map((path) => join(source, path));
  }),
);

const migration = (...lines: string[]): string => ['class X {', 'async up(runner) {', ...lines, '}', 'async down(runner) {', 'await runner.query(`DROP TABLE x`);', '}', '}'].join('\n');

describe('two versions side by side', () => {
  it.each(migrations.map((path) => [basename(path), path]))('%s takes nothing away from the older one', (_, path) => {
    expect(contractions(readFileSync(path, 'utf8'))).toEqual([]);
  });

  it.each([
    'ALTER TABLE contribution DROP COLUMN title', 'DROP TABLE contribution', 'ALTER TABLE x DROP CONSTRAINT y', 'ALTER TABLE contribution RENAME COLUMN title TO heading', 'ALTER TABLE contribution RENAME TO filing',
    'ALTER TABLE contribution ALTER COLUMN title TYPE varchar(10)', 'ALTER TABLE x ALTER y SET DATA TYPE int', 'ALTER TABLE contribution ALTER COLUMN title SET NOT NULL', 'ALTER TABLE contribution ADD COLUMN channel text NOT NULL', 'TRUNCATE outbox',
  ])('%s is seen', (statement) => {
    expect(contractions(migration(`await runner.query(\`${statement}\`);`))).toHaveLength(1);
    expect(contractions(migration('// contract: no version that runs reads it since 1.4', `await runner.query(\`${statement}\`);`))).toEqual([]);
  });

  it.each(['ALTER TABLE contribution ADD COLUMN channel text', "ALTER TABLE contribution ADD COLUMN channel text NOT NULL DEFAULT 'web'", 'CREATE TABLE x (y text NOT NULL)', 'CREATE INDEX CONCURRENTLY i ON x (y)', 'ALTER TABLE x ALTER COLUMN y DROP NOT NULL', 'ALTER TABLE x ADD CONSTRAINT z CHECK (y IS NOT NULL) NOT VALID', 'CREATE TRIGGER t BEFORE DELETE OR TRUNCATE ON x EXECUTE FUNCTION f()'])(
    '%s is an expansion', (statement) => {
      expect(contractions(migration(`await runner.query(\`${statement}\`);`))).toEqual([]);
    },
  );
});
