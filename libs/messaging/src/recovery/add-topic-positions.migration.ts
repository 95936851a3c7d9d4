import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Up to where each database knows the topics that its service writes and reads: how it is noticed that it was put back to an earlier time. */
export class AddTopicPositions1767225600002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE topic_position (
        topic       text NOT NULL,
        partition   integer NOT NULL,
        next_offset bigint NOT NULL,
        CONSTRAINT topic_position_pkey PRIMARY KEY (topic, partition)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE topic_position');
  }
}
